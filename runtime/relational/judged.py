"""The rows of a file with the first thing that is wrong with each: a number, since nearly always nothing is.

What is refused, and why, is written out of that number only for the rows that have one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlglot import exp

from runtime.relational.sql import case, cast, col, named, negated, num, table, text


@dataclass(frozen=True)
class Flaw:
    """A test over the columns of a query, and what `rejects` says of a row for which it holds. held: what stands there."""

    test: exp.Expr
    field: str
    reason: str
    held: exp.Expr


def judge(rows: exp.Select, flaws: Sequence[Flaw]) -> exp.Select:
    """A query with two more columns: `flaw`, the number of a row's first flaw (NULL: it has none), and `held`."""
    tests = [(flaw.test, num(at)) for at, flaw in enumerate(flaws)]
    numbered = exp.select("*", named(cast(case(tests), "SMALLINT"), "flaw")).from_(rows.subquery("t", copy=False))
    return exp.select("*", named(_told(cast(flaw.held, "VARCHAR") for flaw in flaws), "held")).from_(
        numbered.subquery("n", copy=False), copy=False
    )


def refused(name: str, source: str, flaws: Sequence[Flaw], row: exp.Expr, key: exp.Expr) -> exp.Select:
    """The rows with a flaw as `rejects` has them. name: of the file; source: the table with `flaw` and `held`."""
    columns = {
        "source": text(name),
        "row": row,
        "key": key,
        "field": _told(text(flaw.field) for flaw in flaws),
        "value": col("held"),
        "reason": _told(text(flaw.reason) for flaw in flaws),
    }
    shown = [named(value, column) for column, value in columns.items()]
    there = negated(exp.Is(this=col("flaw"), expression=exp.null()))
    return exp.select(*shown).from_(table(source)).where(there)


def _told(answers: Iterable[exp.Expr]) -> exp.Expr:
    """An answer for each flaw."""
    pairs = [(exp.EQ(this=col("flaw"), expression=num(at)), answer) for at, answer in enumerate(answers)]
    return cast(case(pairs), "VARCHAR")
