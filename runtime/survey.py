"""What a data folder holds: the customers' schema, the events, and an audience that is not empty."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal

from sqlglot import exp

from dsl.catalog import EVENTS, OPT_OUT_EVENT
from dsl.program.ir import FieldSpec
from dsl.settings import EVENT_COLUMNS
from runtime.engines.base import BadFile, Engine
from runtime.errors import InputError
from runtime.inference import Column, key_of, name_all, phone_of, quoted, read, safe, zone_of
from runtime.inputs import open_source
from runtime.inputs.base import CUSTOMERS, LEDGER, Source
from runtime.inputs.base import EVENTS as UNDER
from runtime.place import Place
from runtime.relational import fields, moments
from runtime.relational.sql import col, table

CURRENCY = "CNY"
CONSENT = re.compile(r"consent|agree|opt_?in|同意|授权", re.I)
_WHO = ("customer", "customer_id", "cust_id", "client_id", "user_id", "uid", "client", "user")
_WHEN = ("at", "time", "ts", "timestamp", "event_time", "occurred_at", "happened_at", "created_at", "datetime", "date")
_WHICH = ("event_id", "eid", "id")


@dataclass
class Event:
    name: str
    properties: list[Column]
    columns: dict[str, str]  # customer, at, id → its column


@dataclass
class Survey:
    """What a data folder holds. `notes`: what was left out, and what a run will miss."""

    customers: list[Column]
    events: list[Event] = field(default_factory=list)
    test: tuple[str, str] = ("", "")  # an audience line that holds for some, and what a test's customer needs for it
    bad: Decimal = Decimal(0)  # the share of customer rows that a run will refuse
    retired: list[str] = field(default_factory=list)  # campaigns that only the ledger knows
    notes: list[str] = field(default_factory=list)


def survey(engine: Engine, place: Place) -> Survey:
    """InputError where there is no such place, no customers, nothing readable or no key."""
    given = open_source(engine, place)
    try:
        return _survey(engine, given)
    except BadFile as error:
        raise InputError(str(error), "Write the file again, and compare its size with the original's.") from error
    finally:
        given.close()


def _survey(engine: Engine, given: Source) -> Survey:
    names = given.names()
    if CUSTOMERS not in names:
        raise InputError(given.lacking(CUSTOMERS), "Name a data folder.")
    columns, types = read(engine, given, CUSTOMERS, CUSTOMERS)
    if not columns or not columns[0].rows:
        raise InputError(
            f"{given.shown(CUSTOMERS)} holds no rows", "A schema is inferred from what stands in the columns."
        )
    phone, wrong = phone_of(engine, columns)
    zone, nowhere = zone_of(engine, columns)
    key = key_of(columns, phone, given.shown(CUSTOMERS))
    key.base = "key"
    if phone:
        phone.base = "phone"
    if zone and zone is not key:
        zone.base = "zone"
    name_all(columns, ())
    torn = len(engine.torn("raw_customers"))
    found = Survey(columns, bad=Decimal(wrong + nowhere + torn) / (columns[0].rows + torn))
    found.notes += _left_out(given.shown(CUSTOMERS), columns, types)
    if phone is None:
        found.notes.append("no column holds mobile numbers: nobody can be sent a message until a `phone` is declared")
    found.test = _audience(engine, columns)
    for name in sorted(name.removeprefix(UNDER) for name in names if name.startswith(UNDER)):
        _event(engine, given, name, key, found)
    if UNDER + OPT_OUT_EVENT not in names:
        why = "a run needs it, since who refused messages must be known"
        found.notes.append(f"there is no events/{OPT_OUT_EVENT}: {why} (columns customer, at; empty if nobody did)")
    if LEDGER in names:
        _ledger(engine, given, found)
    return found


def _left_out(where: str, columns: list[Column], types: dict[str, str]) -> list[str]:
    there = {one.column for one in columns}
    return [f"{where}: `{name}` is left out ({type})" for name, type in types.items() if name not in there]


def _ledger(engine: Engine, given: Source, found: Survey) -> None:
    """Campaigns of past decisions have to be declared, or no run could count them."""
    if "campaign" not in given.attach(LEDGER, "raw_ledger"):
        return
    query = exp.select("campaign").distinct().from_(table("raw_ledger")).where("campaign IS NOT NULL")
    names = [str(row[0]) for row in engine.rows(query.order_by("campaign"))]
    found.retired = [name for name in names if safe(name) == name]
    found.notes += [f"the ledger's campaign {name!r} cannot be declared" for name in names if safe(name) != name]


def _event(engine: Engine, given: Source, name: str, key: Column, found: Survey) -> None:
    where = given.shown(UNDER + name)
    if safe(name) != name:
        found.notes.append(f"{where} is left out: a .camp file cannot name it; rename the file")
        return
    columns, types = read(engine, given, UNDER + name, name, choices=False)
    lower = {column.lower(): column for column in types}
    who = next((lower[hint] for hint in (*_WHO, key.column.lower()) if hint in lower), None)
    instants = [column for column, type in types.items() if moments.written(col(column), type) is not None]
    timed = [column for column in instants if types[column].startswith("TIMESTAMP") or _dated(columns, column)]
    when = next((lower[hint] for hint in _WHEN if lower.get(hint) in instants), None) or next(iter(timed), None)
    if who is None or when is None:
        missing = "to whom it happened" if who is None else "when it happened"
        found.notes.append(f"{where} is left out: no column of it says {missing}")
        return
    roles = {"customer": who, "at": when}
    unique = {one.column for one in columns if one.whole and one.distinct == one.rows}
    which = next((lower[hint] for hint in _WHICH if lower.get(hint) in unique - {who, when}), None)
    # A column `id` that tells no events apart must not be taken for one that does.
    roles["id"] = which or ("no_such_column" if "id" in types else "id")
    rest = [one for one in columns if one.column not in (who, when, which)]
    name_all(rest, EVENT_COLUMNS)
    untold = {column: type for column, type in types.items() if column not in (who, when, which)}
    found.notes += _left_out(where, rest, untold)
    found.events.append(Event(name, [] if name in EVENTS else rest, roles))


def _dated(columns: list[Column], column: str) -> bool:
    return any(one.column == column and one.base == "date" for one in columns)


def _audience(engine: Engine, columns: list[Column]) -> tuple[str, str]:
    """An audience line that some customer passes, and a test customer's entries for it."""
    order = ("choice", "flag", "date", "money", "number", "text", "key")
    for one in sorted(columns, key=lambda one: order.index(one.base) if one.base in order else len(order)):
        found = _line(engine, one) if one.held else None
        if found:
            return found
    raise AssertionError("a key always has a line")


def _line(engine: Engine, one: Column) -> tuple[str, str] | None:
    if one.base == "choice":
        return f"{one.name} = {quoted(one.options[0])}", f"{one.name} {quoted(one.options[0])}"
    if one.base == "key":
        return f'{one.name} != "nobody"', f'{one.name} "example"'
    if one.base == "text":
        return None if one.whole else (f"not {one.name} is missing", f'{one.name} "example"')
    if one.base not in ("flag", "date", "money", "number") or (one.base == "flag" and CONSENT.search(one.name)):
        return None
    spec = FieldSpec(name="x", base=one.base, column=one.column, optional=True)  # type: ignore[arg-type]
    read = exp.select(exp.alias_(fields.reading(spec, one.type, ()).value, "v")).from_(table("raw_customers"))
    low, high = engine.rows(exp.select("min(v)", "max(v)").from_(read.subquery("w")))[0]
    if one.base == "flag":
        return (one.name, f"{one.name} yes") if high else None
    if one.base == "date":
        return f"{one.name} in {low.isoformat()}..{high.isoformat()}", f"{one.name} {high.isoformat()}"
    unit = f" {CURRENCY}" if one.base == "money" else ""
    least = int((low + high) / 2)
    return None if least < 0 else (f"{one.name} >= {least}{unit}", f"{one.name} {least}{unit}")
