"""Matching as a Polars program that a good engineer would write: the form that ours is measured against.

Each event's behaviours in one group-by, joined to the customers once, then one filter for each campaign, collected together so
that Polars may share what they have in common.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from dsl import behaviour as b
from dsl.program.ir import Program

_OPERATORS = {"=": "eq", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}


def frames(engine: Any, events: dict[str, str], customers: str = "customers") -> dict[str, pl.DataFrame]:
    """The same typed tables in Polars' own memory."""
    names = {"customers": customers, **events}
    return {
        name: pl.from_arrow(engine._db._db.sql(f"SELECT * FROM {source}").to_arrow_table())
        for name, source in names.items()
    }


def matched(program: Program, at: int, tables: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """(id, n)"""
    asked: dict[str, dict[b.Condition, str]] = {}
    for campaign in program.campaigns:
        for line in campaign.audience:
            for atom in b.atoms(line.when):
                for of in b.selections(atom):
                    mine = asked.setdefault(of.event, {})
                    mine.setdefault(atom, f"{of.event}{len(mine)}")
    wide = tables["customers"].lazy()
    for event, conditions in asked.items():
        columns = [_met(atom, at).alias(name) for atom, name in conditions.items()]
        wide = wide.join(tables[event].lazy().group_by("id").agg(columns), on="id", how="left")
    names = {atom: name for conditions in asked.values() for atom, name in conditions.items()}
    wide = wide.with_columns(pl.col(list(names.values())).fill_null(False)).collect(engine="streaming").lazy()
    queries = [
        wide.filter(*(_holds(line.when, names) for line in one.audience)).select("id", pl.lit(n, pl.Int32).alias("n"))
        for n, one in enumerate(program.campaigns)
    ]
    return pl.concat(pl.collect_all(queries))


def _met(atom: b.Condition, at: int) -> pl.Expr:
    match atom:
        case b.Did(of):
            return _inside(of, at).any()
        case b.Compare(operator, b.Count(of), b.Constant() as limit):
            return getattr(_inside(of, at).sum(), _OPERATORS[operator])(int(Decimal(limit.text)))
    raise AssertionError(f"the benchmark's programs do not ask {atom}")


def _inside(of: b.Selection, at: int) -> pl.Expr:
    found = pl.col("at") <= at
    if of.last is not None:
        found &= pl.col("at") > at - of.last
    if of.where is not None:
        found &= _holds(of.where, {}, "p_")
    return found.fill_null(False)


def _holds(test: b.Condition, names: dict[b.Condition, str], prefix: str = "f_") -> pl.Expr:
    if test in names:
        return pl.col(names[test])
    match test:
        case b.All(items):
            return pl.all_horizontal(*(_holds(one, names, prefix) for one in items))
        case b.Not(item):
            return ~_holds(item, names, prefix)
        case b.Compare(operator, (b.Field(name) | b.Property(name)), b.Constant() as limit):
            return getattr(pl.col(f"{prefix}{name}"), _OPERATORS[operator])(_literal(limit)).fill_null(False)
        case b.Between(b.Field(name), low, high):
            return pl.col(f"{prefix}{name}").is_between(_literal(low), _literal(high)).fill_null(False)
    raise AssertionError(f"the benchmark's programs do not ask {test}")


def _literal(of: b.Constant) -> Any:
    value = of.value
    if isinstance(value, Decimal):
        scale = {"money": 2}.get(of.base, 6)
        return pl.lit(value, pl.Decimal(18, scale))
    return pl.lit(value) if not isinstance(value, date) else pl.lit(value, pl.Date)
