"""Matching at 2 M customers with 100 and with 1,000 campaigns, against a query each and against Polars.

`python -m benchmarks.campaigns`. How ours grows: the time with 1,000 campaigns by that with 100, the same behaviours in both.
No garbage is searched for while one of the three is timed: `camp plan` does not (runtime/cli/manners.py), and what a program of a
thousand campaigns consists of would be looked at again and again.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import time

import polars as pl

from benchmarks import bank, frames, plain
from benchmarks.machine import machine
from benchmarks.matching import _forget
from runtime.engines import open_engine
from runtime.relational.match import Matching

WANTED = {100: (4.0, 1.5), 1_000: (12.0, 3.0)}  # against a query each, against Polars
GROWTH = 2.5


def main() -> dict[int, float]:
    parser = argparse.ArgumentParser()
    for name, usual in {"customers": 2_000_000, "events": 10_000_000, "behaviours": 150, "times": 5}.items():
        parser.add_argument(f"--{name}", type=int, default=usual)
    asked = parser.parse_args()
    gc.disable()
    engine = open_engine("duckdb")
    events = bank.tables(engine, asked.customers, asked.events)
    tables = frames.frames(engine, events)
    print(f"{machine(engine)}, polars {pl.__version__}")
    print(f"{asked.customers:,} customers, {asked.events:,} events, {asked.behaviours} behaviours")
    ours: dict[int, float] = {}
    for campaigns, (by_query, by_frames) in WANTED.items():
        program = bank.program(campaigns, asked.behaviours)
        matching = Matching(program, refusals=False)
        shared, each, framed = [], [], []
        for turn in range(asked.times):  # interleaved, so that all meet the same machine
            _forget(engine)
            gc.collect()
            begun = time.perf_counter()
            matching.run(engine, bank.AT, events)
            shared.append(time.perf_counter() - begun)
            if turn < 3:  # of what takes a minute, three
                begun = time.perf_counter()
                _each(engine, program, events)
                each.append(time.perf_counter() - begun)
                same = _counts(engine, len(program.campaigns))
            begun = time.perf_counter()
            found = frames.matched(program, bank.AT, tables)
            framed.append(time.perf_counter() - begun)
        same = same and _alike(engine, found)
        ours[campaigns], queries, polars = (statistics.median(times) for times in (shared, each, framed))
        print(f"{campaigns:,} campaigns, {len(found):,} matches; the same in all three: {same}")
        for name, taken, times in (
            ("camp", ours[campaigns], shared),
            ("a query each", queries, each),
            ("polars", polars, framed),
        ):
            spread = f"({min(times):.2f} to {max(times):.2f})"
            print(f"  {name:13} median {taken:6.2f} s of {len(times)} {spread}")
        print(f"  a query each: {queries / ours[campaigns]:.1f} × ours (wanted {by_query} ×)")
        print(f"  polars: {polars / ours[campaigns]:.1f} × ours (wanted {by_frames} ×)")
    print(f"1,000 campaigns against 100: {ours[1_000] / ours[100]:.2f} × (limit {GROWTH} ×)")
    return ours


def _each(engine: object, program: object, events: dict[str, str]) -> None:
    for number, campaign in enumerate(program.campaigns):  # type: ignore[attr-defined]
        engine.create(f"single{number}", plain.query(campaign, bank.AT, events))  # type: ignore[attr-defined]


def _alike(engine: object, found: pl.DataFrame) -> bool:
    ours = pl.from_arrow(engine._db._db.sql("SELECT CAST(id AS BIGINT) AS id, n FROM matched").to_arrow_table())  # type: ignore[attr-defined]
    return bool(ours.sort("n", "id").equals(found.select("id", "n").sort("n", "id")))


def _counts(engine: object, campaigns: int) -> bool:
    """Whether each campaign's query has found exactly ours."""
    run = engine._run  # type: ignore[attr-defined]
    for n in range(campaigns):
        query = f"SELECT count(*) FROM (SELECT id FROM matched WHERE n = {n}) m FULL JOIN single{n} s USING (id)"
        alone = "WHERE m.id IS NULL OR s.id IS NULL"
        if run(f"{query} {alone}").fetchone()[0]:
            return False
    return True


if __name__ == "__main__":
    main()
