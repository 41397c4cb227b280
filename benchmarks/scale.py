"""A whole `camp plan` at ten million customers: against the floor, its memory, its growth. `python -m benchmarks.scale`"""

from __future__ import annotations

import argparse
import statistics
import sys

from benchmarks.machine import machine
from benchmarks.whole import measure, tell
from runtime.engines import open_engine

FLOOR, GROWTH, MEMORY = 3.0, 11.0, 8 * 2**30


def main() -> int:
    parser = argparse.ArgumentParser()
    for name, usual in {"customers": 10_000_000, "campaigns": 100, "behaviours": 120, "times": 3}.items():
        parser.add_argument(f"--{name}", type=int, default=usual)
    parser.add_argument("--memory", default="7GB", help="of the plan; its process may hold a fifth more")
    asked = parser.parse_args()
    print(machine(open_engine("duckdb")))
    found = []
    for customers in (asked.customers // 10, asked.customers):
        found.append(measure(customers, customers * 5, asked.campaigns, asked.behaviours, asked.times, asked.memory))
        tell(found[-1], customers, customers * 5, asked.campaigns)
        print(f"whole plan: {found[-1].ratio:.2f} × the floor (wanted {FLOOR} ×)", flush=True)
    few, many = (statistics.median(one.plan) for one in found)
    print(
        f"--memory {asked.memory}, {MEMORY / 2**30:.0f} GiB wanted; ten times the customers: {many / few:.1f} × the time "
        f"(wanted {GROWTH} ×)"
    )
    return int(found[-1].ratio > FLOOR or many / few > GROWTH or found[-1].peak > MEMORY)


if __name__ == "__main__":
    sys.exit(main())
