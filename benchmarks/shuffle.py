"""What a run on Spark shuffles, table by table, at three sizes: whether it grows as the rows do, and what that makes of a large
bank.

`python -m benchmarks.shuffle`, with `--events 1000000,2000000,4000000` and `--campaigns`. Each size is a plan on local[2] in a
process of its own, over a fifth as many customers as events; joins of more than 256 kB may not be broadcast, as those of a
large bank could not be. Bytes are those that Spark's stages wrote for others to fetch, compressed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks import bank, whole
from benchmarks.machine import machine
from dsl.program.leave import leave_out
from runtime.engines import open_engine
from runtime.execute import Session
from runtime.publish import publish
from runtime.summary import summarise

AT, HORIZON = datetime.fromisoformat("2026-03-04T09:00+08:00"), timedelta(days=1)
SMALL = 256 * 1024  # bytes of a join that may be broadcast: parts, zones and openings, which do not grow with the bank
BEYOND = {"100 M customers, 500 M events": 500_000_000, "1 B customers, 5 B events": 5_000_000_000}
FEW = 0.01  # of all bytes: tables that shuffle less are told together
_OURS = ("_keep", "_settle", "write", "rows", "arrays")
Found = dict[str, dict[str, int]]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", default="1000000,2000000,4000000")
    parser.add_argument("--campaigns", type=int, default=20)
    parser.add_argument("--one", type=int, help="Measure one size, and say it as JSON.")
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(measured(asked.one, asked.campaigns)))
        return
    sizes = sorted({int(size) for size in asked.events.split(",") if size.isdecimal()})
    if len(sizes) != 3:
        parser.error(
            "--events takes three sizes, as 1000000,2000000,4000000: the third is held against a line through the others"
        )
    engine = open_engine("spark", url="local[1]")
    print(machine(engine))
    engine.close()
    found = {size: _apart(size, asked.campaigns) for size in sizes}
    for size, one in found.items():
        total = _total(one["tables"], "bytes")
        said = (
            f"{size // 5:,} customers, {size:,} events, {asked.campaigns} campaigns, {one['candidates']:,} candidates"
        )
        print(
            f"{said}: {one['seconds']:.0f} s, {_total(one['tables'], 'stages')} stages, {total / 1e6:,.0f} MB shuffled"
        )
    tell({size: one["tables"] for size, one in found.items()})


def tell(found: dict[int, Found]) -> None:
    """Bytes by table and event at each size; by the first two what the last should be, and a large bank's."""
    first, second, last = sorted(found)
    line = _line({size: _total(tables, "bytes") for size, tables in found.items()}, first, second)
    all_of_it = _total(found[last], "bytes")
    names = sorted(found[last], key=lambda name: -found[last][name]["bytes"])
    large = [name for name in names if found[last][name]["bytes"] >= FEW * all_of_it]
    heads = "".join(f"{size / 1e6:>8g} M" for size in sorted(found))
    print(f"{'table':18} {'stages':>6} {'rows':>12}   bytes for each event at{heads}")
    for name in large:
        of = found[last][name]
        each = "".join(
            f"{tables.get(name, {'bytes': 0})['bytes'] / size:10.2f}" for size, tables in sorted(found.items())
        )
        print(f"{name:18} {of['stages']:6} {of['records']:12,}                         {each}")
    rest = sum(found[last][name]["bytes"] for name in names if name not in large)
    each = "".join(f"{_total(tables, 'bytes') / size:10.2f}" for size, tables in sorted(found.items()))
    print(
        f"{'all':18} {_total(found[last], 'stages'):6} {_total(found[last], 'records'):12,}                         {each}"
    )
    print(
        f"{len(names) - len(large)} more tables and questions together: {rest / 1e6:,.1f} MB at {last / 1e6:g} M events"
    )
    print(
        f"a line through the first two sizes, at the last: {line(last) / 1e6:,.0f} MB; measured {all_of_it / 1e6:,.0f} MB"
    )
    print(f"so it is off by {abs(line(last) / all_of_it - 1):.1%}")
    for name, events in BEYOND.items():
        print(f"carried to {name}: {line(events) / 1e9:,.1f} GB")


def measured(events: int, campaigns: int) -> dict[str, Any]:
    """Seconds, candidates, and of each table and question its stages, and the bytes and rows that they shuffled."""
    from runtime.engines.spark import engine as module
    from runtime.engines.spark import few

    few.SMALL = few.HELD = 0  # as large data are treated, whatever their size
    for name in _OURS:
        setattr(module.Spark, name, _named(name, getattr(module.Spark, name)))
    program = leave_out(bank.program(campaigns, 60, body=whole.body), ())
    with tempfile.TemporaryDirectory() as place:
        folder, embedded = Path(place), open_engine("duckdb")
        bank.files(embedded, folder / "data", events // 5, events)
        embedded.close()
        engine: Any = open_engine("spark", url="local[2]")
        for setting in ("spark.sql.autoBroadcastJoinThreshold", "spark.sql.adaptive.autoBroadcastJoinThreshold"):
            engine._spark.conf.set(setting, str(SMALL))
        begun = time.perf_counter()
        run = Session(program, folder / "data", engine).run(AT, HORIZON)
        summary = summarise(run)
        publish(run, summary, folder / "out")
        taken = time.perf_counter() - begun
        tables = _stages(engine._spark.sparkContext)
        engine.close()
    return {"seconds": taken, "candidates": summary.total.audience, "tables": tables}


def _named(method: str, does: Callable[..., Any]) -> Callable[..., Any]:
    """Whatever Spark does meanwhile is told by the table's name."""

    def within(self: Any, *asked: Any) -> Any:
        name = asked[0] if method in ("_keep", "_settle") else f"({'files' if method == 'write' else 'questions'})"
        self._spark.sparkContext.setJobDescription(name)
        try:
            return does(self, *asked)
        finally:
            self._spark.sparkContext.setJobDescription("(else)")

    return within


def _stages(context: Any) -> Found:
    """What Spark's own bookkeeping says of all stages so far."""
    gateway = context._gateway
    quantiles, states = gateway.new_array(gateway.jvm.double, 0), gateway.jvm.java.util.ArrayList()
    stages = context._jsc.sc().statusStore().stageList(None, False, False, quantiles, states)
    found: Found = defaultdict(lambda: {"stages": 0, "bytes": 0, "records": 0})
    for at in range(stages.size()):
        stage = stages.apply(at)
        if stage.status().toString() != "COMPLETE":
            continue  # what another stage had made already
        described = stage.description()
        of = found[described.get() if described.isDefined() else "(else)"]
        of["stages"] += 1
        of["bytes"] += stage.shuffleWriteBytes()
        of["records"] += stage.shuffleWriteRecords()
    return dict(found)


def _apart(events: int, campaigns: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.shuffle", "--one", str(events), "--campaigns", str(campaigns)]
    said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=os.environ).stdout
    found: dict[str, Any] = json.loads(said.splitlines()[-1])
    return found


def _total(tables: Found, what: str) -> int:
    return sum(one[what] for one in tables.values())


def _line(of: dict[int, int], first: int, second: int) -> Callable[[int], float]:
    slope = (of[second] - of[first]) / (second - first)
    return lambda size: of[first] + slope * (size - first)


if __name__ == "__main__":
    main()
