"""Numbers as people read them: the same in both languages. What is not known is a dash."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

NOTHING = "–"


def count(value: int | None) -> str:
    return NOTHING if value is None else f"{value:,}"


def money(value: Decimal | None) -> str:
    return NOTHING if value is None else f"{value.quantize(Decimal('0.01'), ROUND_HALF_EVEN):,}"


def percent(value: float | Decimal | None) -> str:
    """A share between 0 and 1. Small ones keep a second decimal, so that they do not all read 0.1%."""
    if value is None:
        return NOTHING
    return f"{value:.2%}" if 0 < value < 0.01 else f"{value:.1%}"


def points(value: float) -> str:
    """A difference of shares in percentage points, with its sign."""
    return f"{value * 100:+.2f}".replace("-", "−")


def change(value: float) -> str:
    """A difference as a share of what it is measured against, with its sign."""
    return f"{value:+.1%}".replace("-", "−")


def rate(part: int | None, whole: int) -> float | None:
    return None if part is None or not whole else part / whole


def level(value: float) -> str:
    """Of an interval: 95%, 97.5%, 98.33%."""
    return f"{value * 100:.4g}%"


def odds(value: float) -> str:
    """So much to one: what is beyond all doubt needs no digits."""
    return "> 1,000,000" if value > 1_000_000 else f"{value:,.0f}" if value >= 10 else f"{value:.1f}"
