"""Loans paid back in equal instalments (等额本息), exact to the cent.

The instalment of an amount A over n months at a monthly rate i is A·i / (1 − (1+i)^−n): the annuity whose present value is A
(S. G. Kellison, The Theory of Interest, 3rd ed., 2009, §3.2; 中国人民银行 formula for 等额本息). Computed in decimals of fifty
digits, rounded half up once.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal, localcontext
from typing import Any

from dsl.terms import Instalments

_CENT = Decimal("0.01")


class Plan(dict[str, Any]):
    """amount, months, rate, monthly, total, interest, former: all None where no loan fits, and then the plan is false."""

    def __bool__(self) -> bool:
        return self.get("amount") is not None


NOTHING = Plan(dict.fromkeys(("amount", "months", "rate", "monthly", "total", "interest", "former")))


def instalment(amount: Decimal, months: int, rate: Decimal) -> Decimal:
    """What is paid each month, unrounded. `rate`: a year's, as 0.038."""
    with localcontext(prec=50):
        monthly = rate / 12
        if monthly == 0:
            return amount / months
        return amount * monthly / (1 - (1 + monthly) ** -months)


def best(offered: Iterable[Instalments], amount: Decimal | None, months: Decimal | None, most: object = None) -> Plan:
    """Of the loans no longer than was asked for, the one that costs least in total; of equals the shorter.

    NOTHING where nothing was asked, nothing fits, or the amount is more than the product's `most` (of a range: its end).
    """
    limit = most[-1] if isinstance(most, tuple) else most if isinstance(most, Decimal) else None
    if amount is None or months is None or amount <= 0 or (limit is not None and amount > limit):
        return NOTHING
    fitting = [one for one in offered if one.months <= months]
    if not fitting:
        return NOTHING
    chosen = min(fitting, key=lambda one: (_total(amount, one), one.months))
    total = _total(amount, chosen)
    return Plan(
        amount=amount,
        months=Decimal(chosen.months),
        rate=Decimal(chosen.rate),
        monthly=_cents(instalment(amount, chosen.months, Decimal(chosen.rate))),
        total=total,
        interest=total - amount,
        former=None if chosen.former is None else Decimal(chosen.former),
    )


def saving(plan: Plan) -> Decimal | None:
    """How much less each month than at the former rate, in whole units, rounded down: never promised too high."""
    if plan.get("former") is None:
        return None
    amount, months = plan["amount"], int(plan["months"])
    with localcontext(prec=50):
        less = instalment(amount, months, plan["former"]) - instalment(amount, months, plan["rate"])
    return less.quantize(Decimal(1), ROUND_DOWN) if less >= 1 else None


def _total(amount: Decimal, one: Instalments) -> Decimal:
    with localcontext(prec=50):
        return _cents(instalment(amount, one.months, Decimal(one.rate)) * one.months)


def _cents(value: Decimal) -> Decimal:
    return value.quantize(_CENT, ROUND_HALF_UP)
