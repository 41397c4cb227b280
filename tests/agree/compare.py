"""One program and one world through both executors; where they differ, the smallest world that still shows it.

A few texts are read one by one for banned words, many are sieved first: every other program takes the sieve. That is a choice of
the process, so that programs which run side by side in one make it together (`sieve`).
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

from sqlglot import exp

from dsl.compiler import analyse
from dsl.program.ir import Program
from dsl.program.lower import lower
from dsl.settings import Settings
from dsl.source import Source
from runtime.engines import open_engine
from runtime.execute import Session
from runtime.outcomes import COLUMNS, KEY
from runtime.reference import plan
from runtime.relational import refused
from runtime.relational.sql import col, table
from tests.agree.data import HORIZONS, INSTANTS, Maker, World, instant
from tests.agree.programs import Writer
from tests.agree.quiet import sent_in_quiet
from tests.sparks import URL

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Case:
    text: str
    program: Program
    world: World
    at: datetime
    horizon: timedelta


def make(seed: int, customers: int) -> Case:
    """A case from a seed: programs that the compiler refuses are passed over."""
    r = Random(seed)
    while True:
        text = Writer(r).program()
        found = analyse([Source("t.camp", text)])
        if found.errors == 0 and found.model is not None:
            break
    program = compiled(text)
    at = instant(r.choice(INSTANTS))
    world = Maker(r, at, program.brand.zone).world(program, customers)
    return Case(text, program, world, at, r.choice(HORIZONS))


def compiled(text: str) -> Program:
    found = analyse([Source("t.camp", text)])
    assert found.errors == 0 and found.model is not None, found.found
    return lower(found.model, Settings(zone="UTC"))


def runtime_rows(case: Case, engine: str = "duckdb") -> Rows:
    with sieve(sieved(case)), tempfile.TemporaryDirectory() as folder:
        case.world.write(case.program, Path(folder))
        opened = open_engine(engine, url=URL)
        run = Session(case.program, Path(folder), opened).run(case.at, case.horizon)
        query = exp.select(*(col(name) for name in COLUMNS)).from_(table("outcomes")).order_by(*KEY)
        rows = [dict(zip(COLUMNS, row, strict=True)) for row in run.engine.rows(query)]
        run.engine.close()
    for row in rows:
        for name, value in row.items():
            if isinstance(value, datetime):
                row[name] = value.replace(tzinfo=UTC)
    return rows


def sieved(case: Case) -> bool:
    return len(case.text) % 2 == 0


@contextmanager
def sieve(always: bool) -> Iterator[None]:
    """Whether any text at all goes through the sieve, or only many."""
    with patch.object(refused, "_FEW", 0 if always else refused._FEW):
        yield


def reference_rows(case: Case) -> Rows:
    return plan(case.program, case.world.data(), case.at, case.horizon)


def differences(case: Case, engine: str = "duckdb") -> list[str]:
    """A line for each row on which the two do not agree."""
    return compare(case, engine)[1]


def compare(case: Case, engine: str = "duckdb") -> tuple[int, list[str]]:
    """How many outcomes there are, and the differences."""
    try:
        ran = runtime_rows(case, engine)
    except Exception as error:  # noqa: BLE001 - that it stops is a difference too, and is made smaller like any other
        return 0, [f"the runtime stopped: {type(error).__name__}: {error}"]
    left, right = (
        {(row["campaign"], row["step"], row["customer"], row["occurrence"]): row for row in rows}
        for rows in (reference_rows(case), ran)
    )
    found = list(sent_in_quiet(case.program, ran))
    for key in sorted(left.keys() | right.keys()):
        a, b = left.get(key), right.get(key)
        if a is None or b is None:
            found.append(f"{key}: only the {'interpreter' if b is None else 'runtime'} has it: {a or b}")
            continue
        different = {name: (a[name], b[name]) for name in COLUMNS if a[name] != b[name]}
        if different:
            found.append(f"{key}: (interpreter, runtime) {different}; {a['outcome']}, {b['outcome']}")
    return len(left.keys() | right.keys()), found


def shrink(case: Case, engine: str = "duckdb") -> Case:
    """Drop customers, events and past decisions one at a time while the executors still differ."""
    for part in ("customers", "events", "ledger"):
        at = 0
        while at < len(rows := getattr(case.world, part)):
            if part == "customers" and len(rows) == 1:
                break
            smaller = replace(case, world=replace(case.world, **{part: rows[:at] + rows[at + 1 :]}))
            if differences(smaller, engine):
                case = smaller
            else:
                at += 1
    return case
