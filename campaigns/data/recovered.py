"""Whether the report of the simulated month finds what is true of it: `python recovered.py FOLDER/truth.json REPORT/report.json`.

Counts have to be those that happened; shares may miss the truth by what chance explains; bounds of lifts have to hold the truth.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from math import sqrt
from pathlib import Path
from typing import Any

import truth

DEVIATIONS = 4.5  # standard deviations: a true share misses by more once in a hundred and fifty thousand times


def judged(known: dict[str, Any], report: dict[str, Any]) -> Iterator[tuple[str, bool]]:
    """Each finding with whether it is right."""
    said = known["said"]
    sent = sum(one["sent"] for one in known["campaigns"].values())
    found = report["totals"]
    for name, least in (("sent", sent), ("delivered", said["delivered"]), ("clicked", said["clicked"])):
        yield f"{name}: {found[name]:,} told, {least:,} happened", found[name] == least
    yield _near("delivered of sent", found["delivered"], sent, truth.DELIVERED)
    for one in report["campaigns"]:
        likely = known["campaigns"].get(one["name"])
        if likely and likely["sent"] >= 100:
            yield _near(
                f"{one['name']}: clicked", one["totals"]["clicked"], likely["sent"], likely["clicked"] / likely["sent"]
            )
        for experiment in one["experiments"]:
            if experiment["kind"] == "arms" and likely:
                yield from _lifts(one["name"], experiment, likely)
    for name, share in (("approval", truth.APPROVED), ("satisfaction", truth.SATISFIED)):
        shares = [
            m["share"] for one in report["campaigns"] for m in one["measures"] if m["name"] == name and m["share"]
        ]
        count, of = sum(one["count"] for one in shares), sum(one["of"] for one in shares)
        if name == "satisfaction" and of:
            yield _near(name, count, of, share)
        elif of:  # who applied in the last days is not answered yet
            yield (
                f"{name}: {count / of:.1%}, the truth is at most {share:.1%}",
                count / of <= share + DEVIATIONS * _deviation(share, of),
            )


def _lifts(name: str, experiment: dict[str, Any], likely: dict[str, float]) -> Iterator[tuple[str, bool]]:
    for one in experiment["comparisons"]:
        true = [likely[f"{arm} reached"] / likely[f"{arm} sent"] for arm in (one["group"], one["against"])]
        lift = true[0] - true[1]
        bounds = f"{one['low']:+.1%} to {one['high']:+.1%}"
        told = f"{name}: {one['group']} against {one['against']}: {one['verdict']}, {bounds}; the truth is {lift:+.1%}"
        yield told, one["low"] <= lift <= one["high"]


def _near(what: str, count: int, of: int, share: float) -> tuple[str, bool]:
    told = f"{what}: {count / of:.1%} of {of:,}; the truth is {share:.1%}"
    return told, abs(count / of - share) <= DEVIATIONS * _deviation(share, of)


def _deviation(share: float, of: int) -> float:
    return sqrt(share * (1 - share) / of)


def main(known: Path, report: Path) -> None:
    found = list(judged(*(json.loads(one.read_text(encoding="utf-8")) for one in (known, report))))
    for told, right in found:
        print(f"{'ok' if right else 'FAIL':<5}{told}")
    wrong = sum(not right for _, right in found)
    print(f"{len(found) - wrong} findings of the report are true, {wrong} are not")
    if wrong:
        raise SystemExit(1)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
