"""Queries as Spark says them.

They are made for DuckDB (runtime/relational), whose answers are what is meant. What Spark would say or understand otherwise
stands here, one function a difference; docs/engines.md lists them, and tests/test_spark_dialect.py asks both engines.
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.dialects.spark import Spark as Plain
from sqlglot.generators.spark import SparkGenerator

from runtime.engines.spark import casts
from runtime.engines.spark.patterns import java

# What DuckDB takes for a blank.
BLANKS = "".join(chr(one) for one in range(sys.maxunicode + 1) if unicodedata.category(chr(one)) == "Zs")
_DEEP = 100_000
Say = Callable[[SparkGenerator, Any], str]


def tree(query: exp.Expr) -> exp.Query:
    """A query as DuckDB would read it, which nobody else holds: words that were put in as text are nodes then."""
    with _deep():
        found = sqlglot.parse_one(query.sql(dialect="duckdb"), read="duckdb")
    assert isinstance(found, exp.Query), found
    return found


def spark(query: exp.Expr) -> str:
    with _deep():
        found: str = _generator().generate(_fanned(_qualified(query)), copy=False)
    return found


@contextmanager
def _deep() -> Iterator[None]:
    """Conditions and zones nest deeper than Python lets a reader go."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, _DEEP))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def _qualified(query: exp.Expr) -> exp.Expr:
    """A condition on windows is a column of its own within."""
    for select in [one for one in query.find_all(exp.Select) if one.args.get("qualify")]:
        test = select.args["qualify"].this
        select.set("qualify", None)
        inner = select.copy()
        inner.append("expressions", exp.alias_(test.copy(), "__q"))
        outer = (
            exp.select("*").from_(inner.subquery("__w", copy=False), copy=False).where(exp.column("__q"), copy=False)
        )
        outer.expressions[0].set("except_", [exp.to_identifier("__q")])
        if select is query:
            return _qualified(outer)
        select.replace(outer)
    return query


def _fanned(query: exp.Expr) -> exp.Expr:
    """A column and a number from one table for each of many tests: one pass that gives the numbers whose tests hold."""
    branches = [] if query.args.get("order") else list(_branches(query))
    if len(branches) < 2 or any(_one_test(one) is None for one in branches):
        return query
    first, source = branches[0], branches[0].args["from_"]
    if any(one.args["from_"] != source or one.selects[0] != first.selects[0] for one in branches):
        return query
    if len({one.selects[1].alias for one in branches}) > 1:
        return query
    holds = [exp.Case().when(one.args["where"].this, one.selects[1].this) for one in branches]
    numbers = exp.Anonymous(this="ARRAY_COMPACT", expressions=[exp.Anonymous(this="ARRAY", expressions=holds)])
    name = first.selects[1].alias
    many = exp.alias_(exp.Anonymous(this="EXPLODE", expressions=[numbers]), name)
    return exp.select(first.selects[0].copy(), many).from_(source.this.copy())


def _branches(query: exp.Expr) -> Iterator[exp.Select]:
    while isinstance(query, exp.Union) and not query.args.get("distinct"):
        yield query.expression
        query = query.this
    if isinstance(query, exp.Select):
        yield query


def _one_test(query: exp.Expr) -> exp.Expr | None:
    if not isinstance(query, exp.Select) or len(query.selects) != 2:
        return None
    if {name for name, value in query.args.items() if value} - {"kind", "expressions", "from_", "where"}:
        return None
    number = query.selects[1]
    plain = isinstance(query.args["from_"].this, exp.Table) and isinstance(query.selects[0], exp.Column)
    return query.args.get("where") if plain and isinstance(number, exp.Alias) and number.this.is_int else None


def _call(name: str) -> Say:
    """A function of another name."""
    return lambda said, of: said.func(name, *of.expressions)


def _anonymous(said: SparkGenerator, of: exp.Anonymous) -> str:
    """Functions that sqlglot does not know, by name."""
    known = {
        "STRLEN": _call("OCTET_LENGTH"),  # bytes, where LENGTH counts characters in both
        "SUFFIX": _call("ENDSWITH"),
        "PREFIX": _call("STARTSWITH"),
        "HASH": _call("XXHASH64"),
        "EPOCH_US": _micros,
    }
    say = known.get(of.name.upper())
    return say(said, of) if say else said.anonymous_sql(of)


def _micros(said: SparkGenerator, of: exp.Expr) -> str:
    held = of.expressions[0]
    if isinstance(held, exp.TryCast):
        zoned = held.to.is_type("timestamptz")
        return (casts.micros_with_offset if zoned else casts.micros)(said.sql(held.this))
    return f"UNIX_MICROS(CAST({said.sql(held)} AS TIMESTAMP))"


def _instant(said: SparkGenerator, of: exp.Expr) -> str:
    return f"CAST(TIMESTAMP_MICROS({said.sql(of, 'this')}) AS TIMESTAMP_NTZ)"


def _written(said: SparkGenerator, of: exp.Expr) -> str:
    """Of the one form that is asked for: a T stands for itself."""
    assert of.args["format"].name == "%Y-%m-%dT%H:%M:%S", of
    return f"DATE_FORMAT({said.sql(of, 'this')}, 'yyyy-MM-dd\\'T\\'HH:mm:ss')"


def _joined(said: SparkGenerator, of: exp.Expr) -> str:
    """What is missing counts as empty."""
    return f"CONCAT_WS('', {', '.join(f'CAST({said.sql(one)} AS STRING)' for one in of.expressions)})"


def _thousands(said: SparkGenerator, of: exp.Expr) -> str:
    return f"FORMAT_NUMBER({said.sql(of.expressions[0])}, 0)"


def _trimmed(said: SparkGenerator, of: exp.Expr) -> str:
    if of.expression:
        return f"TRIM({of.args.get('position') or 'BOTH'} {said.sql(of, 'expression')} FROM {said.sql(of, 'this')})"
    return f"TRIM(BOTH {said.sql(exp.Literal.string(BLANKS))} FROM {said.sql(of, 'this')})"


def _matches(said: SparkGenerator, of: exp.Expr) -> str:
    return f"({said.sql(of, 'this')} RLIKE {_pattern(said, of.expression)})"


def _matches_whole(said: SparkGenerator, of: exp.Expr) -> str:
    pattern = exp.Literal.string(rf"\A(?:{java(of.expression.name)})\z")
    return f"({said.sql(of, 'this')} RLIKE {said.sql(pattern)})"


def _replaced(said: SparkGenerator, of: exp.Expr) -> str:
    """All that match, where DuckDB replaces the first alone unless it is told: patterns of these are tied to an end."""
    return f"REGEXP_REPLACE({said.sql(of, 'this')}, {_pattern(said, of.expression)}, {said.sql(of, 'replacement')})"


def _pattern(said: SparkGenerator, of: exp.Expr) -> str:
    return said.sql(exp.Literal.string(java(of.name)))


def _numbered(said: SparkGenerator, of: exp.Expr) -> str:
    """Rows that are numbered in no order only have to differ; in order they would go through one worker."""
    if isinstance(of.this, exp.RowNumber) and not of.args.get("partition_by") and not of.args.get("order"):
        return "MONOTONICALLY_INCREASING_ID()"
    return said.window_sql(of)  # type: ignore[arg-type]


def _cast(said: SparkGenerator, of: exp.Expr) -> str:
    held, to = of.this, of.args["to"]
    inner = held.unnest()
    if to.is_type("bigint") and isinstance(inner, exp.DPipe) and inner.this.is_string and inner.this.name == "0x":
        return f"CAST(CONV({said.sql(inner.expression)}, 16, 10) AS BIGINT)"
    if to.is_type("text", "varchar") and isinstance(held, exp.Column) and casts.as_it_stands(held.name):
        return casts.text(said.sql(held))
    return said.cast_sql(of)  # type: ignore[arg-type]


def _try(said: SparkGenerator, of: exp.Expr) -> str:
    """What a text is read as differs for numbers and dates."""
    held, to = said.sql(of, "this"), of.args["to"]
    if to.is_type("decimal"):
        return casts.decimal(held, said.sql(to), int(to.expressions[1].name))
    if to.is_type("date"):
        return casts.date(held)
    return said.trycast_sql(of)  # type: ignore[arg-type]


_SAID: dict[type[exp.Expr], Say] = {
    exp.Anonymous: _anonymous,
    exp.UnixToTime: _instant,
    exp.TimeToStr: _written,
    exp.Concat: _joined,
    exp.Format: _thousands,
    exp.Trim: _trimmed,
    exp.RegexpLike: _matches,
    exp.RegexpFullMatch: _matches_whole,
    exp.RegexpReplace: _replaced,
    exp.Window: _numbered,
    exp.Cast: _cast,
    exp.TryCast: _try,
}


def _generator() -> SparkGenerator:
    """One that says these otherwise: a class that is machine code cannot be extended, and only this object is changed."""
    made = SparkGenerator(dialect=Plain())
    made._dispatch = {**made._dispatch, **_SAID}
    return made
