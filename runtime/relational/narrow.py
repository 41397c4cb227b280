"""A load of some customers only: each file is cut down to what counts for them before anything else is read of it.

What counts for a customer: their own rows, and those of whoever has the same phone, since a phone is written to by its lowest
key and caps count by recipient. An id that another customer's event has too is not seen here; a run's rejects tell it.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

from dsl.program.ir import EventSpec, Program
from runtime.engines.base import Engine
from runtime.relational import fields, phones
from runtime.relational.loading import Loaded
from runtime.relational.sql import both, call, case, cast, col, either, named, negated, num, paren, some, table, text

_WHOLE = ("BIGINT", "INTEGER", "SMALLINT", "TINYINT", "UINTEGER", "USMALLINT", "UTINYINT")


def customers(engine: Engine, program: Program, columns: dict[str, str], loaded: Loaded) -> None:
    """`raw_customers` of those in `loaded.only`, who are from now on also those who have one of their phones."""
    assert loaded.only is not None
    key = next((spec.column for spec in program.customer if spec.base == "key" and spec.column in columns), None)
    phone = next((spec.column for spec in program.customer if spec.base == "phone" and spec.column in columns), None)
    _cut(engine, "customers", exp.true() if key is None else _is(key, columns[key], loaded.only))
    if key is None or phone is None:
        return
    region, held = program.brand.phones, fields.clean(phone, columns[phone], program.data.missing)
    mine = engine.rows(exp.select(cast(held, "VARCHAR")).from_(table("raw_customers")))
    numbers = {found for (raw,) in mine if raw is not None and (found := phones.parse(raw, region)[0])}
    if not numbers:
        return
    shown = (
        named(cast(fields.clean(key, columns[key], ()), "VARCHAR"), "key"),
        named(cast(held.copy(), "VARCHAR"), "raw"),
    )
    near = exp.select(*shown).from_(table("whole_customers")).where(_may_be(col(phone), numbers))
    engine.create("near_customers", near)
    same = exp.In(this=col("raw"), expressions=[text(raw) for raw in _same(engine, region, "near_customers", numbers)])
    holders = {who for (who,) in engine.rows(exp.select("key").from_("near_customers").where(same)) if who}
    if holders - loaded.only:
        loaded.only |= holders
        _cut(engine, "customers", _is(key, columns[key], loaded.only))


def events(engine: Engine, event: EventSpec, columns: dict[str, str], loaded: Loaded) -> bool:
    """`raw_NAME` of those customers; whether there is any."""
    assert loaded.only is not None
    _cut(engine, event.name, _is(event.customer, columns[event.customer], loaded.only))
    return _any(engine, event.name)


def ledger(engine: Engine, program: Program, columns: dict[str, str], loaded: Loaded) -> bool:
    """`raw_ledger`: decisions about those customers, and whatever went to their phones; whether there is any."""
    assert loaded.only is not None
    tests = [_is("customer", columns["customer"], loaded.only)]
    if "recipient" in columns:
        held = cast(fields.clean("recipient", columns["recipient"], ()), "VARCHAR")
        with_phone = exp.select("phone").distinct().from_("customers").where("phone IS NOT NULL")
        numbers = {phone for (phone,) in engine.rows(with_phone)}
        near = exp.select(named(held, "raw")).distinct().from_(table("whole_ledger"))
        engine.create("near_ledger", near.where(_may_be(col("recipient"), numbers)))
        same = {*_same(engine, program.brand.phones, "near_ledger", numbers), *loaded.only}
        tests.append(exp.In(this=held.copy(), expressions=[text(raw) for raw in sorted(same)]))
    _cut(engine, "ledger", some(tests))
    return _any(engine, "ledger")


def _cut(engine: Engine, name: str, test: exp.Expr) -> None:
    engine.create(f"raw_{name}", exp.select("*").from_(table(f"whole_{name}"), copy=False).where(test, copy=False))


def _any(engine: Engine, name: str) -> bool:
    return bool(engine.rows(exp.select("1").from_(table(f"raw_{name}")).limit(1)))


def _is(column: str, type: str, keys: Iterable[str]) -> exp.Expr:
    """Whether a column holds one of the keys, but for blanks around it."""
    held, wanted = col(column), sorted(keys)
    if type in _WHOLE and all(key.isdecimal() and len(key) <= 18 and str(int(key)) == key for key in wanted):
        return exp.In(this=held, expressions=[exp.Literal.number(key) for key in wanted])
    texts, plain = [text(key) for key in wanted], held if type == "VARCHAR" else cast(held, "VARCHAR")
    same = exp.In(this=plain, expressions=texts)
    if type.split("(")[0] not in ("VARCHAR", "ENUM"):
        return same
    # With blanks around it a text is longer than the key: only from those are they taken off, since it takes its time.
    longer = exp.GT(this=call("strlen", plain.copy()), expression=num(min(len(key.encode()) for key in wanted)))
    trimmed = exp.In(this=exp.Trim(this=plain.copy()), expressions=[one.copy() for one in texts])
    return case([(longer, trimmed)], same)


def _may_be(column: exp.Expr, numbers: Iterable[str]) -> exp.Expr:
    """Whether a text could be one of some phones: it ends as they do, or is not written in digits alone.

    Of the latter the last two digits tell, where they stand together and nothing such as an extension can follow them.
    """
    held, tests = cast(column, "VARCHAR"), []
    for number in sorted(numbers):
        ends = [call("suffix", held.copy(), text(number[-length:])) for length in (4, 2)]
        written = call("regexp_full_match", held.copy(), text("[0-9+() .-]*[0-9]{2}"))
        digits = exp.TryCast(this=held.copy(), to=exp.DataType.build("BIGINT"))  # it takes blanks around them too
        odd = both(exp.Is(this=digits, expression=exp.null()), paren(either(ends[1], negated(written))))
        blank = exp.LT(this=call("right", held.copy(), num(1)), expression=text("0"))
        tests.append(paren(either(ends[0], blank, paren(odd))))
    return some(tests)


def _same(engine: Engine, region: str, near: str, numbers: set[str]) -> list[str]:
    """Which of the texts `raw` in a table are one of some phones."""
    phones.prepare(engine, near, "raw", region, f"{near}_phones")
    found = engine.rows(exp.select("raw", "e164").from_(table(f"{near}_phones")))
    return [raw for raw, phone in found if phone in numbers]
