"""Conditions → engine tests. Fields are columns `f_<name>`, an event's properties `p_<name>`; behaviour comes as bits."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from dsl import behaviour as b
from runtime.relational.sql import both, col, constant, either, every, negated, num, paren, some, sure
from runtime.relational.sql import day as date_of

_OPERATORS: dict[str, type[exp.Binary]] = {
    "=": exp.EQ,
    "!=": exp.NEQ,
    "<": exp.LT,
    "<=": exp.LTE,
    ">": exp.GT,
    ">=": exp.GTE,
}
# A test on an aggregate → an engine test.
Aggregates = Callable[[b.Condition], exp.Expr]


def condition(test: b.Condition, aggregate: Aggregates, today: exp.Expr) -> exp.Expr:
    """Two-valued: false where something it needs is missing. `today` is the local date of `at`."""
    match test:
        case b.Not(item):
            return negated(paren(condition(item, aggregate, today)))
        case b.All(items):
            return paren(every(condition(item, aggregate, today) for item in items))
        case b.Any(items):
            return paren(some(condition(item, aggregate, today) for item in items))
        case b.Did() | b.Since() | b.Followed() | b.Compare(_, (b.Count() | b.DaysSince()), _):
            return aggregate(test)
        case b.Compare(_, (b.Sum() | b.Latest()), _) | b.Between(
            (b.Count() | b.DaysSince() | b.Sum() | b.Latest()), _, _
        ):
            return aggregate(test)
        case b.Compare(operator, left, right):
            return sure(_OPERATORS[operator](this=value(left), expression=value(right)))
        case b.Between(of, low, high):
            return sure(exp.Between(this=value(of), low=constant(low), high=constant(high)))
        case b.Near(field, "last", days):
            held = value(field)
            return sure(
                both(exp.GT(this=held, expression=today - num(days)), exp.LTE(this=held.copy(), expression=today))
            )
        case b.Near(field, _, days):
            held = value(field)
            return sure(
                both(exp.GT(this=held, expression=today), exp.LTE(this=held.copy(), expression=today + num(days)))
            )
        case b.Yearly(field, first, last):
            return sure(_yearly(value(field), first, last))
        case b.OnDates(first_day, last_day):
            ends = [(exp.GTE, first_day), (exp.LTE, last_day)]
            tests = [kind(this=today.copy(), expression=date_of(day)) for kind, day in ends if day is not None]
            return both(*tests)
        case b.Missing(of):
            return exp.Is(this=value(of), expression=exp.null())
        case b.Holds(of):
            return sure(value(of))
    raise AssertionError(f"no test is a {test}")


def _yearly(day: exp.Expr, first: str, last: str) -> exp.Expr:
    """Month and day as one number, 102 to 1231."""
    month_day = exp.Add(
        this=exp.Mul(this=exp.Month(this=day), expression=num(100)), expression=exp.Day(this=day.copy())
    )
    low, high = (num(int(end.replace("-", ""))) for end in (first, last))
    after, before = exp.GTE(this=month_day, expression=low), exp.LTE(this=month_day.copy(), expression=high)
    return both(after, before) if first <= last else either(after, before)


def value(of: b.Value) -> exp.Expr:
    match of:
        case b.Constant():
            return constant(of)
        case b.Field(name):
            return col(f"f_{name}")
        case b.Property(name):
            return col(f"p_{name}")
    raise AssertionError(f"{of} is an aggregate")
