"""The interval of a share: Wilson, Probable inference, the law of succession, and statistical inference (JASA 22, 1927)."""

from __future__ import annotations

from math import sqrt

from runtime.results.model import Share

_Z = 1.959963984540054  # of the normal distribution 95 % lie within so many deviations
_PLACES = 6


def share(count: int, of: int) -> Share | None:
    """`count` of `of` with its 95 % interval; None of nothing."""
    if of == 0:
        return None
    seen, z2 = count / of, _Z * _Z
    middle = (seen + z2 / (2 * of)) / (1 + z2 / of)
    reach = _Z * sqrt(seen * (1 - seen) / of + z2 / (4 * of * of)) / (1 + z2 / of)
    low = 0.0 if count == 0 else round(middle - reach, _PLACES)
    high = 1.0 if count == of else round(middle + reach, _PLACES)
    return Share(count=count, of=of, low=low, high=high)
