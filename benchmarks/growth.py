"""A whole `camp plan` against the number of customers and against that of campaigns, the floor beside it, with a chart of each.

`python -m benchmarks.growth`. The charts go to docs/charts; altair and vl-convert (extra `bench`) draw them.
"""

from __future__ import annotations

import argparse
import statistics
from pathlib import Path

import altair as alt

from benchmarks.machine import machine
from benchmarks.whole import Measured, measure
from runtime.engines import open_engine

CHARTS = Path(__file__).parent.parent / "docs" / "charts"
CUSTOMERS, CAMPAIGNS = (100_000, 300_000, 1_000_000, 3_000_000), (10, 30, 100, 300)
MANY, FEW = 300_000, 100  # customers where campaigns grow, and campaigns where customers do
BEHAVIOURS = 120


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--times", type=int, default=3)
    times = parser.parse_args().times
    print(machine(open_engine("duckdb")), flush=True)
    by_customers = {size: _measured(size, FEW, times) for size in CUSTOMERS}
    by_campaigns = {count: by_customers[MANY] if count == FEW else _measured(MANY, count, times) for count in CAMPAIGNS}
    CHARTS.mkdir(exist_ok=True)
    _draw(by_customers, "customers", f"{FEW} campaigns")
    _draw(by_campaigns, "campaigns", f"{MANY:,} customers")


def _measured(customers: int, campaigns: int, times: int) -> Measured:
    found = measure(customers, customers * 5, campaigns, BEHAVIOURS, times)
    plan, floor = statistics.median(found.plan), statistics.median(found.floor)
    size = f"{customers:>9,} customers, {campaigns:>3} campaigns: {found.sends:>9,} sends"
    print(f"{size}; plan {plan:6.2f} s, floor {floor:6.2f} s, medians of {times}: {plan / floor:.2f} ×", flush=True)
    return found


def _draw(found: dict[int, Measured], what: str, at: str) -> None:
    """A chart of seconds, both axes logarithmic, so that what grows alike is parallel."""
    rows = [
        {what: size, "seconds": statistics.median(times), "what": name}
        for size, one in found.items()
        for name, times in (("camp plan", one.plan), ("floor", one.floor))
    ]
    ticks = alt.Axis(values=list(found), format="~s")
    chart = (
        alt.Chart(alt.Data(values=rows), title=f"Seconds against {what}, {at}", width=420, height=260)
        .mark_line(point=True)
        .encode(
            x=alt.X(f"{what}:Q", scale=alt.Scale(type="log"), axis=ticks),
            y=alt.Y("seconds:Q", scale=alt.Scale(type="log")),
            color=alt.Color("what:N", title=None),
        )
    )
    chart.save(str(CHARTS / f"{what}.svg"))


if __name__ == "__main__":
    main()
