"""`camp ingest` of many events, against the engine's own copy of the same file into a table. `python -m benchmarks.ingest`

Both are whole processes, from a cold start to a file that is written: a fresh ledger and a fresh database. The copy reads the
columns as text and instants, looks at nothing and keeps every row.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import bank
from benchmarks.machine import machine
from runtime.engines import open_engine

LIMIT = 3.0
COPY = """
import sys, duckdb
source, target = sys.argv[1:]
run = duckdb.connect(target).execute
run(f"CREATE TABLE events AS SELECT * FROM '{source}'")
"""
EVENTS = """
SELECT 'e' || i AS id, 'C' || lpad((hash(i) % 1000000)::VARCHAR, 9, '0') AS customer,
  strftime(TIMESTAMP '2026-01-01' + INTERVAL (hash(i + 1) % 5000000) SECOND, '%Y-%m-%d %H:%M:%S') AS "at",
  CASE hash(i + 2) % 4 WHEN 0 THEN 'loan' WHEN 1 THEN 'card' WHEN 2 THEN 'home' ELSE 'wealth' END AS page
FROM range(@COUNT) t (i)
"""
PROGRAM = """
brand b "B" { zone "Asia/Shanghai"; currency CNY; phones "CN" }
customer { id key; phone phone? }
event view { page text }
campaign c "C" { kind benefit; policy p; runs 2026-01-01..2026-12-31
  audience { did view in last 7 days }
  start once
  message sms { text "x" } }
policy p { cap 1 per day }
"""


def main() -> None:
    asked = bank.sizes(times=5, events=1_000_000)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "bank").mkdir()
        (folder / "bank" / "all.camp").write_text(PROGRAM, encoding="utf-8")
        camp = str(Path(sys.executable).with_name("camp"))
        subprocess.run(
            [camp, "compile", str(folder / "bank"), "-o", str(folder / "p.json")], check=True, capture_output=True
        )
        for form in ("csv", "parquet"):
            source = folder / f"events.{form}"
            _make(source, asked.events)
            times: dict[str, list[float]] = {"ingest": [], "copy": []}
            for _ in range(asked.times):
                ledger, other = folder / "l.duckdb", folder / "o.duckdb"
                for file in (ledger, other):
                    file.unlink(missing_ok=True)
                take = [camp, "ingest", str(folder / "p.json"), "view", str(source), "--ledger", str(ledger), "-q"]
                times["ingest"].append(_timed(take))
                times["copy"].append(_timed([sys.executable, "-c", COPY, str(source), str(other)]))
            _tell(form, asked.events, times)


def _make(path: Path, count: int) -> None:
    import duckdb

    form = "FORMAT csv, HEADER" if path.suffix == ".csv" else "FORMAT parquet"
    duckdb.sql(f"COPY ({EVENTS.replace('@COUNT', str(count))}) TO '{path}' ({form})")


def _timed(command: list[str]) -> float:
    begun = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - begun


def _tell(form: str, count: int, times: dict[str, list[float]]) -> None:
    if form == "csv":
        print(machine(open_engine("duckdb")))
    middle = {name: statistics.median(found) for name, found in times.items()}
    spread = {name: f"{min(found):.2f} to {max(found):.2f}" for name, found in times.items()}
    print(f"{count:,} events as {form}: camp ingest {middle['ingest']:.2f} s ({spread['ingest']}),", end=" ")
    ratio = middle["ingest"] / middle["copy"]
    print(f"the engine's copy {middle['copy']:.2f} s ({spread['copy']}): {ratio:.2f} × (wanted {LIMIT} ×)")


if __name__ == "__main__":
    main()
