"""The filters that copy may use. What they return here is the truth; an engine's expression has to give the same text.

A missing value (None) goes through every filter but `default` and `salutation` untouched, and is shown as nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import ROUND_DOWN, Decimal
from typing import Any

from dsl.render.instalments import saving

WAN, YI = Decimal(10_000), Decimal(100_000_000)
_TITLES = {"M": "先生", "F": "女士"}
NOBODY = "尊敬的客户"


def plain(value: Any) -> str:
    """How a value is shown without a filter: numbers without trailing zeros, dates as 2026-03-01, a missing one as nothing."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case Decimal():
            return _digits(value)
        case date():
            return value.isoformat()
        case tuple():
            return "~".join(plain(end) for end in value)
    return str(value)


def salutation(customer: Mapping[str, Any]) -> str:
    """王先生, 李女士; 尊敬的客户 where surname or gender is missing."""
    surname, title = customer.get("surname"), _TITLES.get(customer.get("gender") or "")
    return f"{surname}{title}" if surname and title else NOBODY


def _each(value: Any, shown: Callable[[Any], str]) -> str | None:
    """A range shows both its ends."""
    if value is None:
        return None
    return "~".join(shown(end) for end in value) if isinstance(value, tuple) else shown(value)


def wan(value: Any) -> str | None:
    """An amount as marketers write it: 30万元, 1.25亿元, 8500元. Rounded down, so that no limit is ever promised too high."""
    return _each(value, _wan)


def _wan(amount: Decimal) -> str:
    for size, name in ((YI, "亿"), (WAN, "万")):
        if amount >= size:
            return _digits((amount / size).quantize(Decimal("0.01"), ROUND_DOWN)) + name + "元"
    return _digits(amount.quantize(Decimal(1), ROUND_DOWN)) + "元"


def money(value: Any) -> str | None:
    """To the cent, with thousands separated: 1,200元, 1,234.50元."""
    return _each(value, lambda amount: f"{amount:,.{0 if amount == amount.to_integral_value() else 2}f}元")


def percent(value: Any) -> str | None:
    """3.8%"""
    return _each(value, lambda rate: _digits(rate * 100) + "%")


def day(value: Any) -> str | None:
    """4月30日"""
    return None if value is None else f"{value.month}月{value.day}日"


def mask(value: Any) -> str | None:
    """138****0001; of a text shorter than eleven characters only the first stays."""
    if value is None:
        return None
    return f"{value[:3]}****{value[-4:]}" if len(value) >= 11 else value[:1] + "*" * (len(value) - 1)


def monthly_saving(plan: Any) -> str | None:
    """1,200元: how much less each month than at the rate that the loan had before; missing where it had none."""
    less = None if plan is None else saving(plan)
    return None if less is None else money(less)


def default(value: Any, instead: str) -> Any:
    """`instead` where the value is missing."""
    return instead if value is None else value


FILTERS: dict[str, Callable[..., Any]] = {
    "salutation": salutation,
    "wan": wan,
    "money": money,
    "percent": percent,
    "date": day,
    "mask": mask,
    "monthly_saving": monthly_saving,
    "default": default,
}


def _digits(value: Decimal) -> str:
    text = f"{value + 0:f}"  # no negative zero
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"
