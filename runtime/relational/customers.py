"""The data's customers → `customers`: typed, one row for each key, with zone, phone and who owns a shared phone.

The rows are written down once, as `read_customers`. What is known of a customer only from other rows, or from outside of the
engine, concerns few: it is kept beside them (`odd_customers`, `without_phone`), and `customers` is a view over all of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sqlglot import exp

from dsl.program.ir import Program
from runtime.engines.base import Engine
from runtime.errors import InputError
from runtime.inputs.base import CUSTOMERS, Source
from runtime.relational import judged, narrow, phones, zones
from runtime.relational.judged import Flaw
from runtime.relational.loading import Loaded, Reading, readings, source
from runtime.relational.repeats import repeated
from runtime.relational.sql import both, case, cast, col, named, negated, num, paren, some, table, text

_TOLD = ("reason", "field", "value")


@dataclass(frozen=True)
class _Columns:
    """The columns of `read_customers` that mean something to every program."""

    key: str
    phone: str | None
    zone: str | None


def load_customers(engine: Engine, program: Program, given: Source, loaded: Loaded) -> None:
    columns = source(engine, given, "customers", loaded, CUSTOMERS)
    if columns is None:
        help = "Data are customers and events: docs/inputs.md says how each is called."
        raise InputError(given.lacking(CUSTOMERS), help)
    read = readings(program.customer, columns, "customers", program, "f_")
    if loaded.only is not None:
        narrow.customers(engine, program, columns, loaded)
    key, phone, zone = (
        next((one.column for one in read if one.spec.base == base), None) for base in ("key", "phone", "zone")
    )
    assert key is not None
    mine = _Columns(key, phone, zone)
    flaws = [flaw for one in read for flaw in one.flaws]
    engine.create("read_customers", _read(program, read, flaws, mine))
    few = loaded.only is not None
    odd = _odd(engine, program, mine, few)
    _count(engine, loaded, odd)
    number = paren(exp.Add(this=col("id"), expression=num(1)))
    engine.append("rejects", judged.refused("customers", "read_customers", flaws, number, col(mine.key)))
    if loaded.only is None and loaded.refused > program.brand.rejects * loaded.customers:
        _stop(engine, loaded, program.brand.rejects)
    _accept(engine, program, mine, odd, few)


def _read(program: Program, read: list[Reading], flaws: list[Flaw], mine: _Columns) -> exp.Select:
    """Every row: its number, its values, its phone as far as the engine can read it, and its first flaw."""
    held = exp.select("__row", *(one.held for one in read)).from_(table("raw_customers"))
    values = exp.select("*", *(one.value for one in read)).from_(held.subquery("h", copy=False))
    number = named(paren(exp.Sub(this=col("__row"), expression=num(1))), "id")
    phone = phones.plain(col(mine.phone), program.brand.phones) if mine.phone else exp.null()
    rows = exp.select("*", named(cast(phone, "VARCHAR"), "e164")).from_(
        judged.judge(values, flaws).subquery("j", copy=False)
    )
    shown: dict[str, exp.Expr] = {one.column: col(one.column) for one in read}
    if mine.phone:  # as it is written it is only asked for where the engine cannot read it
        shown[mine.phone] = case([(negated(_there("e164")), col(mine.phone))], cast(exp.null(), "VARCHAR"))
    fields = (named(value, name) for name, value in shown.items())
    return exp.select(number, *fields, "e164", "flaw", "held").from_(rows.subquery("p", copy=False), copy=False)


def _odd(engine: Engine, program: Program, mine: _Columns, few: bool) -> bool:
    """`odd_customers`: id, phone and refusal of rows without a flaw of their own of which more has to be known; whether any are.

    Their key stands on another row too, their phone is one for the library, or their zone is none.
    """
    key, fine = col(mine.key, "r"), exp.Is(this=col("flaw"), expression=exp.null())
    rows = exp.select().from_(table("read_customers", "r"))
    seen: list[exp.Expr] = []
    asked: list[tuple[exp.Expr, ...]] = []
    phone: exp.Expr = exp.null()
    if repeated(engine, "read_customers", mine.key, "repeated_keys", few=few):
        rows = rows.join(
            table("repeated_keys", "d"), on=exp.EQ(this=col("value", "d"), expression=key), join_type="left"
        )
        seen.append(_there("value", "d"))
        asked.append(
            (_there("value", "d"), text("stands on more than one row"), text(mine.key.removeprefix("f_")), key)
        )
    if mine.phone:
        held = col(mine.phone, "r")
        texts = exp.select(col(mine.phone)).distinct().from_(table("read_customers")).where(fine)
        texts = texts.where("e164 IS NULL", _there(mine.phone))
        if phones.odd(engine, texts, program.brand.phones, "phones"):
            same = exp.EQ(this=col("raw", "p"), expression=held)
            rows = rows.join(table("phones", "p"), on=same, join_type="left")
            seen.append(_there("raw", "p"))
            asked.append((_there("problem", "p"), col("problem", "p"), text(mine.phone.removeprefix("f_")), held))
            phone = col("e164", "p")
    if mine.zone and zones.prepare(engine, "read_customers", mine.zone):
        held = col(mine.zone, "r")
        rows = rows.join(table("bad_zones", "z"), on=exp.EQ(this=col("zone", "z"), expression=held), join_type="left")
        seen.append(_there("zone", "z"))
        asked.append((_there("zone", "z"), text("is no time zone"), text(mine.zone.removeprefix("f_")), held))
    if not seen:
        return False
    told = [(name, case((one[0].copy(), one[at].copy()) for one in asked)) for at, name in enumerate(_TOLD, 1)]
    shown = [named(cast(value, "VARCHAR"), name) for name, value in (*told, ("key", key), ("e164", phone))]
    engine.create("odd_customers", rows.select(col("id", "r"), *shown).where(both(fine, some(seen))))
    refused = {"source": text("customers"), "row": paren(exp.Add(this=col("id"), expression=num(1)))}
    refused |= {name: col(name) for name in ("key", "field", "value", "reason")}
    rejects = exp.select(*(named(value, name) for name, value in refused.items())).from_(table("odd_customers"))
    engine.append("rejects", rejects.where(_there("reason")))
    return True


def _count(engine: Engine, loaded: Loaded, odd: bool) -> None:
    """How many rows there are, and how many of them are refused; those that are no rows are in `rejects` by now."""
    ((rows, flawed),) = engine.rows(exp.select("count(*)", "count(flaw)").from_(table("read_customers")))
    ((others,),) = engine.rows(exp.select("count(*)").from_(table("rejects")))
    ((beside,),) = engine.rows(exp.select("count(reason)").from_(table("odd_customers"))) if odd else ((0,),)
    loaded.customers, loaded.refused = rows + others - beside, flawed + others
    if loaded.customers == 0 and loaded.only is None:
        raise InputError("The customers file holds no rows", "An empty file is no bank: look at what wrote it.")


def _accept(engine: Engine, program: Program, mine: _Columns, odd: bool, few: bool) -> None:
    """`customers`, and `without_phone`: those whose phone is another's, of a lower key."""
    tests = ["r.flaw IS NULL"]
    phone: exp.Expr = col("e164", "r")
    rows = exp.select().from_(table("read_customers", "r"))
    if odd:
        rows = rows.join(table("odd_customers", "o"), on="o.id = r.id", join_type="left")
        phone, tests = exp.Coalesce(this=phone, expressions=[col("e164", "o")]), [*tests, "o.reason IS NULL"]
    rows = rows.where(*tests)
    engine.view("accepted", rows.select(col("id", "r"), named(col(mine.key, "r"), "key"), named(phone.copy(), "phone")))
    shared = bool(mine.phone) and repeated(engine, "accepted", "phone", "shared_phones", few=few)
    if shared:
        several = exp.select("a.id", "a.key", named("min(a.key) OVER (PARTITION BY a.phone)", "lowest"))
        several = several.from_(table("accepted", "a")).join(table("shared_phones", "s"), on="s.value = a.phone")
        others = exp.select("id").from_(several.subquery("s")).where("key <> lowest")
        engine.create("without_phone", others)
        rows = rows.join(table("without_phone", "w"), on="w.id = r.id", join_type="left")
    zone: exp.Expr = text(program.brand.zone)
    zone = exp.Coalesce(this=col(mine.zone, "r"), expressions=[zone]) if mine.zone else zone
    columns: dict[str, exp.Expr] = {
        "id": col("id", "r"),
        "key": col(mine.key, "r"),
        "zone": cast(zone, "VARCHAR"),
        "phone": phone,
        "owner": exp.Is(this=col("id", "w"), expression=exp.null()) if shared else exp.true(),
    }
    for spec in program.customer:
        name = f"f_{spec.name}"
        columns[name] = phone.copy() if name == mine.phone else col(name, "r")
    engine.view("customers", rows.select(*(named(value, name) for name, value in columns.items())))


def _there(name: str, of: str | None = None) -> exp.Expr:
    return negated(exp.Is(this=col(name, of), expression=exp.null()))


def _stop(engine: Engine, loaded: Loaded, allowed: Decimal) -> None:
    reasons = (
        exp.select("reason", named("count(*)", "n"))
        .from_(table("rejects"))
        .group_by("reason")
        .order_by("n DESC")
        .limit(3)
    )
    worst = "; ".join(f"{count:,} rows: {reason}" for reason, count in engine.rows(reasons))
    message = f"{loaded.refused:,} of {loaded.customers:,} customers cannot be used, and the brand allows {allowed:%}"
    raise InputError(message, f"Nothing was written. {worst}.")
