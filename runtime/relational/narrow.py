"""A load of some customers only: each file is cut down to what counts for them before anything else is read of it.

What counts for a customer: their own rows, and those of whoever has the same phone, since a phone is written to by its lowest
key and caps count by recipient. An id that another customer's event has too is not seen here; a run's rejects tell it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from sqlglot import exp

from dsl.program.ir import EventSpec, Program
from runtime.engines.base import Engine
from runtime.relational import fields, phones
from runtime.relational.loading import Loaded
from runtime.relational.sql import call, case, cast, col, either, named, num, paren, some, table, text

_WHOLE = ("BIGINT", "INTEGER", "SMALLINT", "TINYINT", "UINTEGER", "USMALLINT", "UTINYINT")
_FEW, _MANY = 16, 400
_BIGINT = exp.DataType.build("BIGINT")


def customers(engine: Engine, program: Program, columns: dict[str, str], loaded: Loaded) -> None:
    """`raw_customers` of those in `loaded.only`, who are from now on also those who have one of their phones."""
    with _files(engine):
        _customers(engine, program, columns, loaded)


@contextmanager
def _files(engine: Engine) -> Iterator[None]:
    """Inside, queries read whole files and are worth planning; all others of such a load are about a few rows."""
    engine.plan(True)
    try:
        yield
    finally:
        engine.plan(False)


def _customers(engine: Engine, program: Program, columns: dict[str, str], loaded: Loaded) -> None:
    assert loaded.only is not None
    key = next((spec.column for spec in program.customer if spec.base == "key" and spec.column in columns), None)
    phone = next((spec.column for spec in program.customer if spec.base == "phone" and spec.column in columns), None)
    if key is None:
        _cut(engine, "customers", exp.true())
        return
    shown = list(dict.fromkeys(spec.column for spec in program.customer if spec.column in columns))
    _cut(engine, "customers", _rows(engine, "customers", _is(key, columns[key], loaded.only)), shown)
    if phone is None:
        return
    region, held = program.brand.phones, fields.clean(phone, columns[phone], program.data.missing)
    mine = engine.rows(exp.select(cast(held, "VARCHAR")).from_(table("raw_customers"), copy=False))
    numbers = {found for (raw,) in mine if raw is not None and (found := phones.parse(raw, region)[0])}
    if not numbers:
        return
    near = exp.select(col("__row"), named(cast(held.copy(), "VARCHAR"), "raw")).from_(table("whole_customers"))
    engine.create("near_customers", near.where(_may_be(phone, columns[phone], numbers), copy=False))
    same = exp.In(this=col("raw"), expressions=[text(raw) for raw in _same(engine, region, "near_customers", numbers)])
    rows = exp.select(col("__row")).from_(table("near_customers"), copy=False).where(same, copy=False)
    who = exp.select(cast(fields.clean(key, columns[key], ()), "VARCHAR")).from_(table("whole_customers"), copy=False)
    whose = who.where(_of_rows([row for (row,) in engine.rows(rows)]), copy=False)
    holders = {found for (found,) in engine.rows(whose) if found}
    if holders - loaded.only:
        loaded.only |= holders
        _cut(engine, "customers", _rows(engine, "customers", _is(key, columns[key], loaded.only)), shown)


def events(engine: Engine, event: EventSpec, columns: dict[str, str], loaded: Loaded) -> bool:
    """`raw_NAME` of those customers; whether there is any."""
    assert loaded.only is not None
    asked = (event.customer, event.at, event.id, *(spec.column for spec in event.properties))
    shown = [column for column in dict.fromkeys(asked) if column in columns]
    with _files(engine):
        _cut(engine, event.name, _is(event.customer, columns[event.customer], loaded.only), shown)
    return _any(engine, event.name)


def heard(engine: Engine, of: exp.Select | None, loaded: Loaded) -> exp.Select | None:
    """What a ledger has taken in of those customers; None where there is none."""
    assert loaded.only is not None
    if of is None:
        return None
    mine = exp.In(this=col("customer"), expressions=[text(key) for key in sorted(loaded.only)])
    found = exp.select(*(col(one.alias_or_name) for one in of.selects)).from_(of.subquery("h")).where(mine)
    return found if engine.rows(exp.select("1").from_(found.subquery("f")).limit(1)) else None


def ledger(engine: Engine, program: Program, columns: dict[str, str], loaded: Loaded) -> bool:
    """`raw_ledger`: decisions about those customers, and whatever went to their phones; whether there is any."""
    assert loaded.only is not None
    tests = [_is("customer", columns["customer"], loaded.only)]
    if "recipient" in columns:
        held = cast(fields.clean("recipient", columns["recipient"], ()), "VARCHAR")
        with_phone = exp.select("phone").distinct().from_("customers").where("phone IS NOT NULL")
        numbers = {phone for (phone,) in engine.rows(with_phone)}
        near = exp.select(named(held, "raw")).distinct().from_(table("whole_ledger"))
        with _files(engine):
            engine.create("near_ledger", near.where(_may_be("recipient", columns["recipient"], numbers), copy=False))
        same = {*_same(engine, program.brand.phones, "near_ledger", numbers), *loaded.only}
        tests.append(exp.In(this=held.copy(), expressions=[text(raw) for raw in sorted(same)]))
    with _files(engine):
        _cut(engine, "ledger", some(tests))
    return _any(engine, "ledger")


def _cut(engine: Engine, name: str, test: exp.Expr, shown: Iterable[str] | None = None) -> None:
    """`shown`: the columns that anyone asks for, since the others of a wide file would take their time."""
    columns = [exp.Star()] if shown is None else [col("__row"), *(col(column) for column in shown)]
    query = exp.select(*columns, copy=False).from_(table(f"whole_{name}"), copy=False)
    engine.create(f"raw_{name}", query.where(test, copy=False))


def _rows(engine: Engine, name: str, test: exp.Expr) -> exp.Expr:
    """The same test by the numbers of its rows, found in one column: of all others only the rows' own parts are read then."""
    query = exp.select(col("__row")).from_(table(f"whole_{name}"), copy=False)
    rows = [row for (row,) in engine.rows(query.where(test.copy(), copy=False))]
    return test if len(rows) > _FEW else _of_rows(rows)


def _of_rows(rows: list[int]) -> exp.Expr:
    """Whether a row is one of those numbers. A few are compared one by one: by that the engine passes over parts of a file."""
    if len(rows) > _FEW:
        return exp.In(this=col("__row"), expressions=[num(row) for row in rows])
    return some(exp.EQ(this=col("__row"), expression=num(row)) for row in rows)


def _any(engine: Engine, name: str) -> bool:
    return bool(engine.rows(exp.select(num(1)).from_(table(f"raw_{name}"), copy=False).limit(1, copy=False)))


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


def _may_be(column: str, type: str, numbers: Iterable[str]) -> exp.Expr:
    """Whether a text could be one of some phones: the last digits in it are theirs, or more than digits tells which it is.

    What a number can be read from is compared as a number, which is the quickest. It takes a point in it for a fraction's.
    """
    ends = sorted({number[-4:] for number in numbers})
    whole: exp.Expr = (
        col(column) if type in _WHOLE else exp.TryCast(this=cast(col(column), "VARCHAR"), to=_BIGINT.copy())
    )
    last = exp.Mod(this=whole, expression=num(10_000))
    same = exp.In(this=paren(last), expressions=[num(sign * int(end)) for end in ends for sign in (1, -1)])
    if type in _WHOLE:
        return same
    held = col(column) if type == "VARCHAR" else cast(col(column), "VARCHAR")
    apart = "|".join("[^0-9]*".join(end) for end in ends)
    written = call("regexp_matches", held, text(f"({apart}) *$|[^0-9+() .-]|[^0-9 ] *$"))
    known = either(same, *(call("suffix", held.copy(), text(end)) for end in ends))
    return exp.Coalesce(this=known, expressions=[written])


def _same(engine: Engine, region: str, near: str, numbers: set[str]) -> list[str]:
    """Which of the texts `raw` in a table are one of some phones."""
    every = exp.select(col("raw")).distinct(copy=False).from_(table(near), copy=False)
    found = [raw for (raw,) in engine.rows(every.limit(_MANY, copy=False)) if raw is not None]
    if len(found) < _MANY - 1:  # one by one, since the queries that read any number of them take longer than that
        return [raw for raw in found if phones.parse(raw, region)[0] in numbers]
    phones.prepare(engine, near, "raw", region, f"{near}_phones")
    read = engine.rows(exp.select("raw", "e164").from_(table(f"{near}_phones")))
    return [raw for raw, phone in read if phone in numbers]
