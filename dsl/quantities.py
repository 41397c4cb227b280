"""Literals as exact values: no float anywhere. Durations in microseconds, money in Decimal of its currency."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

_ZEROS = {"万": 4, "亿": 8}
_MICROSECONDS = {
    "SECOND": 1_000_000,
    "MINUTE": 60_000_000,
    "HOUR": 3_600_000_000,
    "DAY": 86_400_000_000,
    "WEEK": 604_800_000_000,
}


@dataclass(frozen=True)
class Money:
    amount: Decimal
    currency: str


@dataclass(frozen=True)
class Duration:
    """A length of time as written. Months have no fixed length: `microseconds` is None for them."""

    count: Decimal
    unit: str

    @property
    def microseconds(self) -> int | None:
        size = _MICROSECONDS.get(self.unit)
        return None if size is None else int(self.count * size)


def number(text: str) -> Decimal:
    """`300_000`, `1.5`, `50万`, `1.2亿` as an exact decimal."""
    # Arithmetic would round to 28 digits; reading does not.
    return Decimal(canonical(Decimal(f"{text.rstrip('万亿').replace('_', '')}E{_ZEROS.get(text[-1], 0)}")))


def money(text: str, code: str) -> Money:
    return Money(number(text), "CNY" if code == "元" else str(code))


def percent(text: str) -> Decimal:
    """`3.8%` as 0.038."""
    return Decimal(canonical(Decimal(f"{text.rstrip('%')}E-2")))


def canonical(value: Decimal) -> str:
    """`15000`, `0.038`: no exponent, no zeros at the end; one spelling for one value."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def time_range(text: str) -> tuple[int, int] | None:
    """`22:00-08:00` as minutes after midnight (1320, 480), half-open; 24:00 is an end only. None: not times of day."""
    begin, end = (int(part[:-3]) * 60 + int(part[-2:]) for part in text.split("-"))
    minutes_fit = all(int(part[-2:]) < 60 for part in text.split("-"))
    return (begin, end) if minutes_fit and begin < 1440 and 0 <= end <= 1440 else None
