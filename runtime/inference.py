"""What a column holds: read whole and as a run would read it, so that a type is inferred only where a run refuses nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

import grammar
from dsl.program.ir import FieldSpec
from runtime.engines.base import Engine
from runtime.errors import InputError
from runtime.inputs.base import Source
from runtime.relational import fields, phones, zones
from runtime.relational.sql import cast, col, table, text

REGION = "CN"
_OPTIONS = 8
_KEYS = ("id", "customer_id", "key")
_MONEY = re.compile(
    r"amount|balance|asset|money|income|salary|preapproved|deposit|price|金额|余额|资产|收入|额度|存款", re.I
)
_COUNTED = re.compile(r"count|num|days|months|years|age|次|数", re.I)
_PHONE = re.compile(r"phone|mobile|tel|手机|电话", re.I)
_ZONE = re.compile(r"zone|^tz$|时区", re.I)
_DIALLED = r"^\+?[0-9][0-9 ()-]{6,18}$"


@dataclass
class Column:
    """`name` is safe to write in a .camp file; `base` as in FieldSpec. `held` and `distinct` of `rows` are values."""

    column: str
    type: str
    rows: int
    held: int
    distinct: int
    name: str = ""
    base: str = "text"
    options: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        return self.held == self.rows

    @property
    def declared(self) -> str:
        kind = f"one_of({', '.join(map(quoted, self.options))})" if self.base == "choice" else self.base
        return f"{kind}{'' if self.whole or self.base == 'key' else '?'}"


def read(
    engine: Engine, given: Source, where: str, name: str, choices: bool = True
) -> tuple[list[Column], dict[str, str]]:
    """A table's columns with what each holds, without those that no field could hold; and the types of all of them."""
    types = given.attach(where, f"raw_{name}")
    usable = {column: type for column, type in types.items() if fields.accepts("text", type) or _bases(type)}
    asked: list[exp.Expr] = [exp.alias_("count(*)", "n")]
    for at, (column, type) in enumerate(usable.items()):
        held = fields.clean(column, type, ())
        asked += [exp.alias_(exp.Count(this=held), f"h{at}"), exp.alias_(_distinct(held), f"d{at}")]
        plain = exp.RegexpLike(this=cast(held.copy(), "VARCHAR"), expression=text(r"^[+-]?0\d"))
        asked.append(exp.alias_(exp.CountIf(this=plain), f"z{at}"))
        for base in _bases(type):
            spec = FieldSpec(name="x", base=base, column=column, optional=True)
            problem = fields.reading(spec, type, ()).problem
            asked.append(exp.alias_(exp.Count(this=problem), f"{base}{at}"))
    row = engine.rows(exp.select(*asked).from_(table(f"raw_{name}")))[0]
    counts: dict[str, Any] = dict(zip((one.alias for one in asked), row, strict=True))
    found = []
    for at, (column, type) in enumerate(usable.items()):
        one = Column(column, type, counts["n"], counts[f"h{at}"], counts[f"d{at}"])
        fits = [base for base in _bases(type) if one.held and not counts[f"{base}{at}"]]
        one.base = _base(one, fits, zeros=bool(counts[f"z{at}"]))
        if not fields.accepts(one.base, type):
            if one.held:
                continue  # a number too large for a number, a date of no calendar
            one.base = _bases(type)[0]
        if one.base == "text" and choices and 0 < one.distinct <= _OPTIONS:
            one.options = _options(engine, name, one)
            one.base = "choice" if one.options else "text"
        found.append(one)
    return found, types


def _bases(type: str) -> list[Any]:
    return [base for base in ("flag", "date", "money", "number") if fields.accepts(base, type)]


def _base(one: Column, fits: list[str], zeros: bool) -> str:
    """A number with zeros in front is a code; 0 and 1 alone are yes and no, but one of them alone is a number."""
    if "flag" in fits and (
        one.type == "BOOLEAN" or one.distinct == 2 or (one.type == "VARCHAR" and "number" not in fits)
    ):
        return "flag"
    if "number" in fits and not zeros:
        cents = one.type.startswith("DECIMAL") and one.type.endswith(",2)")
        return "money" if cents or (_MONEY.search(one.column) and not _COUNTED.search(one.column)) else "number"
    return "date" if "date" in fits else "text"


def _options(engine: Engine, name: str, one: Column) -> tuple[str, ...]:
    """Its values; none where one of them could not be written in a .camp file as it is."""
    held = exp.alias_(cast(fields.clean(one.column, one.type, ()), "VARCHAR"), "v")
    inner = exp.select(held).from_(table(f"raw_{name}")).subquery("w")
    rows = engine.rows(exp.select("v").from_(inner).where("v IS NOT NULL").group_by("v").order_by("count(*) DESC", "v"))
    found = tuple(row[0] for row in rows)
    plain = all(value.isprintable() and len(value) <= 40 and not set(value) & set('{}"\\') for value in found)
    return found if plain else ()


def _distinct(held: exp.Expr) -> exp.Expr:
    return exp.Count(this=exp.Distinct(expressions=[held.copy()]))


def key_of(columns: list[Column], phone: Column | None, where: str) -> Column:
    found = [one for one in columns if one.whole and one.distinct == one.rows and fields.accepts("key", one.type)]
    rank = {name: at for at, name in enumerate(_KEYS)}

    def order(one: Column) -> tuple[bool, int, bool]:
        name = one.column.lower()
        return one is phone, rank.get(name, len(rank)), not name.endswith("id")

    if not found or min(found, key=order) is phone:
        raise InputError(
            f"No column of {where} names each customer once", "One of them has to, without missing values."
        )
    return min(found, key=order)


def phone_of(engine: Engine, columns: list[Column]) -> tuple[Column | None, int]:
    """The column of mobile numbers, and how many of its values are none."""
    found: list[tuple[bool, int, Column]] = []
    for at, one in enumerate(columns):
        if one.base not in ("text", "choice", "number") or not one.held or not fields.accepts("phone", one.type):
            continue
        held = exp.alias_(cast(fields.clean(one.column, one.type, ()), "VARCHAR"), "v")
        engine.create(f"held{at}", exp.select(held).from_(table("raw_customers")))
        seen = exp.CountIf(this=exp.RegexpLike(this=col("v"), expression=text(_DIALLED)))
        if (engine.rows(exp.select(seen).from_(table(f"held{at}")))[0][0] or 0) * 2 < one.held:
            continue
        phones.prepare(engine, f"held{at}", "v", REGION, f"phones{at}")
        joined = exp.select("count(p.e164)").from_(table(f"held{at}", "h"))
        valid = engine.rows(joined.join(table(f"phones{at}", "p"), on="p.raw = h.v"))[0][0]
        if valid * 5 >= one.held * 4:
            found.append((bool(_PHONE.search(one.column)), valid, one))
    if not found:
        return None, 0
    _, valid, best = max(found, key=lambda one: one[:2])
    return best, best.held - valid


def zone_of(engine: Engine, columns: list[Column]) -> tuple[Column | None, int]:
    """The column of time zones, and how many of its values are none."""
    for one in columns:
        if one.base not in ("text", "choice") or not one.held or not _ZONE.search(one.column):
            continue
        held = exp.alias_(cast(fields.clean(one.column, one.type, ()), "VARCHAR"), "v")
        inner = exp.select(held).from_(table("raw_customers")).subquery("w")
        rows = engine.rows(exp.select("v", "count(*)").from_(inner).where("v IS NOT NULL").group_by("v"))
        bad = sum(count for value, count in rows if not zones.known(value))
        if bad * 5 <= one.held:
            return one, bad
    return None, 0


def name_all(columns: Iterable[Column], taken: Iterable[str]) -> None:
    """Each column gets a name of its own that a .camp file can hold."""
    used = set(taken)
    for one in columns:
        name = safe(one.column)
        while name in used:
            name += "_"
        used.add(name)
        one.name = name


def safe(column: str) -> str:
    name = re.sub(r"\W+", "_", column).strip("_") or "column"
    reserved = {word for terminal in grammar.table()["reserved"]["everywhere"] for word in grammar.spellings(terminal)}
    return f"{name}_" if name in reserved else f"c{name}" if re.match(r"\d", name) else name


def quoted(value: str) -> str:
    return f'"{value}"'
