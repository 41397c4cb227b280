"""Types of values, with units: money has a currency, days are not amounts, a choice knows its options."""

from __future__ import annotations

from dataclasses import dataclass, replace

ORDERED = frozenset({"money", "number", "rate", "date", "days"})
_TEXTS = frozenset({"text", "choice", "key", "phone", "zone"})


@dataclass(frozen=True)
class Type:
    """base: key, phone, text, choice, zone, money, number, rate, date, flag, days (a count of them) or length (of time).

    size: the most characters of a text; options: of a choice; optional: the value may be missing.
    """

    base: str
    currency: str = ""
    options: tuple[str, ...] = ()
    size: int | None = None
    optional: bool = False

    @property
    def required(self) -> Type:
        return replace(self, optional=False)

    def __str__(self) -> str:
        if self.base == "money":
            return f"money in {self.currency}"
        return {"choice": "one of " + ", ".join(f'"{o}"' for o in self.options), "length": "a length of time"}.get(
            self.base,
            {"days": "a number of days", "flag": "yes or no", "rate": "a percentage"}.get(self.base, f"a {self.base}"),
        )


def comparable(left: Type, right: Type) -> bool:
    """Whether the two can stand on the sides of a comparison: the same unit, or text with text."""
    if left.base in _TEXTS and right.base in _TEXTS:
        return True
    if {left.base, right.base} <= {"number", "days"}:
        return True
    return left.base == right.base and left.currency == right.currency
