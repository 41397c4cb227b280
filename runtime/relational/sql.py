"""Small words for building queries from typed nodes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache

from sqlglot import exp

from dsl.behaviour import Constant

# Base of a field → SQL type. Money to the cent, other numbers to six places; no floating point anywhere.
TYPES = {
    "key": "VARCHAR",
    "phone": "VARCHAR",
    "text": "VARCHAR",
    "choice": "VARCHAR",
    "zone": "VARCHAR",
    "money": "DECIMAL(18,2)",
    "number": "DECIMAL(18,6)",
    "rate": "DECIMAL(18,6)",
    "date": "DATE",
    "flag": "BOOLEAN",
}
NULL, TRUE, FALSE = exp.null(), exp.true(), exp.false()


def col(name: str, table: str | None = None) -> exp.Column:
    return exp.column(name, table=table, quoted=True)


def table(name: str, alias: str | None = None) -> exp.Table:
    named = exp.TableAlias(this=exp.to_identifier(alias)) if alias else None
    return exp.Table(this=exp.to_identifier(name, quoted=True), alias=named)


def num(value: int) -> exp.Expr:
    return exp.Literal.number(value) if value >= 0 else exp.Neg(this=exp.Literal.number(-value))


def text(value: str) -> exp.Literal:
    return exp.Literal.string(value)


# The library's own words for these copy whatever they are given, which costs more than everything else: a query is large, and
# nobody changes one that has been written.
def named(value: exp.Expr | str, name: str) -> exp.Expr:
    return exp.alias_(value, name, copy=False)


def paren(value: exp.Expr) -> exp.Paren:
    return exp.Paren(this=value)


def negated(test: exp.Expr) -> exp.Not:
    return exp.not_(test, copy=False)


def both(*tests: exp.Expr | str) -> exp.Expr:
    return exp.and_(*tests, copy=False)


def either(*tests: exp.Expr | str) -> exp.Expr:
    return exp.or_(*tests, copy=False)


def cast(value: exp.Expr, type: str) -> exp.Cast:
    return exp.Cast(this=value, to=_type(type).copy())


@cache
def _type(name: str) -> exp.DataType:
    return exp.DataType.build(name, dialect="duckdb")


def constant(value: Constant) -> exp.Expr:
    """A typed constant: numbers as decimals of the column's own scale, so that the engine compares integers."""
    match value.base:
        case "flag":
            return TRUE.copy() if value.value else FALSE.copy()
        case "text":
            return text(value.text)
    return cast(text(value.text), TYPES[value.base])


def constant_of(number: str) -> exp.Expr:
    """A decimal constant wide enough for sums."""
    return cast(text(number), "DECIMAL(38,6)")


def day(value: date) -> exp.Expr:
    return cast(text(value.isoformat()), "DATE")


def decimal(value: Decimal, type: str = "DECIMAL(18,2)") -> exp.Expr:
    return cast(text(f"{value:f}"), type)


def micros(instant: datetime) -> int:
    """Microseconds since 1970 of an aware instant, exact."""
    since = instant - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def instant(value: int) -> datetime:
    """The inverse of `micros`."""
    seconds, rest = divmod(value, 1_000_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest)


def sure(test: exp.Expr) -> exp.Expr:
    """A test that is false where it would be unknown: nothing is asked of SQL's third truth value."""
    return exp.Coalesce(this=test, expressions=[FALSE.copy()])


def every(tests: Iterable[exp.Expr]) -> exp.Expr:
    found = list(tests)
    return exp.and_(*found, copy=False) if found else TRUE.copy()


def some(tests: Iterable[exp.Expr]) -> exp.Expr:
    found = list(tests)
    return exp.or_(*found, copy=False) if found else FALSE.copy()


def bit(word: exp.Expr, mask: int) -> exp.Expr:
    """Whether any bit of the mask is set in the word."""
    return exp.NEQ(this=exp.paren(exp.BitwiseAnd(this=word, expression=num(mask)), copy=False), expression=num(0))


def union(queries: Iterable[exp.Query]) -> exp.Query:
    first, *rest = queries
    for query in rest:
        first = exp.union(first, query, distinct=False, copy=False)
    return first


def case(pairs: Iterable[tuple[exp.Expr, exp.Expr]], otherwise: exp.Expr | None = None) -> exp.Expr:
    found = exp.Case()
    empty = True
    for test, value in pairs:
        found = found.when(test, value, copy=False)
        empty = False
    if empty:
        return otherwise if otherwise is not None else NULL.copy()
    return found.else_(otherwise, copy=False) if otherwise is not None else found


def concat(parts: Iterable[exp.Expr]) -> exp.Expr:
    found: exp.Expr | None = None
    for part in parts:
        found = part if found is None else exp.DPipe(this=found, expression=part)
    return found if found is not None else text("")


def joined(parts: Iterable[exp.Expr]) -> exp.Expr:
    """The same of texts and numbers of which a missing one counts as empty: written at once, where each `||` writes all again."""
    found = list(parts)
    return call("concat", *found) if found else text("")


def call(name: str, *arguments: exp.Expr) -> exp.Expr:
    return exp.func(name, *arguments, dialect="duckdb", copy=False)
