"""A whole `camp plan`, from a cold start to the files, against the floor (benchmarks/floor.py). `python -m benchmarks.whole`"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
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


def main() -> int:
    asked = bank.sizes(times=3)
    program = leave_out(bank.program(asked.campaigns, asked.behaviours, body=body), ())
    engine = open_engine("duckdb")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        bank.files(engine, folder / "data", asked.customers, asked.events)
        (folder / "program.json").write_text(program.model_dump_json(), encoding="utf-8")
        (folder / "floor").mkdir()
        plan = [
            str(Path(sys.executable).with_name("camp")),
            "plan",
            str(folder / "program.json"),
            "--data",
            str(folder / "data"),
        ]
        plan += ["--at", "2026-03-04T09:00+08:00", "-o", str(folder / "out"), "--quiet"]
        floor = [
            sys.executable,
            "-m",
            "benchmarks.floor",
            str(folder / "data"),
            str(folder / "out"),
            str(folder / "floor"),
        ]
        whole, least = [], []
        for _ in range(asked.times):  # interleaved, so that both meet the same machine
            whole.append(_timed(plan))
            least.append(_timed(floor))
        check = [plan[0], "verify", str(folder / "out"), str(folder / "program.json"), "--data", str(folder / "data")]
        kept = subprocess.run(check, check=True, capture_output=True, text=True).stdout.splitlines()[-1]
        said = json.loads((folder / "out" / "summary.json").read_text(encoding="utf-8"))["total"]
        size = sum(file.stat().st_size for file in (folder / "out").iterdir())
    a, b = statistics.median(whole), statistics.median(least)
    print(machine(engine))
    print(
        f"{asked.customers:,} customers, {asked.events:,} events, {asked.campaigns} campaigns; {said['audience']:,} candidates, "
        f"{said['sent']:,} sends, {size / 1e6:.0f} MB written"
    )
    for name, median, times in (("camp plan", a, whole), ("floor", b, least)):
        print(f"{name}: median {median:.2f} s of {asked.times} ({min(times):.2f} to {max(times):.2f})")
    print(f"camp verify: {kept}")
    print(f"whole plan: {a / b:.2f} × the floor (limit {LIMIT} ×)")
    return 1 if a / b > LIMIT else 0


def _timed(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True)
    return time.perf_counter() - start


if __name__ == "__main__":
    sys.exit(main())
