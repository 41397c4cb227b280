"""Files of a data folder for Spark. The embedded engine says which types a file has, so that the same columns fit. What Spark
would read another way, it reads too, and writes it down as Parquet once: text (so that the same lines are torn) and odd types."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sqlglot import exp

# Types that both read alike.
_PLAIN = ("VARCHAR", "BIGINT", "INTEGER", "SMALLINT", "TINYINT", "BOOLEAN", "DATE", "DOUBLE", "FLOAT", "TIMESTAMP")
_ZONED = "TIMESTAMP WITH TIME ZONE"
# As what others are written down. What is in none of these could be no field (runtime/relational/fields.py): it is left out.
_WRITTEN = {
    **dict.fromkeys(("UTINYINT", "USMALLINT", "UINTEGER"), "BIGINT"),
    "UBIGINT": "DECIMAL(20,0)",
    "HUGEINT": "DECIMAL(38,0)",
    "UUID": "VARCHAR",
    "TIMESTAMPTZ_NS": "TIMESTAMPTZ",
    **dict.fromkeys(("TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"), "TIMESTAMP"),
}


def readable(columns: Mapping[str, str], path: Path) -> bool:
    """Whether Spark may read a file itself."""
    plain = all(_plain(type) for type in columns.values())
    distinct = len({name.lower() for name in columns}) == len(columns) and "_metadata" not in columns
    return path.suffix == ".parquet" and plain and distinct


def _plain(type: str) -> bool:
    return type in (*_PLAIN, _ZONED) or type.startswith("DECIMAL(")


def written(columns: Mapping[str, str], name: str) -> exp.Select:
    """A query of the embedded engine: the rows of an attached table with their numbers, in types that Spark reads."""
    shown: list[exp.Expr] = [exp.column("__row", quoted=True)]
    for column, type in columns.items():
        to = type if _plain(type) else "VARCHAR" if type.startswith("ENUM") else _WRITTEN.get(type)
        held = exp.column(column, quoted=True) if to else exp.null()
        cast = exp.Cast(this=held, to=exp.DataType.build(to or "VARCHAR", dialect="duckdb"))
        shown.append(exp.alias_(cast, column, quoted=True))
    return exp.select(*shown).from_(exp.Table(this=exp.to_identifier(name, quoted=True)))


def rows(columns: Mapping[str, str], place: str, numbered: bool) -> str:
    """Spark's query of the rows of a Parquet file; numbered: they have their numbers with them."""
    row = "`__row`" if numbered else "_metadata.row_index + 1 AS `__row`"
    shown = "".join(f", {_shown(name, type)}" for name, type in columns.items())
    return f"SELECT {row}{shown} FROM parquet.{_name(place)}"


def _shown(name: str, type: str) -> str:
    """Which of its two kinds of instants Spark takes a column for depends on who wrote the file."""
    to = (
        "TIMESTAMP" if type in (_ZONED, "TIMESTAMPTZ_NS") else "TIMESTAMP_NTZ" if type.startswith("TIMESTAMP") else None
    )
    return f"CAST({_name(name)} AS {to}) AS {_name(name)}" if to else _name(name)


def _name(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"
