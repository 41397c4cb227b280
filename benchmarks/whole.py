"""A whole `camp plan`, from a cold start to the files, against the floor (benchmarks/floor.py). `python -m benchmarks.whole`"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks import bank
from benchmarks.machine import machine
from dsl.program.leave import leave_out
from runtime.engines import open_engine

LIMIT = 6.0


def body(number: int) -> str:
    """Windows, caps, copy of every kind, rich messages, events that start, and steps: as the example bank has them."""
    start = (
        "start once",
        "start once\n  again after 30 days",
        "start when count(app_view in last 7 days) reaches 4\n  expire after 14 days",
    )
    window = ("wed, fri 16:00-18:00", "workdays 10:00-11:00 skip holidays", "09:00-21:00", "20:00-21:30")
    channel = "rcs else sms" if number % 10 == 9 else "sms"
    limit = (
        "{% if customer.preapproved %}您的预审额度{{ customer.preapproved | wan }}{% else %}额度可在线测算{% endif %}"
    )
    benefit = "{{ customer | salutation }}，" + limit
    step = ""
    if number % 5 == 4:
        again = 'benefit "方案为您保留"; action "点击查看 {{ link }}"'
        step = f"\n  step again after 1 days unless did applied {{ message sms {{ {again} }} }}"
    return f"""{start[number % 7 % 3]}
  window {window[number % 4]}
  priority {number}
  holdout {number % 3}%
  cap 1 per 30 days
  message {channel} {{
    benefit "{benefit}"
    scene   "第{number}号活动"
    action  "点击查看 {{{{ link }}}}"
  }}{step}"""


@dataclass(frozen=True)
class Measured:
    """Seconds of each run, the most memory that the plan's process held, and what a run has decided."""

    plan: list[float]
    floor: list[float]
    peak: int
    candidates: int
    sends: int
    written: int
    kept: str

    @property
    def ratio(self) -> float:
        return statistics.median(self.plan) / statistics.median(self.floor)


def measure(
    customers: int, events: int, campaigns: int, behaviours: int, times: int, memory: str | None = None
) -> Measured:
    """`camp plan` (within `memory`, where it is given) and the floor, interleaved, so that both meet the same machine."""
    program = leave_out(bank.program(campaigns, behaviours, body=body), ())
    engine = open_engine("duckdb")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        bank.files(engine, folder / "data", customers, events)
        engine.close()  # what it holds is not the plan's to go without
        (folder / "program.json").write_text(program.model_dump_json(), encoding="utf-8")
        (folder / "floor").mkdir()
        camp, data, out = str(Path(sys.executable).with_name("camp")), str(folder / "data"), str(folder / "out")
        plan = [camp, "plan", str(folder / "program.json"), "--data", data]
        plan += ["--at", "2026-03-04T09:00+08:00", "-o", out, "--quiet", *(["--memory", memory] if memory else [])]
        floor = [sys.executable, "-m", "benchmarks.floor", data, out, str(folder / "floor")]
        whole, least, peak = [], [], 0
        for _ in range(times):
            taken, held = _timed(plan)
            whole.append(taken)
            peak = max(peak, held)
            least.append(_timed(floor)[0])
        check = [camp, "verify", out, str(folder / "program.json"), "--data", data]
        kept = subprocess.run(check, check=True, capture_output=True, text=True).stdout.splitlines()[-1]
        said = json.loads((folder / "out" / "summary.json").read_text(encoding="utf-8"))["total"]
        size = sum(file.stat().st_size for file in (folder / "out").iterdir())
    return Measured(whole, least, peak, said["audience"], said["sent"], size, kept)


def tell(found: Measured, customers: int, events: int, campaigns: int) -> None:
    print(
        f"{customers:,} customers, {events:,} events, {campaigns} campaigns; {found.candidates:,} candidates, "
        f"{found.sends:,} sends, {found.written / 1e6:.0f} MB written"
    )
    for name, times in (("camp plan", found.plan), ("floor", found.floor)):
        print(f"{name}: median {statistics.median(times):.2f} s of {len(times)} ({min(times):.2f} to {max(times):.2f})")
    print(f"most memory of camp plan: {found.peak / 2**30:.1f} GiB; camp verify: {found.kept}")


def main() -> int:
    asked = bank.sizes(times=3)
    found = measure(asked.customers, asked.events, asked.campaigns, asked.behaviours, asked.times)
    print(machine(open_engine("duckdb")))
    tell(found, asked.customers, asked.events, asked.campaigns)
    print(f"whole plan: {found.ratio:.2f} × the floor (limit {LIMIT} ×)")
    return 1 if found.ratio > LIMIT else 0


def _timed(command: list[str]) -> tuple[float, int]:
    """Seconds, and the most bytes that the process held at once."""
    start = time.perf_counter()
    running = subprocess.Popen(command)
    _, status, used = os.wait4(running.pid, 0)
    running.returncode = os.waitstatus_to_exitcode(status)
    if running.returncode:
        raise SystemExit(f"{command[:3]} ended with {running.returncode}")
    return time.perf_counter() - start, used.ru_maxrss * 1024


if __name__ == "__main__":
    sys.exit(main())
