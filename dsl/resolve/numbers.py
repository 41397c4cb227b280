"""Numbers as written → the exact values that every engine keeps: whole numbers, shares, amounts of 18 digits."""

from __future__ import annotations

from decimal import Decimal

from dsl.diagnostics import Place
from dsl.resolve.scope import Scope
from dsl.rules import values
from dsl.syntax import expr as ast


def whole(scope: Scope, literal: ast.Literal, least: int = 0) -> int | None:
    assert isinstance(literal.value, Decimal)
    if not least <= literal.value < 1_000_000 or literal.value % 1:
        why = f"Here belongs a whole number from {least} to 999,999"
        scope.tell(
            values.number_does_not_fit(scope.place(literal.span), why, f"Write a whole number, as {max(least, 1)}.")
        )
        return None
    return int(literal.value)


def share(scope: Scope, literal: ast.Literal) -> Decimal:
    """A share of customers: up to 100 %, in steps of 0.01 % since there are 10,000 buckets."""
    assert isinstance(literal.value, ast.Percent)
    part = literal.value.share
    if part > 1 or part * 10_000 % 1:
        why = "A share of customers is at most 100%, in steps of 0.01%"
        scope.tell(values.number_does_not_fit(scope.place(literal.span), why, "Write a share such as 5%."))
    return part


def fits(scope: Scope, place: Place, value: Decimal, places: int) -> bool:
    """Whether it has at most 18 digits of which `places` follow the point; told if not."""
    if abs(value) < Decimal(10) ** (18 - max(places, 2)) and round(value, places) == value:
        return True
    why = f"A number like this has at most {places} digits after the point, and 18 in all"
    scope.tell(values.number_does_not_fit(place, why, f"Round it: write at most {places} digits after the point."))
    return False
