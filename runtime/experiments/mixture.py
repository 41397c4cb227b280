"""What counts say against the shares that they were expected to have: evidence that may be looked at as often as one likes.

People, or those of them who reach the goal, fall into groups one after another. Against the expected shares stands a mixture of
all others (Dirichlet; Beta for two groups), fixed beforehand. Under the expected shares the ratio of both likelihoods is a
martingale that begins at 1, so that it comes to 1 / error, at whatever look, with a probability of at most `error` (Ville's
inequality). This is exact for every number of people and every rate. Shares that are not ruled out form a confidence sequence.

Robbins: Statistical methods related to the law of the iterated logarithm, Annals of Mathematical Statistics 1970.
Lindon & Malek: Anytime-valid inference for multinomial count data, NeurIPS 2022.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Values = NDArray[np.float64]
_HALVINGS = 40  # of an interval of at most 1: to one in 10^12

_lgamma = np.frompyfunc(math.lgamma, 1, 1)


def log_evidence(counts: Sequence[ArrayLike], shares: Sequence[float], weight: float) -> Values:
    """Log of the Bayes factor against `shares`. weight: of the mixture around them, in observations; the more, the closer."""
    logs = [math.log(share) for share in shares]
    return _marginal(counts, [weight * share for share in shares]) - sum(
        _floats(count) * log for count, log in zip(counts, logs, strict=True)
    )


def share_bounds(count: ArrayLike, of: ArrayLike, prior: tuple[float, float], error: float) -> tuple[Values, Values]:
    """The shares that `count` of `of` do not rule out. They hold at all looks together with a probability of 1 - error."""
    got, rest = _floats(count), _floats(of) - _floats(count)
    marginal = _marginal((got, rest), prior)
    seen = got / np.maximum(got + rest, 1)

    def edge(inside: Values, outside: float) -> Values:
        """Between a share that stands and one that need not: the evidence grows all the way."""
        beyond = np.full_like(inside, outside)
        for _ in range(_HALVINGS):
            middle = (inside + beyond) / 2
            stands = marginal - _times_log(got, middle) - _times_log(rest, 1 - middle) < -math.log(error)
            inside, beyond = np.where(stands, middle, inside), np.where(stands, beyond, middle)
        return beyond

    # Nobody, or everybody, is never ruled out by as much: the ends themselves stand.
    low, high = np.where(got > 0, edge(seen, 0.0), 0.0), np.where(rest > 0, edge(seen, 1.0), 1.0)
    return low, high


def _marginal(counts: Sequence[ArrayLike], prior: Sequence[float]) -> Values:
    """Log of the probability of one order of such counts, under the mixture."""
    every = sum((_floats(count) for count in counts), np.zeros(()))
    found = math.lgamma(sum(prior)) - _log_gamma(every + sum(prior))
    for count, weight in zip(counts, prior, strict=True):
        found = found + _log_gamma(_floats(count) + weight) - math.lgamma(weight)
    return found


def _floats(values: ArrayLike) -> Values:
    return np.asarray(values, dtype=np.float64)


def _log_gamma(values: Values) -> Values:
    return np.asarray(_lgamma(values), dtype=np.float64)


def _times_log(count: Values, share: Values) -> Values:
    """0 log 0 is 0, and with a count the limit is minus infinity."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(count > 0, count * np.log(share), 0.0)
