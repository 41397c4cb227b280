"""Whose event a row of a file is: its customer, the message that it answers, or the phone that it comes from."""

from __future__ import annotations

from sqlglot import exp

from dsl.catalog import OPT_OUT_EVENT
from dsl.program.ir import EventSpec, Program
from runtime.errors import InputError
from runtime.inputs import open_source
from runtime.ledger.ledger import Ledger
from runtime.ledger.store import held
from runtime.ledger.tables import STANDING, SUPPRESSED, TABLES
from runtime.place import Place
from runtime.relational import phones
from runtime.relational.customers import load_customers
from runtime.relational.loading import Loaded
from runtime.relational.sql import cast, col, named, table, text

SEND, PHONE = "send_id", "phone"


def resolve(ledger: Ledger, program: Program, spec: EventSpec, columns: dict[str, str], data: Place) -> dict[str, str]:
    """`raw_given`: the attached rows with a customer; their columns. `given_from`: the phone that a row came from.

    `phones_refusing`: who refuses by phone, whoever has it.

    Of a phone that several have it is the one who is written to: the lowest key.
    """
    engine = ledger.engine
    engine.insert("phones_refusing", TABLES[SUPPRESSED], [])
    engine.insert("given_from", {"__row": "BIGINT", "e164": "VARCHAR"}, [])
    given = exp.select("g.*").from_(table("given", "g"))
    if spec.customer in columns:
        engine.view("raw_given", given)
        return columns
    who = named(cast(col("key", "w"), "VARCHAR"), spec.customer)
    if SEND in columns:
        own = exp.select("send_id", "customer AS key").from_(held(STANDING)).where("send_id IS NOT NULL")
        beside = exp.select("confirm_id AS send_id", "customer AS key").from_(held(STANDING))
        known = exp.union(own, beside.where("confirm_id IS NOT NULL"), distinct=True).subquery("w")
        same = exp.EQ(this=col("send_id", "w"), expression=cast(col(SEND, "g"), "VARCHAR"))
        engine.create("raw_given", given.select(who).join(known, on=same, join_type="left"))
    elif PHONE in columns:
        read = named(cast(col(PHONE), "VARCHAR"), "raw")
        engine.create("given_numbers", exp.select(read).distinct().from_(table("given")))
        phones.prepare(engine, "given_numbers", "raw", program.brand.phones, "given_phones")
        _owners(ledger, program, data)
        numbers = table("given_phones", "p")
        same = exp.EQ(this=col("raw", "p"), expression=cast(col(PHONE, "g"), "VARCHAR"))
        query = given.select(who).join(numbers, on=same, join_type="left")
        query = query.join(table("owners", "w"), on="w.phone = p.e164", join_type="left")
        numbered = exp.select("g.__row", "p.e164").from_(table("given", "g"))
        engine.create("given_from", numbered.join(numbers.copy(), on=same.copy()))
        refusing = spec.name == OPT_OUT_EVENT
        # A phone that is nobody's is suppressed all the same: one day it may be somebody's.
        engine.create("raw_given", query.where("p.e164 IS NULL OR w.key IS NOT NULL") if refusing else query)
        if refusing:
            there = exp.select("phone").from_(held(SUPPRESSED))
            new = exp.select("e164 AS phone", named(text("opted out"), "why")).distinct().from_(table("given_phones"))
            new = new.where("e164 IS NOT NULL", exp.not_(exp.In(this=col("e164"), query=there.subquery())))
            engine.create("phones_refusing", new)
    else:
        help = f"It has: {', '.join(sorted(columns))}. Name the customer, or `{SEND}`, or `{PHONE}`."
        raise InputError(f"The file has no column `{spec.customer}`", help)
    return {**columns, spec.customer: "VARCHAR"}


def _owners(ledger: Ledger, program: Program, data: Place) -> None:
    """`owners`: phone → the lowest key that has it."""
    engine = ledger.engine
    given = open_source(engine, data)
    try:
        load_customers(engine, program, given, Loaded())
    finally:
        given.close()
    query = (
        exp.select("phone", "min(key) AS key").from_(table("customers")).where("phone IS NOT NULL").group_by("phone")
    )
    engine.create("owners", query)
    engine.create("rejects", exp.select("*").from_(table("rejects")).where("source <> 'customers'"))
