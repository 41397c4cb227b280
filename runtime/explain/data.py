"""The loader's tables as the interpreter is given them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlglot import exp

from dsl.program.ir import Program
from runtime.engines.base import Engine
from runtime.reference.data import Data, Event
from runtime.relational.loading import Loaded
from runtime.relational.sql import col, instant, table

_INSTANTS = ("at", "started_at", "decided_at")
_DECIDED = (
    "campaign",
    "step",
    "customer",
    "occurrence",
    "outcome",
    "kind",
    "zone",
    "recipient",
    "channel",
    "local_date",
    "cost",
)


def data(engine: Engine, program: Program, loaded: Loaded, refused: Mapping[str, set[str]]) -> Data:
    """Every accepted row. `refused`: event → ids that a run has refused, since they stand for another's event too."""
    names = [spec.name for spec in program.customer]
    shown = [col("id"), *(col(f"f_{name}") for name in names)]
    rows = engine.rows(exp.select(*shown).from_(table("customers")))
    people = {number: dict(zip(names, values, strict=True)) for number, *values in rows}
    key = next(spec.name for spec in program.customer if spec.base == "key")
    events: dict[str, dict[str, list[Event]]] = {}
    for spec in program.events:
        if spec.name in loaded.events:
            properties = [one.name for one in spec.properties]
            shown = [col(name) for name in ("id", "at", "eid", *(f"p_{name}" for name in properties))]
            by: dict[str, list[Event]] = {}
            for number, at, eid, *values in engine.rows(exp.select(*shown).from_(table(loaded.events[spec.name]))):
                if eid not in refused.get(spec.name, ()):
                    one = Event(eid, instant(at), dict(zip(properties, values, strict=True)))
                    by.setdefault(people[number][key], []).append(one)
            events[spec.name] = by
    return Data(list(people.values()), events, _ledger(engine) if loaded.decided else [])


def _ledger(engine: Engine) -> list[dict[str, Any]]:
    shown = [col(name) for name in (*_INSTANTS, *_DECIDED)]
    query = exp.select(*shown).from_(table("judged_ledger")).where("reason IS NULL").order_by("__row")
    found = []
    for row in engine.rows(query):
        instants = {name: None if at is None else instant(at) for name, at in zip(_INSTANTS, row, strict=False)}
        found.append(instants | dict(zip(_DECIDED, row[len(_INSTANTS) :], strict=True)))
    return found
