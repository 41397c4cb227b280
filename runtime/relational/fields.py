"""A column of the data → a typed value, and why it is refused where it is."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from dsl.program.ir import FieldSpec
from runtime.relational.sql import TYPES, both, call, case, cast, col, negated, num, text

# The column types in which each base may come. CSV has texts only, so a text is always read.
_NUMBERS = (
    "DECIMAL",
    "BIGINT",
    "INTEGER",
    "SMALLINT",
    "TINYINT",
    "HUGEINT",
    "UBIGINT",
    "UINTEGER",
    "USMALLINT",
    "UTINYINT",
)
# "NULL" is a column of which nothing is known but that every value is missing.
_NOTHING = '"NULL"'
_ACCEPTS: dict[str, tuple[str, ...]] = {
    "money": ("VARCHAR", *_NUMBERS, "DOUBLE", "FLOAT"),
    "number": ("VARCHAR", *_NUMBERS, "DOUBLE", "FLOAT"),
    "rate": ("VARCHAR", *_NUMBERS, "DOUBLE", "FLOAT"),
    # An instant with a zone is left out: on which day it lies depends on where one asks.
    "date": ("VARCHAR", "DATE", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"),
    "flag": ("VARCHAR", "BOOLEAN", *_NUMBERS),
}
_TEXTUAL = ("VARCHAR", *_NUMBERS, "UUID", "ENUM")
_SPOKEN = {"money": "an amount", "number": "a number", "rate": "a rate", "date": "a date", "flag": "yes or no"}
_YES, _NO = ("yes", "true", "1", "y", "t", "是"), ("no", "false", "0", "n", "f", "否")


@dataclass(frozen=True)
class Reading:
    """value: NULL where missing or refused; problem: NULL where fine, else why; raw: what stands there, as text."""

    value: exp.Expr
    problem: exp.Expr
    raw: exp.Expr


def accepts(base: str, column_type: str) -> bool:
    """Whether a column of that type can hold values of the base at all."""
    if column_type.endswith("]"):
        return False  # a list of anything
    return column_type == _NOTHING or column_type.split("(")[0] in _ACCEPTS.get(base, _TEXTUAL)


def clean(column: str, column_type: str, missing: tuple[str, ...]) -> exp.Expr:
    """The column, with blanks and the words that mean missing taken out of texts."""
    raw = col(column)
    if not column_type.startswith(("VARCHAR", "ENUM")):
        return raw
    held: exp.Expr = exp.Trim(this=cast(raw, "VARCHAR"))
    for word in dict.fromkeys(("", *missing)):
        held = exp.Nullif(this=held, expression=text(word))
    return held


def reading(spec: FieldSpec, column_type: str, missing: tuple[str, ...]) -> Reading:
    """How a field is read from its column; phones and zones come as texts and are looked at later."""
    held = clean(spec.column, column_type, missing)
    raw = cast(held.copy(), "VARCHAR")
    value = _value(spec, held, column_type)
    problems: list[tuple[exp.Expr, exp.Expr]] = []
    if not spec.optional:
        problems.append((exp.Is(this=held.copy(), expression=exp.null()), text("is missing")))
    if spec.base in _SPOKEN:
        unread = both(
            negated(exp.Is(this=held.copy(), expression=exp.null())), exp.Is(this=value, expression=exp.null())
        )
        problems.append((unread, text(f"is not {_SPOKEN[spec.base]}")))
    if spec.base == "choice":
        known = exp.In(this=value.copy(), expressions=[text(option) for option in spec.options])
        problems.append((negated(known), text("is none of " + ", ".join(spec.options))))
    if spec.size is not None:
        longer = exp.GT(this=call("length", value.copy()), expression=num(spec.size))
        problems.append((longer, text(f"is longer than {spec.size} characters")))
    return Reading(value.copy(), case(problems, exp.null()), raw)


def absent(spec: FieldSpec) -> Reading:
    """A field whose column is not there: missing on every row."""
    return Reading(cast(exp.null(), TYPES[spec.base]), exp.null() if spec.optional else text("is missing"), exp.null())


def _value(spec: FieldSpec, held: exp.Expr, column_type: str) -> exp.Expr:
    type = TYPES[spec.base]
    if spec.base == "flag" and not column_type.startswith("BOOLEAN"):
        word = exp.Lower(this=cast(held.copy(), "VARCHAR"))
        pairs = [(word, _YES, exp.true()), (word.copy(), _NO, exp.false())]
        return case((exp.In(this=of, expressions=[text(w) for w in words]), to) for of, words, to in pairs)
    if spec.base == "date":
        return date(held)
    if spec.base in ("money", "number", "rate"):
        return exp.TryCast(this=held.copy(), to=exp.DataType.build(type, dialect="duckdb"))
    return cast(held.copy(), type)


def date(held: exp.Expr) -> exp.Expr:
    """A date that a calendar can show; NULL where it is none. An engine also knows `infinity` and years of six digits."""
    read = exp.TryCast(this=held.copy(), to=exp.DataType.build("DATE"))
    low, high = (cast(text(end), "DATE") for end in ("0001-01-01", "9999-12-31"))
    return case([(exp.Between(this=read, low=low, high=high), read.copy())])
