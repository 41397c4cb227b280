"""Groups of an experiment, compared: with their sizes checked, and the error shared by all comparisons."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations
from typing import Literal

from runtime.experiments.lift import lift_bounds, people_needed
from runtime.experiments.mixture import log_evidence
from runtime.experiments.model import Comparison, Experiment, Group, Kind, Ratio

# An alarm throws an experiment away, and each is checked at every look: rarer than other errors.
RATIO_ERROR = 0.01
# Two percentage points off a half are found in some 8,000 people; off a small share, less is looked for.
RATIO_WEIGHT = 1000.0


def compare(
    kind: Kind,
    groups: Sequence[Group],
    control: str | None = None,
    error: float = 0.05,
) -> Experiment:
    """Every group against `control`, else every one against every other.

    By Bonferroni each comparison has its part of the error: unlike with Holm's steps, the bounds hold all together.
    """
    names = [one.name for one in groups]
    if len(groups) < 2 or len(set(names)) < len(names) or (control is not None and control not in names):
        raise ValueError(f"cannot compare {names} with {control}")
    if any(one.share <= 0 or not 0 <= one.reached <= one.people for one in groups):
        raise ValueError(f"impossible counts: {groups}")
    if control is None:
        pairs = list(combinations(groups, 2))
    else:
        pairs = [(one, groups[names.index(control)]) for one in groups if one.name != control]
    ratio = checked_ratio(groups)
    each = tuple(_compared(*pair, error / len(pairs), ratio.fine) for pair in pairs)
    return Experiment(kind=kind, groups=tuple(groups), comparisons=each, ratio=ratio)


def checked_ratio(groups: Sequence[Group]) -> Ratio:
    whole = float(sum(one.share for one in groups))
    log = float(
        log_evidence([one.people for one in groups], [float(one.share) / whole for one in groups], RATIO_WEIGHT)
    )
    # What is beyond 10^300 is no number any more, and all the same.
    return Ratio(fine=log < -math.log(RATIO_ERROR), evidence=math.exp(min(log, 690.0)))


def _compared(mine: Group, theirs: Group, error: float, fine: bool) -> Comparison:
    shares = float(mine.share), float(theirs.share)
    lift, low, high, more = 0.0, -1.0, 1.0, None
    rates = (mine.reached / max(mine.people, 1), theirs.reached / max(theirs.people, 1))
    if mine.people and theirs.people:
        bounds = lift_bounds((mine.reached, theirs.reached), (mine.people, theirs.people), shares, error)
        lift = rates[0] - rates[1]
        # Groups that are not quite as large as planned may put what is seen a little beside what was counted on.
        low, high = min(float(bounds[0]), lift), max(float(bounds[1]), lift)
    verdict: Literal["better", "worse", "cannot tell"] = "cannot tell"
    if fine and (low > 0 or high < 0):
        verdict = "better" if low > 0 else "worse"
    elif fine and lift:
        needed = people_needed(rates, shares, error)
        left = None if needed is None else max(1, needed - mine.people - theirs.people)
        more = None if left is None else math.ceil(left * min(shares) / sum(shares))
    return Comparison(
        group=mine.name,
        against=theirs.name,
        lift=lift,
        low=low,
        high=high,
        level=1 - error,
        relative=lift / rates[1] if rates[1] else None,
        verdict=verdict,
        more=more,
    )
