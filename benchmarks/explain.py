"""`camp explain` for one customer of a large bank, from a cold start, against the floor below. `python -m benchmarks.explain`"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import bank, whole
from benchmarks.machine import machine
from dsl.program.leave import leave_out
from runtime.engines import open_engine

LIMIT = 1.0  # seconds
# The least that any such command has to do: start Python with what reads programs and Parquet, and look through every file once.
FLOOR = """
import sys, click, pydantic, sqlglot, jinja2, duckdb
data, out, key = sys.argv[1:4]
run = duckdb.connect().execute
run("SELECT * FROM read_parquet(?) WHERE id = ?", [f"{data}/customers.parquet", key]).fetchall()
run("SELECT id FROM read_parquet(?) WHERE suffix(phone, '0107')", [f"{data}/customers.parquet"]).fetchall()
for name in sys.argv[4:]:
    run("SELECT * FROM read_parquet(?) WHERE customer = ?", [f"{data}/events/{name}.parquet", key]).fetchall()
run("SELECT * FROM read_parquet(?) WHERE customer = ?", [f"{out}/outcomes.parquet", key]).fetchall()
"""


def main() -> None:
    asked = bank.sizes(times=7)
    program = leave_out(bank.program(asked.campaigns, asked.behaviours, body=whole.body), ())
    engine = open_engine("duckdb")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        data, out, key = folder / "data", folder / "out", "C000000107"  # who shares a phone
        bank.files(engine, data, asked.customers, asked.events)
        (folder / "program.json").write_text(program.model_dump_json(), encoding="utf-8")
        camp, named = str(Path(sys.executable).with_name("camp")), [str(folder / "program.json"), "--data", str(data)]
        subprocess.run([camp, "plan", *named, "--at", "2026-03-04T09:00+08:00", "-o", str(out), "--quiet"], check=True)
        told, least = [], []
        for _ in range(asked.times):  # interleaved, so that both meet the same machine
            told.append(_timed([camp, "explain", str(out), *named, "--customer", key]))
            least.append(_timed([sys.executable, "-c", FLOOR, str(data), str(out), key, *bank.EVENTS]))
    a, b = statistics.median(told), statistics.median(least)
    print(machine(engine))
    print(f"one of {asked.customers:,} customers, {asked.events:,} events, {asked.campaigns} campaigns")
    print(
        f"camp explain: median {a:.2f} s of {asked.times} ({min(told):.2f} to {max(told):.2f}; wanted: at most {LIMIT} s)"
    )
    print(f"floor: {b:.2f} s ({min(least):.2f} to {max(least):.2f}); {a / b:.2f} × the floor")


def _timed(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
