"""How many people an experiment needs, before it starts: as the report will judge it, and as a test at its end alone would."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal
from itertools import combinations
from statistics import NormalDist

from dsl.program.ir import BrandSpec, CampaignSpec
from runtime.experiments.lift import people_needed
from runtime.experiments.model import Figure, Kind


class Wanted(Figure):
    """A lift (difference of shares) over `base` that should be found with the probability `power`."""

    base: Decimal
    lift: Decimal
    power: Decimal
    error: Decimal


class Crowd(Figure):
    """People by group, and of all that enter, those of other groups included. days: until as many have entered."""

    groups: dict[str, int]
    people: int
    days: int | None


class Needed(Figure):
    """daily: looked at every day, by the report's own method; once: by a test of fixed size. level: of each comparison."""

    kind: Kind
    shares: dict[str, Decimal]
    level: float
    daily: Crowd
    once: Crowd


def experiments(campaign: CampaignSpec, brand: BrandSpec) -> dict[Kind, dict[str, Decimal]]:
    """The groups of a campaign's experiments, as shares of all that enter it: the brand's control group is drawn first."""
    control = Decimal(0) if campaign.kind == "service" else brand.control
    treated = (1 - control) * (1 - campaign.holdout)
    found: dict[Kind, dict[str, Decimal]] = {}
    if campaign.arms:
        found["arms"] = {arm.name: treated * arm.share for arm in campaign.arms}
    if campaign.holdout:
        found["holdout"] = {"treated": treated, "holdout": (1 - control) * campaign.holdout}
    if control:
        found["control"] = {"treated": treated, "control": control}
    return found


def needed(
    kind: Kind,
    shares: Mapping[str, Decimal],
    wanted: Wanted,
    per_day: int | None = None,
) -> Needed | None:
    """None: more than there are people."""
    pairs = list(combinations(shares.values(), 2))
    error = float(wanted.error) / len(pairs)
    daily, once = 0, 0
    for pair in pairs:
        mine, theirs = float(pair[0]), float(pair[1])
        of_all = 1 / (mine + theirs)
        for rates in _rates(kind, wanted):
            both = people_needed(rates, (mine, theirs), error, float(wanted.power))
            if both is None:
                return None
            daily = max(daily, math.ceil(both * of_all))
            once = max(once, math.ceil(fixed(rates, (mine, theirs), error, float(wanted.power)) * of_all))
    crowds = (_crowd(people, shares, per_day) for people in (daily, once))
    return Needed(kind=kind, shares=dict(shares), level=1 - error, daily=next(crowds), once=next(crowds))


def fixed(rates: tuple[float, float], shares: tuple[float, float], error: float, power: float) -> float:
    """People of both groups for the two-sided z test of two shares, pooled under the null (Fleiss, Levin & Paik 2003, 4.2)."""
    mine, theirs = (share / sum(shares) for share in shares)
    pooled = mine * rates[0] + theirs * rates[1]
    quantile = NormalDist().inv_cdf
    null = math.sqrt(pooled * (1 - pooled) * (1 / mine + 1 / theirs))
    true = math.sqrt(rates[0] * (1 - rates[0]) / mine + rates[1] * (1 - rates[1]) / theirs)
    return ((quantile(1 - error / 2) * null + quantile(power) * true) / (rates[0] - rates[1])) ** 2


def _rates(kind: str, wanted: Wanted) -> list[tuple[float, float]]:
    """Which arm is the better one nobody knows: either way. A holdout has the base rate."""
    base, other = float(wanted.base), float(wanted.base + wanted.lift)
    return [(other, base), (base, other)] if kind == "arms" else [(other, base)]


def _crowd(people: int, shares: Mapping[str, Decimal], per_day: int | None) -> Crowd:
    groups = {name: math.ceil(people * share) for name, share in shares.items()}
    return Crowd(groups=groups, people=people, days=None if per_day is None else -(-people // per_day))
