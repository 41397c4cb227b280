"""A year of daily runs in one process, with a ledger, over a real grocer's data; then `camp verify`. `python -m benchmarks.year`

The funnel at the end is held against plain SQL over the data: who was targeted is decided about, once.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from benchmarks import grocer
from benchmarks.machine import machine
from dsl.compiler import analyse
from dsl.program.ir import Program
from dsl.program.lower import lower
from dsl.settings import Settings
from dsl.source import Source
from runtime.engines import open_engine
from runtime.runs import Runs
from runtime.summary import summarise
from runtime.verify import verify

LIMIT = 300.0
FIRST = datetime(grocer.YEAR, 1, 1, 13, tzinfo=UTC)  # eight in the morning in New York


def compiled(folder: Path) -> Program:
    found = analyse([Source("all.camp", (folder / "bank" / "all.camp").read_text(encoding="utf-8"))])
    assert found.model is not None and not found.errors, [(one.code, one.message) for one in found.found]
    return lower(found.model, Settings(zone="UTC"))


def run(folder: Path, days: int, program: Program) -> list[float]:
    """Seconds that each day took, from reading to the commit."""
    runs = Runs(program, folder / "data", folder / "l.duckdb")
    taken = []
    for day in range(days):
        begun = time.perf_counter()
        found, _ = runs.run(FIRST + timedelta(days=day), timedelta(days=1))
        runs.commit(found, summarise(found))
        taken.append(time.perf_counter() - begun)
    runs.close()
    return taken


def funnel(folder: Path) -> list[tuple[str, int, int, int, int, int, int]]:
    """By campaign: entries decided about, sent, control, expired, open; and steps sent."""
    with duckdb.connect(str(folder / "l.duckdb"), read_only=True) as held:
        return held.execute("""
            SELECT campaign, count(*) FILTER (step = 'entry'), count(*) FILTER (step = 'entry' AND outcome = 'send'),
              count(*) FILTER (step = 'entry' AND outcome = 'control'), count(*) FILTER (step = 'entry' AND outcome = 'expired'),
              count(*) FILTER (step = 'entry' AND outcome IN ('deferred', 'suppressed')),
              count(*) FILTER (step <> 'entry' AND outcome = 'send')
            FROM standing GROUP BY campaign ORDER BY campaign""").fetchall()


def wrong(folder: Path, last: datetime) -> list[str]:
    """What the data say in plain SQL and the funnel does not: of each campaign that had begun, who was targeted is an entry."""
    counted = {row[0]: row[1] for row in funnel(folder)}
    data = folder / "data"
    query = f"""SELECT 'c' || t.campaign, count(DISTINCT t.customer) FROM '{data}/events/targeted.parquet' t
        JOIN '{data}/customers.parquet' c ON c.id = t.customer WHERE t."at" <= TIMESTAMP '{last:%Y-%m-%d %H:%M:%S}'
          AND t."at" >= TIMESTAMP '{grocer.YEAR}-01-01' GROUP BY 1 ORDER BY 1"""
    targeted = dict(duckdb.sql(query).fetchall())
    return [
        f"{name}: {counted.get(name, 0)} of {count}"
        for name, count in targeted.items()
        if counted.get(name, 0) != count
    ]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--days", type=int, default=365)
    days = parser.parse_known_args()[0].days
    print(machine(open_engine("duckdb")))
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        grocer.make(folder)
        program = compiled(folder)
        begun = time.perf_counter()
        taken = run(folder, days, program)
        whole = time.perf_counter() - begun
        for row in funnel(folder):
            print(
                "{:<10}{:>8,} entries: {:>7,} sent, {:>5,} control, {:>6,} expired, {:>5,} open; {:>6,} steps".format(
                    *row
                )
            )
        checks = verify(program, folder / "l.duckdb", folder / "data")
        broken = [one for one in checks if one.broken]
        size = (folder / "l.duckdb").stat().st_size / 1e6
        differing = wrong(folder, FIRST + timedelta(days=days - 1))
        print(f"against plain SQL: {len(differing)} campaigns differ {differing or ''}")
    for one in broken:
        print(f"{one.promise}: {one.broken} of {one.looked}")
    print(
        f"camp verify: {len(checks) - len(broken)} promises kept, {len(broken)} broken; the ledger holds {size:.0f} MB"
    )
    print(f"a day takes {statistics.median(taken):.2f} s (first {taken[0]:.2f}, last {taken[-1]:.2f})")
    print(f"{days} daily runs: {whole:.0f} s (limit {LIMIT:.0f} s for 365)")


if __name__ == "__main__":
    main()
