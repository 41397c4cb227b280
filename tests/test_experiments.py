"""What an experiment has shown: against plain calculations and published figures, and what daily looks tell of nothing."""

from __future__ import annotations

import csv
import gzip
import math
from collections import Counter
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from runtime.experiments.compare import checked_ratio, compare
from runtime.experiments.lift import WEIGHT, lift_bounds, people_needed
from runtime.experiments.mixture import log_evidence, share_bounds
from runtime.experiments.model import Comparison, Experiment, Group
from runtime.experiments.power import fixed
from runtime.experiments.words import people, points, verdict
from runtime.spoken import Speaker
from tests.nulls import CONTROL, HALVES, HOLDOUT, LIFTS, NULLS, RATIOS, alarms, sized, told, usual

STARBUCKS = Path(__file__).parent.parent.parent / "shared/data/starbucks_promo/training.csv.gz"
BOUGHT = {"Yes": (42_364, 721), "No": (42_170, 319)}
EXPERIMENTS = 300


def group(name: str, share: str, people: int, reached: int) -> Group:
    return Group(name=name, share=Decimal(share), people=people, reached=reached)


def arms(*counts: tuple[int, int], shares: tuple[str, ...] = ("0.5", "0.5")) -> Experiment:
    names = ("price", "speed", "calm")
    return compare("arms", [group(names[at], shares[at], *count) for at, count in enumerate(counts)])


def said(one: Experiment, lang: str = "en", at: int = 0) -> str:
    return verdict("spring", one, one.comparisons[at], Speaker(lang))


# Evidence


def urn(counts: tuple[int, ...], shares: tuple[Fraction, ...], weight: int) -> Fraction:
    """The same by Polya's urn: one after another, what the mixture expects next against what was planned."""
    seen, evidence = [0] * len(counts), Fraction(1)
    for at, count in enumerate(counts):
        for _ in range(count):
            evidence *= (weight * shares[at] + seen[at]) / (weight + sum(seen)) / shares[at]
            seen[at] += 1
    return evidence


@pytest.mark.parametrize(
    ("counts", "shares"),
    [((7, 2), (1, 1)), ((30, 0), (1, 1)), ((0, 9), (19, 1)), ((5, 4, 11), (2, 1, 1)), ((0, 0), (3, 2))],
)
def test_evidence_is_that_of_an_urn(counts: tuple[int, ...], shares: tuple[int, ...]) -> None:
    parts = tuple(Fraction(share, sum(shares)) for share in shares)
    exact = urn(counts, parts, 50)
    assert float(log_evidence(counts, [float(part) for part in parts], 50)) == pytest.approx(math.log(exact), abs=1e-9)


def test_evidence_is_a_fair_game() -> None:
    """Expected under the planned shares it is 1 at every look: all outcomes of twelve people, by their probability."""
    for share in (0.5, 0.95):
        counts = [(got, 12 - got) for got in range(13)]
        weighed = [
            math.comb(12, got)
            * share**got
            * (1 - share) ** rest
            * math.exp(log_evidence((got, rest), (share, 1 - share), 50))
            for got, rest in counts
        ]
        assert sum(weighed) == pytest.approx(1)


def test_bounds_lie_where_the_urn_says() -> None:
    """Just inside a bound the share is not ruled out, just outside it is; by exact fractions."""
    low, high = (float(one) for one in share_bounds(7, 40, (0.5, 0.5), 0.05))

    def ruled_out(share: float) -> bool:
        evidence = Fraction(1)
        for at, count in enumerate((7, 33)):
            for seen in range(count):
                total = seen + (7 if at else 0)
                evidence *= (Fraction(1, 2) + seen) / (1 + total) / Fraction(share if at == 0 else 1 - share)
        return evidence >= 20

    assert ruled_out(low - 1e-9) and not ruled_out(low + 1e-9)
    assert ruled_out(high + 1e-9) and not ruled_out(high - 1e-9)
    assert low < 7 / 40 < high


def test_nobody_and_everybody() -> None:
    low, high = share_bounds([0, 0, 9], [0, 9, 9], (0.5, 0.5), 0.05)
    assert low[:2].tolist() == [0, 0] and high[[0, 2]].tolist() == [1, 1] and high[1] < 1 and low[2] > 0
    assert high[1] == pytest.approx(1 - low[2])


def test_bounds_near_zero_are_as_wide_as_robbins_says() -> None:
    """Normal mixture, 1970: z^2 = (1 + c / K) (log(1 + K / c) + 2 log(1 / error)), for the split of many goals."""
    goals = 20_000
    low, high = share_bounds(goals / 2, goals, (WEIGHT / 2, WEIGHT / 2), 0.045)
    z = math.sqrt((1 + WEIGHT / goals) * (math.log(1 + goals / WEIGHT) + 2 * math.log(1 / 0.045)))
    assert float(high - low) == pytest.approx(2 * z * math.sqrt(0.25 / goals), rel=0.01)


# Known results


def test_starbucks() -> None:
    """A published experiment: promotion against none, who bought."""
    one = compare(
        "holdout", [group("treated", "0.5", *BOUGHT["Yes"]), group("holdout", "0.5", *BOUGHT["No"])], "holdout"
    )
    (found,) = one.comparisons
    assert found.verdict == "better" and one.ratio.fine and found.more is None
    assert found.lift == pytest.approx(0.0094545, abs=1e-7) and found.relative == pytest.approx(1.2498, abs=1e-4)
    # By hand: z = 12.5 of a test at the end, whose interval is +0.80 to +1.09 points; looking every day costs width.
    assert (round(found.low, 4), round(found.high, 4)) == (0.0056, 0.0142)
    assert said(one) == "spring: treated does better than holdout: +0.56 to +1.42 points"
    assert said(one, "zh") == "spring：触达组 好于 留出组：+0.56 到 +1.42 个百分点"


@pytest.mark.skipif(not STARBUCKS.exists(), reason="shared/data/starbucks_promo is not there")
def test_the_counts_of_starbucks_are_those_of_the_file() -> None:
    with gzip.open(STARBUCKS, "rt", encoding="utf-8") as file:
        found = Counter((row["Promotion"], row["purchase"]) for row in csv.DictReader(file))
    counted = {arm: (found[arm, "0"] + found[arm, "1"], found[arm, "1"]) for arm in ("Yes", "No")}
    assert counted == BOUGHT


def test_fixed_sizes_are_those_of_r() -> None:
    """power.prop.test(p1 = .50, p2 = .75, power = .90) has n = 76.7 a group in its own documentation."""
    assert round(fixed((0.5, 0.75), HALVES, 0.05, 0.9) / 2, 1) == 76.7


# Verdicts


def test_better_worse_and_not_yet() -> None:
    assert said(arms((30_000, 450), (30_000, 900))) == "spring: arm price does worse than speed: -2.2 to -0.9 points"
    near = arms((2000, 45), (2000, 38))
    assert near.comparisons[0].verdict == "cannot tell"
    assert (
        said(near)
        == f"spring: arm price against speed: cannot tell yet: {people(near.comparisons[0].more)} more per arm"
    )
    assert "还无法判断：每个分组还需" in said(near, "zh")


def test_what_is_needed_is_enough_and_no_more() -> None:
    """With as many people more, and all as it seems now, zero is just left out."""
    for counts, shares in (([(2000, 45), (2000, 38)], ("0.5", "0.5")), ([(19_000, 420), (1000, 15)], ("0.95", "0.05"))):
        (one,) = arms(*counts, shares=shares).comparisons
        assert one.more is not None
        smaller = min(counts)[0]
        for more, tells in ((one.more * 1.01, True), (one.more * 0.99, False)):
            grown = (smaller + more) / smaller
            (then,) = arms(*(tuple(round(n * grown) for n in count) for count in counts), shares=shares).comparisons
            low, high = lift_bounds(
                [count[1] * grown for count in counts],
                [count[0] * grown for count in counts],
                tuple(map(float, shares)),
                0.05,
            )
            assert (float(low) > 0) is tells and then.group == one.group


def test_nothing_can_be_told_of_nothing() -> None:
    ends = {
        ((0, 0), (50, 1)): "nobody's time to reach the goal is over in one of them",
        ((50, 0), (50, 0)): "nobody has reached the goal",
        ((50, 3), (50, 3)): "no difference so far",
    }
    for counts, end in ends.items():
        one = arms(*counts)
        assert said(one).endswith(f"cannot tell yet: {end}") and one.comparisons[0].more is None
        assert one.comparisons[0].low <= 0 <= one.comparisons[0].high
    assert arms((50, 0), (50, 0)).comparisons[0].relative is None


def test_groups_of_the_wrong_size_end_it() -> None:
    """What would be told otherwise is not, and says why."""
    one = arms((30_000, 450), (27_000, 900))
    assert not one.ratio.fine and one.ratio.evidence >= 100
    assert [(each.verdict, each.more) for each in one.comparisons] == [("cannot tell", None)]
    sizes = "price 30,000 for 28,500, speed 27,000 for 28,500"
    assert said(one) == f"spring: arm price against speed: cannot tell, the groups are not as large as planned: {sizes}"
    assert checked_ratio([group("a", "0.1", 30_000, 0), group("b", "0.09", 27_000, 0)]).fine


def test_arms_share_the_error() -> None:
    three = arms((9000, 90), (4500, 60), (4500, 90), shares=("0.5", "0.25", "0.25"))
    pairs = [(one.group, one.against) for one in three.comparisons]
    assert pairs == [("price", "speed"), ("price", "calm"), ("speed", "calm")]
    assert {one.level for one in three.comparisons} == {1 - 0.05 / 3}
    alone = compare("arms", three.groups[:2]).comparisons[0]
    assert alone.low > three.comparisons[0].low and alone.high < three.comparisons[0].high
    against = compare("arms", three.groups, control="price")
    assert [(one.group, one.against) for one in against.comparisons] == [("speed", "price"), ("calm", "price")]


def test_the_smaller_group_is_named() -> None:
    one = compare("holdout", [group("treated", "0.95", 19_000, 420), group("holdout", "0.05", 1000, 15)], "holdout")
    assert said(one).endswith(f"cannot tell yet: {people(one.comparisons[0].more)} more in holdout")


@pytest.mark.parametrize("wrong", [[], [("a", "1", 5, 6)], [("a", "0", 5, 1)], [("b", "1", 5, 1)], [("a", "1", 5, -1)]])
def test_impossible_groups_are_refused(wrong: list[Any]) -> None:
    with pytest.raises(ValueError):
        compare("arms", [group("b", "0.5", 9, 1), *(group(*one) for one in wrong)])


def test_people_are_told_with_two_digits() -> None:
    assert [people(n) for n in (1, 99, 101, 3058, 99_001)] == ["1", "99", "110", "3,100", "100,000"]


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.008, 0.021, ("+0.8", "+2.1")),
        (0.0003, 0.0135, ("+0.03", "+1.35")),
        (-0.0135, -0.0003, ("-1.35", "-0.03")),
        (-0.0003, 0.0135, ("+0.0", "+1.4")),
        (0.0011, 0.0013, ("+0.110", "+0.130")),
        (-1.0, 1.0, ("-100.0", "+100.0")),
    ],
)
def test_bounds_are_told_as_finely_as_they_lie_apart_and_never_as_zero(
    low: float, high: float, said: tuple[str, str]
) -> None:
    verdict, rest = ("better" if low > 0 else "cannot tell"), {"level": 0.95, "relative": None, "more": None}
    assert points(Comparison(group="a", against="b", lift=low, low=low, high=high, verdict=verdict, **rest)) == said  # type: ignore[arg-type]


# What is told of made-up experiments (10,000 of each: python -m tests.nulls)


QUICK = [one for one in NULLS if one.name in ("two arms, 2 %", "holdout of 5 %, 1 %", "three arms, 1 %")]


@pytest.mark.parametrize("one", QUICK, ids=lambda one: one.name)
def test_no_lift_is_told_where_there_is_none(one: Any) -> None:
    assert told(one, EXPERIMENTS).wrong <= 0.05
    # The check can fail: looked at as often, the usual interval is wrong far more often.
    assert told(one, EXPERIMENTS, bounds=usual).wrong > 0.15


def test_a_lift_is_found_and_lies_within_its_bounds() -> None:
    for one in map(sized, (LIFTS[0], LIFTS[3])):
        got = told(one, EXPERIMENTS)
        assert got.right >= 0.75 and got.wrong <= 0.01 and got.missed <= 0.05


def test_sizes_raise_few_alarms_and_the_right_ones() -> None:
    right, small, four, wrong, wrong_holdout = (alarms(one, EXPERIMENTS) for one in RATIOS)
    assert max(right, small, four) <= 0.015 and min(wrong, wrong_holdout) > 0.9


@pytest.mark.parametrize("shares", [HALVES, HOLDOUT, CONTROL])
def test_looking_every_day_costs_twice_the_people_whatever_the_shares_are(shares: tuple[float, float]) -> None:
    daily = people_needed((0.025, 0.02), shares, 0.05, 0.8)
    assert daily is not None and 1.9 < daily / fixed((0.025, 0.02), shares, 0.05, 0.8) < 2.1


def test_more_people_are_needed_for_less() -> None:
    lifts = [people_needed((0.02 + lift, 0.02), HALVES, 0.05, 0.8) for lift in (0.002, 0.005, 0.01, 0.05)]
    assert all(more is not None and less is not None and more > less for more, less in pairwise(lifts))
    assert people_needed((0.02, 0.02), HALVES, 0.05) is None and people_needed((0.02, 0.0200001), HALVES, 0.05) is None
