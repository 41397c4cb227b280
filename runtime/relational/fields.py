"""A column of the data → a typed value, and why it is refused where it is."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from dsl.program.ir import FieldSpec
from runtime.relational.sql import TYPES, both, call, case, cast, col, either, negated, num, text

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


Problem = tuple[exp.Expr, str]  # a test, and what is said where it holds
_BLANK = " "


@dataclass(frozen=True)
class Reading:
    """value: NULL where missing or refused; problem: NULL where fine, else why."""

    value: exp.Expr
    problem: exp.Expr


def accepts(base: str, column_type: str) -> bool:
    """Whether a column of that type can hold values of the base at all."""
    if column_type.endswith("]"):
        return False  # a list of anything
    return column_type == _NOTHING or column_type.split("(")[0] in _ACCEPTS.get(base, _TEXTUAL)


def clean(column: str, column_type: str, missing: tuple[str, ...]) -> exp.Expr:
    """The column, with blanks and the words that mean missing taken out of texts."""
    raw = col(column)
    if not is_text(column_type):
        return raw
    held = _trimmed(cast(raw, "VARCHAR"))
    for word in dict.fromkeys(("", *missing)):
        held = exp.Nullif(this=held, expression=text(word))
    return held


def is_text(column_type: str) -> bool:
    """Whether a column's values are cleaned before they are read."""
    return column_type.startswith(("VARCHAR", "ENUM"))


def _trimmed(held: exp.Expr) -> exp.Expr:
    """Without the blanks around it. An engine looks at every character for that, and nearly no text has any.

    Of ASCII only the blank is one: what begins with nothing below `!`, and ends with no blank, stays as it is.
    """
    wide = exp.NEQ(this=call("strlen", held), expression=exp.Length(this=held.copy()))
    begins = exp.LT(this=held.copy(), expression=text("!"))
    ends = call("suffix", held.copy(), text(_BLANK))
    return case([(either(wide, begins, ends), exp.Trim(this=held.copy()))], held.copy())


def reading(spec: FieldSpec, column_type: str, missing: tuple[str, ...]) -> Reading:
    """How a field is read from its column; phones and zones come as texts and are looked at later."""
    held = clean(spec.column, column_type, missing)
    found = value(spec, held, column_type)
    wrong = ((test, text(said)) for test, said in problems(spec, held, found))
    return Reading(found.copy(), case(wrong, exp.null()))


def problems(spec: FieldSpec, held: exp.Expr, value: exp.Expr) -> list[Problem]:
    """What can be wrong with a field, the first that holds counts. held: what stands in its column; value: as it is read."""
    missing = exp.Is(this=held.copy(), expression=exp.null())
    found: list[Problem] = []
    if not spec.optional:
        found.append((missing, "is missing"))
    if spec.base in _SPOKEN:
        unread = both(negated(missing.copy()), exp.Is(this=value.copy(), expression=exp.null()))
        found.append((unread, f"is not {_SPOKEN[spec.base]}"))
    if spec.base == "choice":
        known = exp.In(this=value.copy(), expressions=[text(option) for option in spec.options])
        found.append((negated(known), "is none of " + ", ".join(spec.options)))
    if spec.size is not None:
        longer = exp.GT(this=call("length", value.copy()), expression=num(spec.size))
        found.append((longer, f"is longer than {spec.size} characters"))
    return found


def value(spec: FieldSpec, held: exp.Expr, column_type: str) -> exp.Expr:
    """What stands in a field's column → its value; NULL where it is missing or cannot be read."""
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
