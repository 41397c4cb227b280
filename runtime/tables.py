"""A run's tables in the formats of their files. A CSV file holds the same columns in the same order, as text.

A spreadsheet runs a cell that begins like a formula (OWASP, CSV injection), and these cells hold what customers are called or
have typed: such a text gets an apostrophe before it. So does one that begins with an apostrophe: then no text's first apostrophe
is its own, and taking it away gives the text back.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sqlglot import exp

from runtime.engines.base import BadFile, Engine
from runtime.relational.sql import call, case, cast, col, concat, num, table, text

FORMATS = ("parquet", "csv")
# With the full-width forms, which a spreadsheet in Chinese or Japanese takes for the others.
FORMULA = "=+-@\t\r\n＝＋－＠"


def cells(columns: Mapping[str, str], form: str) -> list[exp.Expr]:
    """Columns of the table `t`, as a file of that format holds them."""
    if form == "parquet":
        return [col(name, "t") for name in columns]
    return [exp.alias_(_cell(col(name, "t"), type), name, quoted=True) for name, type in columns.items()]


def _cell(value: exp.Expr, type: str) -> exp.Expr:
    match type:
        case "VARCHAR":
            risky = exp.In(this=_head(value), expressions=[_char(one) for one in "'" + FORMULA])
            return case([(risky, concat([text("'"), value.copy()]))], value.copy())
        case "TIMESTAMP":
            written = call("replace", cast(value, "VARCHAR"), text(" "), text("T"))
            return concat([written, text("Z")])
    return value


def defused(value: str) -> str:
    """The same of a text that no engine holds."""
    return f"'{value}" if value[:1] and value[0] in "'" + FORMULA else value


def attach(engine: Engine, name: str, folder: Path, columns: Mapping[str, str], file: str = "") -> None:
    """`name`: a table of a folder that a run wrote, typed; `file`: what it is called there, where that is something else.

    BadFile where it is not there or not whole.
    """
    found = [path for form in FORMATS if (path := folder / f"{file or name}.{form}").exists()]
    path = found[0] if found else folder / f"{file or name}.parquet"
    delimited = path.suffix == ".csv"
    source = f"{name}_file" if delimited else name
    has = engine.attach(source, path)
    if missing := [column for column in columns if column not in has]:
        raise BadFile(f"{path} has no column `{missing[0]}`")
    if torn := engine.torn(source):
        raise BadFile(f"{path} cannot be read: line {torn[0][0]} is no row")
    if delimited:
        shown = [exp.alias_(_read(col(column, "t"), type), column, quoted=True) for column, type in columns.items()]
        engine.create(name, exp.select(*shown).from_(table(source, "t")))


def _read(value: exp.Expr, type: str) -> exp.Expr:
    """The inverse of `_cell`."""
    match type:
        case "VARCHAR":
            marked = exp.EQ(this=_head(value), expression=text("'"))
            return case([(marked, exp.Substring(this=value.copy(), start=num(2)))], value.copy())
        case "TIMESTAMP":
            return cast(exp.Trim(this=value, expression=text("Z"), position="TRAILING"), type)
    return cast(value, type)


def _head(value: exp.Expr) -> exp.Expr:
    return exp.Substring(this=value.copy(), start=num(1), length=num(1))


def _char(one: str) -> exp.Expr:
    """Control characters by their number: not every engine takes them in a literal."""
    return call("chr", num(ord(one))) if one < " " else text(one)
