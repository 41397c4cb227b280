"""What reading customers, events and the ledger have in common."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from sqlglot import exp

from dsl.program.ir import FieldSpec, Program
from runtime.engines.base import Engine
from runtime.errors import InputError
from runtime.relational import fields
from runtime.relational.sql import case, cast, col, named, negated, table, text

REJECTS = {
    "source": "VARCHAR",
    "row": "BIGINT",
    "key": "VARCHAR",
    "field": "VARCHAR",
    "value": "VARCHAR",
    "reason": "VARCHAR",
}


@dataclass
class Loaded:
    """Tables: `customers` (id, key, zone, phone, owner, f_…), one for each event (id, at, eid, p_…), `rejects`.

    only: the customers that are loaded; None: all. Then what has no rows of theirs has no table (`events`, `decided`).
    """

    customers: int = 0
    refused: int = 0
    events: dict[str, str] = field(default_factory=dict)
    files: list[Path] = field(default_factory=list)
    only: set[str] | None = None
    decided: bool = True


def source(engine: Engine, folder: Path, name: str, loaded: Loaded, where: str) -> dict[str, str] | None:
    """Attach DIR/name.parquet or .csv as `raw_name`; its columns, None where there is neither. `where`: its name in rejects.

    Where only some customers are loaded it is `whole_name`, which runtime/relational/narrow.py cuts down.
    """
    found = [path for end in ("parquet", "csv") if (path := folder / f"{name}.{end}").exists()]
    if len(found) > 1:
        raise InputError(f"There are both {found[0]} and {found[1].name}", "Keep one of them.")
    if not found:
        return None
    if not found[0].is_file():
        raise InputError(f"{found[0]} is no file", "Write its parts into one file.")
    loaded.files.append(found[0])
    attached = f"raw_{name}" if loaded.only is None else f"whole_{name}"
    columns = engine.attach(attached, found[0])
    torn = engine.torn(attached)
    if torn:
        rows = [(where, line, None, None, held, f"the line is no row: {why}") for line, held, why in torn]
        engine.insert(f"torn_{name}", REJECTS, rows)
        engine.append("rejects", exp.select("*").from_(table(f"torn_{name}")))
    return columns


def readings(
    specs: Iterable[FieldSpec], columns: dict[str, str], where: str, program: Program
) -> dict[str, fields.Reading]:
    """How every field is read. InputError where a column has a type that could never be one."""
    found: dict[str, fields.Reading] = {}
    for spec in specs:
        if spec.column not in columns:
            if not spec.optional:
                there = ", ".join(sorted(columns))
                help = f"It has: {there}. Map it in camp.toml, or declare the field with `?`."
                raise InputError(f"{where} has no column `{spec.column}` for the field `{spec.name}`", help)
            found[spec.name] = fields.absent(spec)
            continue
        type = columns[spec.column]
        if not fields.accepts(spec.base, type):
            message = f"The column `{spec.column}` of {where} holds {type}, and `{spec.name}` is {spec.base}"
            raise InputError(message, "Write the column in another type, or map another one in camp.toml.")
        found[spec.name] = fields.reading(spec, type, program.data.missing)
    return found


def first_problem(read: dict[str, fields.Reading], what: str = "problem") -> exp.Expr:
    """The first field's problem, its name, or what stands there."""
    pairs = []
    for name, reading in read.items():
        if isinstance(reading.problem, exp.Null):
            continue
        shown = {"problem": reading.problem, "field": text(name), "value": reading.raw}[what]
        pairs.append((negated(exp.Is(this=reading.problem.copy(), expression=exp.null())), shown.copy()))
    return case(pairs, exp.null()) if pairs else cast(exp.null(), "VARCHAR")


def refused(name: str, judged: str, key: exp.Expr) -> exp.Select:
    columns = {
        "source": text(name),
        "row": col("__row"),
        "key": key,
        "field": col("bad_field"),
        "value": col("bad_value"),
    }
    shown = [named(value, column) for column, value in columns.items()]
    return exp.select(*shown, col("reason")).from_(table(judged)).where("reason IS NOT NULL")


def quoted(name: str) -> str:
    return exp.to_identifier(name, quoted=True).sql()
