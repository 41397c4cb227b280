"""The lift of one group over another, by a confidence sequence.

Of those who reach the goal the first group has the share `part`; without a difference that is the group's planned share. It alone
decides between better and worse, whatever the rate is and however it changes from day to day. A rate is needed only to say how
large the difference is: lift = rate × (part - mine) / (mine × theirs), where `rate` is of both groups together. Both are bounded
by confidence sequences; together they fail with a probability of at most the sum of their errors.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

from runtime.experiments.mixture import Values, log_evidence, share_bounds

# Goals that the mixture weighs with two equal groups; the sequence is narrowest near eight times as many. Fixed before any data.
WEIGHT = 50.0
# What bounding the rate may take of the error; it costs width where there is a lift, and nothing at zero.
OF_RATE = 0.1
_MOST = 1e10  # people: more than there are


def lift_bounds(
    reached: tuple[ArrayLike, ArrayLike], people: tuple[ArrayLike, ArrayLike], shares: tuple[float, float], error: float
) -> tuple[Values, Values]:
    """Of the first group's share less the second's; of arrays, by element."""
    mine, theirs = _alone(shares)
    prior = (weight(mine, theirs) * mine, weight(mine, theirs) * theirs)
    goals, everyone = np.add(*reached), np.add(*people)
    low, high = share_bounds(reached[0], goals, prior, error * (1 - OF_RATE))
    least, most = share_bounds(goals, everyone, (0.5, 0.5), error * OF_RATE)
    below, above = (low - mine) / (mine * theirs), (high - mine) / (mine * theirs)
    lowest = below * np.where(below > 0, least, most)
    highest = above * np.where(above > 0, most, least)
    return np.maximum(lowest, -1.0), np.minimum(highest, 1.0)


def people_needed(
    rates: tuple[float, float], shares: tuple[float, float], error: float, power: float = 0.5
) -> int | None:
    """How many people both groups need together until zero is left out by their last look with that probability.

    Earlier looks can only add to it. None: more than there are people, or there is no difference.
    """
    mine, theirs = _alone(shares)
    rate = mine * rates[0] + theirs * rates[1]
    if rates[0] == rates[1]:
        return None
    part = mine * rates[0] / rate
    quantile = NormalDist().inv_cdf(power)
    wanted = -math.log(error * (1 - OF_RATE))

    def enough(people: float) -> bool:
        goals = people * rate
        # What is found but for bad luck of a probability of 1 - power; on the side of zero nothing is shown.
        seen = part - math.copysign(quantile * math.sqrt(part * (1 - part) / goals), part - mine)
        if not 0 <= seen <= 1 or (seen > mine) != (part > mine):
            return False
        return float(log_evidence((goals * seen, goals * (1 - seen)), (mine, theirs), weight(mine, theirs))) >= wanted

    return _first(enough)


def weight(mine: float, theirs: float) -> float:
    """The smaller a group, the more goals: so that as much is thought of the ratio of both rates, whatever the shares are."""
    return WEIGHT / (4 * mine * theirs)


def _first(enough: Callable[[float], bool]) -> int | None:
    most = 1.0
    while not enough(most):
        most *= 2
        if most > _MOST:
            return None
    least = most / 2
    while most - least > 0.5:
        middle = (least + most) / 2
        least, most = (least, middle) if enough(middle) else (middle, most)
    return math.ceil(most)


def _alone(shares: tuple[float, float]) -> tuple[float, float]:
    """Among both groups alone."""
    return shares[0] / sum(shares), shares[1] / sum(shares)
