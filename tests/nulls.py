"""Experiments made up with known rates, looked at every day: how often a lift is told that is not there, or missed that is.

`python -m tests.nulls` runs 10,000 of each kind and writes their figures into docs/experiments.md; the suite runs fewer.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np

from runtime.experiments.compare import RATIO_ERROR, RATIO_WEIGHT
from runtime.experiments.lift import lift_bounds, people_needed
from runtime.experiments.mixture import log_evidence

PAGE = Path(__file__).parent.parent / "docs" / "experiments.md"
BEGIN, END = "<!-- python -m tests.nulls -->", "<!-- end -->"
SEED, DAYS = 9, 60
Bounds = Callable[..., Any]


@dataclass(frozen=True)
class Made:
    """season: rates go up and down by that part, once a week. real: shares in truth, where they are not as planned."""

    name: str
    shares: tuple[float, ...]
    rates: tuple[float, ...]
    per_day: int
    days: int = DAYS
    season: float = 0.0
    real: tuple[float, ...] = ()


HALVES, HOLDOUT, CONTROL = (0.5, 0.5), (0.95, 0.05), (0.99, 0.01)
NULLS = (
    Made("two arms, 2 %", HALVES, (0.02, 0.02), 500),
    Made("two arms, 0.5 %", HALVES, (0.005, 0.005), 500),
    Made("two arms, 0.1 %", HALVES, (0.001, 0.001), 500),
    Made("two small arms, 2 %", HALVES, (0.02, 0.02), 20),
    Made("two arms, 30 %", HALVES, (0.3, 0.3), 200),
    Made("two arms, 1 %, by half more or less in a week", HALVES, (0.01, 0.01), 1000, season=0.5),
    Made("holdout of 5 %, 1 %", HOLDOUT, (0.01, 0.01), 1000),
    Made("holdout of 5 %, 0.5 %, small", HOLDOUT, (0.005, 0.005), 100),
    Made("control group of 1 %, 1 %", CONTROL, (0.01, 0.01), 1000),
    Made("two arms, 1 %, for a year", HALVES, (0.01, 0.01), 500, days=365),
    Made("three arms, 1 %", (0.5, 0.25, 0.25), (0.01,) * 3, 900),
)
# As many people a day as `camp power` asks for at 80 %.
LIFTS = (
    Made("two arms, 2 % to 2.5 %", HALVES, (0.025, 0.02), 0),
    Made("two arms, 0.5 % to 1 %", HALVES, (0.01, 0.005), 0),
    Made("two arms, 10 % to 9 %", HALVES, (0.09, 0.1), 0),
    Made("holdout of 5 %, 1 % to 1.5 %", HOLDOUT, (0.015, 0.01), 0),
    Made("holdout of 5 %, 2 % to 1.5 %", HOLDOUT, (0.015, 0.02), 0),
)
RATIOS = (
    Made("as planned, 50 : 50", HALVES, HALVES, 1000),
    Made("as planned, 95 : 5", HOLDOUT, HALVES, 100),
    Made("as planned, 40 : 30 : 20 : 10", (0.4, 0.3, 0.2, 0.1), (0.5,) * 4, 50),
    Made("48 : 52 for 50 : 50", HALVES, HALVES, 300, real=(0.48, 0.52)),
    Made("94 : 6 for 95 : 5", HOLDOUT, HALVES, 300, real=(0.94, 0.06)),
)


def sized(one: Made) -> Made:
    people = people_needed((one.rates[0], one.rates[1]), (one.shares[0], one.shares[1]), 0.05, 0.8)
    assert people is not None
    return replace(one, per_day=math.ceil(people / one.days))


def counts(one: Made, experiments: int, seed: int) -> tuple[Any, Any]:
    """People and those who reached the goal, by group, day and experiment, up to each day."""
    random = np.random.default_rng([seed, *one.name.encode()])
    people = random.multinomial(one.per_day, one.real or one.shares, size=(one.days, experiments))
    swing = 1 + one.season * np.sin(2 * np.pi * np.arange(one.days) / 7)
    reached = random.binomial(people, np.multiply.outer(swing, one.rates)[:, None, :])
    return np.moveaxis(people.cumsum(0), 2, 0), np.moveaxis(reached.cumsum(0), 2, 0)


def usual(reached: Any, people: Any, shares: Any, error: float) -> tuple[Any, Any]:
    """The interval of a single look (Wald): what would be wrong, to compare."""
    rates = [reached[at] / np.maximum(people[at], 1) for at in (0, 1)]
    spread = np.sqrt(sum(rate * (1 - rate) / np.maximum(n, 1) for rate, n in zip(rates, people, strict=True)))
    z = NormalDist().inv_cdf(1 - error / 2)
    return rates[0] - rates[1] - z * spread, rates[0] - rates[1] + z * spread


@dataclass(frozen=True)
class Told:
    """Shares of experiments. right, wrong: zero was left out at some look, on that side; without a lift both sides are wrong.

    missed: the true lift was left out at some look; last: at the last.
    """

    right: float
    wrong: float
    missed: float
    last: float


def told(one: Made, experiments: int, seed: int = SEED, bounds: Bounds = lift_bounds) -> Told:
    people, reached = counts(one, experiments, seed)
    pairs = list(combinations(range(len(one.shares)), 2))
    found = np.zeros((4, experiments), dtype=bool)
    for a, b in pairs:
        shares, error = (one.shares[a], one.shares[b]), 0.05 / len(pairs)
        low, high = bounds((reached[a], reached[b]), (people[a], people[b]), shares, error)
        lift = one.rates[a] - one.rates[b]
        above, below, out = (low > 0).any(0), (high < 0).any(0), (low > lift) | (high < lift)
        right = above if lift > 0 else below if lift < 0 else np.zeros(experiments, dtype=bool)
        wrong = below if lift > 0 else above if lift < 0 else above | below
        found |= [right, wrong, out.any(0), out[-1]]
    return Told(*found.mean(axis=1).tolist())


def alarms(one: Made, experiments: int, seed: int = SEED) -> float:
    """Share of experiments whose groups were, at any look, told not to be as large as planned."""
    people, _ = counts(one, experiments, seed)
    log = log_evidence(list(people), one.shares, RATIO_WEIGHT)
    return float((log >= -math.log(RATIO_ERROR)).any(0).mean())


def figures(experiments: int, seed: int) -> tuple[str, float]:
    """As tables, and the largest share of experiments in which a lift was told that was not there."""
    head = "| no lift | people | looks | a lift told, at any look | bounds wrong at the last look | usual intervals tell one |"
    lines = [head, "|---|---|---|---|---|---|"]
    worst = 0.0
    for one in NULLS:
        got = told(one, experiments, seed)
        worst = max(worst, got.wrong)
        shown = f"{got.wrong:.2%} | {got.last:.2%} | {told(one, experiments, seed, usual).wrong:.0%}"
        lines.append(f"| {one.name} | {one.per_day * one.days:,} | {one.days} | {shown} |")
    lines += ["", "| a lift | people | found by the last look | told the wrong way | bounds wrong at any look |"]
    lines.append("|---|---|---|---|---|")
    for one in map(sized, LIFTS):
        got = told(one, experiments, seed)
        shown = f"{got.right:.1%} | {got.wrong:.2%} | {got.missed:.2%}"
        lines.append(f"| {one.name} | {one.per_day * one.days:,} | {shown} |")
    lines += ["", "| groups | people | told not to be as planned, at any look |", "|---|---|---|"]
    for one in RATIOS:
        lines.append(f"| {one.name} | {one.per_day * one.days:,} | {alarms(one, experiments, seed):.2%} |")
    return "\n".join(lines), worst


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--experiments", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=SEED)
    asked = parser.parse_args()
    made, worst = figures(asked.experiments, asked.seed)
    print(made)
    if (asked.experiments, asked.seed) == (10_000, SEED):
        before, rest = PAGE.read_text("utf-8").split(BEGIN)
        PAGE.write_text(f"{before}{BEGIN}\n{made}\n{END}{rest.split(END)[1]}", "utf-8")
    print(f"{asked.experiments:,} experiments of each kind: a lift that is not there is told in at most {worst:.2%}")
    raise SystemExit(worst > 0.05)


if __name__ == "__main__":
    main()
