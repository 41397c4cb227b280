"""A whole `camp plan` within a limit on memory, against one without: how long, and how much it holds.

`python -m benchmarks.memory`, with `--memory`, `--customers`, `--events` for other sizes. Both are processes from a cold start,
whose outcomes have to be the same.
"""

from __future__ import annotations

import argparse
import filecmp
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks import bank, whole
from benchmarks.machine import machine
from dsl.program.leave import leave_out
from runtime.engines import open_engine

LIMIT, OVER = 1.5, 1.2  # times as long, and as much


def main() -> int:
    asked = sizes()
    with tempfile.TemporaryDirectory() as place:
        folder, engine = Path(place), open_engine("duckdb")
        program = leave_out(bank.program(asked.campaigns, asked.behaviours, body=whole.body), ())
        (folder / "program.json").write_text(program.model_dump_json(), encoding="utf-8")
        bank.files(engine, folder / "data", asked.customers, asked.events)
        print(machine(engine))
        engine.close()
        plan = [str(Path(sys.executable).with_name("camp")), "plan", str(folder / "program.json")]
        plan += ["--data", str(folder / "data"), "--at", "2026-03-04T09:00+08:00", "--quiet"]
        bounded, free = [], []
        for _ in range(asked.times):  # interleaved, so that both meet the same machine
            bounded.append(measured([*plan, "-o", str(folder / "bounded"), "--memory", asked.memory]))
            free.append(measured([*plan, "-o", str(folder / "free")]))
        same = filecmp.cmp(folder / "bounded" / "outcomes.parquet", folder / "free" / "outcomes.parquet", shallow=False)
        said = json.loads((folder / "free" / "summary.json").read_text(encoding="utf-8"))["total"]
    size = f"{asked.customers:,} customers, {asked.events:,} events, {asked.campaigns} campaigns"
    print(f"{size}; {said['audience']:,} candidates, {said['sent']:,} sends; the same outcomes: {same}")
    for name, found in ((f"--memory {asked.memory}", bounded), ("unlimited", free)):
        times, peaks = zip(*found, strict=True)
        print(f"{name}: median {statistics.median(times):.1f} s of {asked.times}, peak RSS {max(peaks) / 1e6:,.0f} MB")
    ratio = statistics.median(time for time, _ in bounded) / statistics.median(time for time, _ in free)
    over = max(peak for _, peak in bounded) / asked.bytes
    print(f"within the limit: {ratio:.2f} × as long (limit {LIMIT} ×), {over:.2f} × its memory (limit {OVER} ×)")
    return 1 if ratio > LIMIT or over > OVER or not same else 0


def sizes() -> argparse.Namespace:
    from runtime.cli.inputs import Size

    parser = argparse.ArgumentParser()
    parser.add_argument("--memory", default="2GB")
    for name, default in {
        "customers": 6_000_000,
        "events": 30_000_000,
        "campaigns": 50,
        "behaviours": 60,
        "times": 3,
    }.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    asked = parser.parse_args()
    asked.bytes = Size().convert(asked.memory, None, None)
    return asked


# A process that begins from a large one is counted as large: between them stands one that holds nothing.
_BETWEEN = """
import resource, subprocess, sys, time
start = time.perf_counter()
code = subprocess.run(sys.argv[1:]).returncode
print(time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)
sys.exit(code)
"""


def measured(command: list[str]) -> tuple[float, int]:
    """Seconds, and the most bytes that the process held at a time."""
    said = subprocess.run([sys.executable, "-c", _BETWEEN, *command], check=True, capture_output=True, text=True)
    seconds, peak = said.stdout.split()
    return float(seconds), int(peak)


if __name__ == "__main__":
    sys.exit(main())
