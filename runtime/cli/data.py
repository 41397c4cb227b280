"""`camp data check`: read a data folder exactly as a run would, and say what a run could not use of it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from runtime.cli.inputs import Data
from runtime.cli.language import headed, say, stated, told, word
from runtime.cli.manners import unusable
from runtime.errors import InputError
from runtime.place import Place, placed

if TYPE_CHECKING:
    from dsl.program.ir import Program
    from runtime.engines.base import Engine

_LATEST = datetime(2100, 1, 1, tzinfo=UTC)  # after every decision that a ledger can hold: all of its rows are looked at
_DIALLED = re.compile(r"\+?[\d ()-]{7,}")
_LONGEST = 40


@dataclass
class _Source:
    """`name` as in rejects.parquet; `table` as attached. `reasons`, as they are told: how many, field, why, the first row."""

    name: str
    table: str
    needed: str = ""
    there: bool = False
    read: bool = False
    rows: int = 0
    refused: int = 0
    reasons: list[str] = field(default_factory=list)


@click.group("data")
def data() -> None:
    """Look at a bank's data."""


@data.command()
@click.argument("place", metavar="[DIR]", type=Data(), required=False)
@click.option(
    "--project", type=click.Path(path_type=Path), default=Path(), help="The project's folder; by default this one."
)
def check(place: Place | None, project: Path) -> None:
    """Read the data folder DIR (by default the `path` of camp.toml) against the project's schema, and run nothing.

    Exit code 0: a run would accept it. 1: too many customer rows are refused, or something that is needed is missing.
    2: something that was named cannot be read.
    """
    from runtime.cli.compile import compiled
    from runtime.project import read

    program = compiled(project)
    if place is None:
        read_project = read((project,))
        if read_project.settings.path is None:
            raise click.UsageError("No data folder is named: name it, or write it as `path` under [data] in camp.toml")
        place = placed(read_project.settings.path, read_project.root)
    sources = _sources(program)
    try:
        _load(program, place, sources)
    except InputError as error:
        unusable(error)
        for one in sources:
            if one.needed and not one.there:
                say(f"{one.name}: not there, and {one.needed}", err=True)
        raise SystemExit(2 if _unreadable(error) else 1) from error
    for one in sources:
        for line in _report(one):
            click.echo(line)
    fits = _verdict(program, sources)
    if any(one.needed and not one.there for one in sources) or not fits:
        raise SystemExit(1)


def _sources(program: Program) -> list[_Source]:
    """Everything that a run may read."""
    from dsl.catalog import OPT_OUT_EVENT
    from runtime.relational.match import Matching

    used = Matching(program).used
    found = [_Source("customers", "customers", "no run can do without it")]
    for event in (one for one in program.events if not one.derived):
        why = "who refused messages must be known" if event.name == OPT_OUT_EVENT else "a campaign asks for it"
        found.append(_Source(f"events/{event.name}", event.name, why if event.name in used else ""))
    return [*found, _Source("ledger", "ledger")]


def _load(program: Program, place: Place, sources: list[_Source]) -> None:
    """As a run loads it, but for the stop at too many refused rows: all of them are to be told."""
    from runtime.engines import open_engine
    from runtime.inputs import open_source
    from runtime.relational.load import load
    from runtime.relational.sql import micros

    brand = program.brand.model_copy(update={"rejects": Decimal(1)})
    engine = open_engine(program.engine)
    try:
        given = open_source(engine, place)
        names = given.names()
        given.close()
        for one in sources:
            one.there = one.name in names
        if not sources[0].there:
            return  # without customers there is nobody whom anything could be about
        there = {one.table for one in sources if one.there}
        load(engine, program.model_copy(update={"brand": brand}), place, there, micros(_LATEST))
        for one in sources:
            if one.there:
                _count(engine, program, one)
    finally:
        engine.close()


def _count(engine: Engine, program: Program, one: _Source) -> None:
    from sqlglot import exp

    from runtime.relational.sql import col, table, text

    (whole,) = engine.rows(exp.select("count(*)").from_(table(f"raw_{one.table}")))[0]
    one.read, one.rows = True, whole + len(engine.torn(f"raw_{one.table}"))
    own = exp.select("*").from_(table("rejects")).where(exp.EQ(this=col("source"), expression=text(one.name)))
    first = "row_number() OVER (PARTITION BY field, reason ORDER BY row, key, value) AS turn"
    many = "count(*) OVER (PARTITION BY field, reason) AS n"
    query = exp.select("n", "field", "reason", "row", "key", "value").from_(
        exp.select("*", first, many).from_(own.subquery("o")).subquery("w")
    )
    phones = _phones(program, one)
    for n, name, reason, row, key, value in engine.rows(query.where("turn = 1").order_by("n DESC", "field", "reason")):
        one.refused += n
        # A line that is no row (no field) holds whatever the customer's row holds.
        shown = word("nothing") if value is None else _quoted(value, name is None or name in phones)
        whose = f" of {_quoted(key, False)}" if key is not None else ""
        said = told(f"{n:,} × {f'{name} ' if name else ''}{reason}; as row {row}{whose}")
        one.reasons.append(stated(said, shown))


def _phones(program: Program, one: _Source) -> set[str]:
    """The names of fields that hold phones or account data: neither is shown."""
    event = next((event for event in program.events if one.name == f"events/{event.name}"), None)
    specs = event.properties if event else program.customer
    return {"recipient", *(spec.name for spec in specs if spec.base == "phone" or spec.sensitive)}


def _quoted(value: str, hidden: bool) -> str:
    """One short line; of what is, or could be, a phone its first three characters."""
    if hidden or _DIALLED.fullmatch(value.strip()):
        value = value.strip()[:3] + "…"
    elif len(value) > _LONGEST:
        value = value[:_LONGEST] + "…"
    return json.dumps(value, ensure_ascii=False)


def _report(one: _Source) -> list[str]:
    if not one.there:
        return [told(f"{one.name}: not there" + (f", and {one.needed}" if one.needed else ""))]
    if not one.read:
        return [told(f"{one.name}: not looked at")]
    whole = told(f"{one.name}: {one.rows:,} rows read, {one.refused:,} refused")
    return [whole, *(f"  {line}" for line in one.reasons)]


def _verdict(program: Program, sources: list[_Source]) -> bool:
    """Whether a run would go on. As in a run, customers decide; of other sources a large share is only worth a warning."""
    allowed = program.brand.rejects
    for one in sources:
        if one.name != "customers" and one.refused > allowed * one.rows:
            click.echo(headed("warning", f"{one.refused / one.rows:.1%} of {one.name} are refused"), err=True)
    customers = sources[0]
    if not customers.rows:
        return False
    fits = customers.refused <= allowed * customers.rows
    share = Decimal(customers.refused) / customers.rows
    said = f"{customers.refused:,} of {customers.rows:,} customers cannot be used ({share:.2%})"
    said += f", and the brand allows {allowed:.2%}: {'fine' if fits else 'a run would stop'}"
    click.echo("\n" + told(said))
    return fits


def _unreadable(error: InputError) -> bool:
    from runtime.engines.base import BadFile

    return isinstance(error.__cause__, BadFile)
