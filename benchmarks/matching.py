"""Matching (features and candidates) for all campaigns at once, against one query for each. `python -m benchmarks.matching`"""

from __future__ import annotations

import statistics
import time

from sqlglot import exp

from benchmarks import bank, plain
from benchmarks.machine import machine
from runtime.engines import open_engine
from runtime.engines.base import Engine
from runtime.relational.match import Matching
from runtime.relational.sql import col, num, table


def main() -> dict[str, object]:
    asked = bank.sizes(times=5)
    program = bank.program(asked.campaigns, asked.behaviours)
    engine = open_engine("duckdb")
    events = bank.tables(engine, asked.customers, asked.events)
    matching = Matching(program, refusals=False)
    shared, single = [], []
    for _ in range(asked.times):  # interleaved, so that both meet the same machine
        _forget(engine)
        shared.append(_timed(lambda: matching.run(engine, bank.AT, events)))
        single.append(_timed(lambda: _each(engine, program, events)))
    same = all(_matched(engine, number) == _found(engine, number) for number in range(len(program.campaigns)))
    rows = engine.rows(exp.select("count(*)").from_(table("matched")))[0][0]
    a, b = statistics.median(shared), statistics.median(single)
    print(machine(engine))
    size = f"{asked.customers:,} customers, {asked.events:,} events, {asked.campaigns} campaigns"
    print(f"{size}, {asked.behaviours} behaviours: {rows:,} matches")
    print(f"all at once: median {a:.2f} s of {asked.times}; one query a campaign: {b:.2f} s; the same matches: {same}")
    print(f"ratio {b / a:.2f}")
    return {"shared": a, "single": b, "ratio": b / a, "same": same}


def _timed(work: object) -> float:
    start = time.perf_counter()
    work()  # type: ignore[operator]
    return time.perf_counter() - start


def _each(engine: Engine, program: object, events: dict[str, str]) -> None:
    for number, campaign in enumerate(program.campaigns):  # type: ignore[attr-defined]
        engine.create(f"single{number}", plain.query(campaign, bank.AT, events))


def _forget(engine: Engine) -> None:
    """Everything that matching makes; what it reads stays."""
    kept = ("customers", "zones", *(f"event_{name}" for name in (*bank.EVENTS, "opted_out")))
    names = engine._run("SELECT table_name FROM duckdb_tables()").fetchall()  # type: ignore[attr-defined]
    for (name,) in names:
        if name not in kept:
            engine._run(f'DROP TABLE "{name}"')  # type: ignore[attr-defined]


def _matched(engine: Engine, number: int) -> list[tuple[object, ...]]:
    held = exp.EQ(this=col("n"), expression=num(number))
    return engine.rows(exp.select("id").from_(table("matched")).where(held).order_by("id"))


def _found(engine: Engine, number: int) -> list[tuple[object, ...]]:
    return engine.rows(exp.select("id").from_(table(f"single{number}")).order_by("id"))


if __name__ == "__main__":
    main()
