"""Data → typed tables. Rows that cannot be used go to `rejects` with their reason, and never any further."""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

from dsl.program.ir import Program
from runtime.engines.base import BadFile, Engine
from runtime.errors import InputError
from runtime.inputs import open_source
from runtime.place import Place
from runtime.relational.customers import load_customers
from runtime.relational.events import load_events
from runtime.relational.ledger import load_ledger
from runtime.relational.loading import REJECTS, Kept, Loaded
from runtime.relational.sql import col, table, text


def load(
    engine: Engine,
    program: Program,
    place: Place,
    used: Iterable[str],
    at: int,
    only: Iterable[str] | None = None,
    kept: Kept | None = None,
) -> Loaded:
    """Customers, the events in `used` and the ledger as it is seen at an instant. kept: what a ledger adds to the data.

    only: of these customers, and of whoever shares a phone with them (runtime/relational/narrow.py).
    InputError where a file or a table is missing, unreadable or holds the wrong columns.
    """
    loaded = Loaded(only=None if only is None else set(only), kept=kept or Kept())
    given = loaded.given = open_source(engine, place)
    _tell_apart(program)
    engine.insert("rejects", REJECTS, [])
    engine.plan(only is None)
    try:
        load_customers(engine, program, given, loaded)
        for event in program.events:
            if event.name in used and not event.derived:
                load_events(engine, program, event, given, loaded)
        load_ledger(engine, program, given, at, loaded)
    except BadFile as error:
        if loaded.kept.path and loaded.kept.path in str(error):
            raise  # it is no file of the bank's: whoever opened the ledger says what to do
        raise InputError(str(error), "Write the file again, and compare its size with the original's.") from error
    finally:
        engine.plan(True)
        given.close()
    return loaded


def again(engine: Engine, program: Program, at: int, loaded: Loaded, kept: Kept) -> None:
    """What has changed where customers and events have not: the ledger, and how much of it is seen."""
    loaded.kept = kept
    others = exp.select("*").from_(table("rejects")).where(exp.NEQ(this=col("source"), expression=text("ledger")))
    engine.create("rejects", others)
    assert loaded.given is not None
    load_ledger(engine, program, loaded.given, at, loaded)


def _tell_apart(program: Program) -> None:
    """Engines do not tell `Page` from `page`: of two such names one would be read for the other."""
    named = [[one.name for one in group] for group in (program.customer, program.events)]
    named += [[spec.name for spec in event.properties] for event in program.events]
    for names in named:
        seen: dict[str, str] = {}
        for name in names:
            other = seen.setdefault(name.lower(), name)
            if other != name:
                raise InputError(f"`{other}` and `{name}` differ in capitals only", "Rename one of them.")
