"""Which segments each customer belongs to: behaviour as of the period's first instant, fields as they are now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlglot import exp

from dsl.program.ir import Program
from runtime.engines.base import Engine
from runtime.relational import zones
from runtime.relational.bits import Bits
from runtime.relational.features import Features
from runtime.relational.sql import col, micros, named, table, text, union


def build(engine: Engine, program: Program, events: Mapping[str, str], since: datetime) -> None:
    """`segments`: id and the segment's name, a row for each that holds."""
    engine.insert("segments", {"id": "BIGINT", "segment": "VARCHAR"}, [])
    if not program.segments:
        return
    zones.today(engine, since)
    features = Features()
    bits = Bits(features)
    tests = [one.when for one in program.segments]
    features.collect(tests)
    bits.collect(tests)
    features.build(engine, micros(since), dict(events))
    query = exp.select("c.id", *bits.columns(), *(col(name, "f") for name in features.columns))
    query = query.from_(table("customers", "c")).join(table("zones", "z"), on="z.zone = c.zone")
    engine.create("segment_bits", query.join(table("features", "f"), on="f.id = c.id"))
    found = [
        exp.select("id", named(text(one.name), "segment")).from_(table("segment_bits")).where(bits.test(one.when))
        for one in program.segments
    ]
    engine.create("segments", union(found))
