"""Instants in the data → microseconds in UTC, and back to local dates. Zones come as cuts computed by runtime/openings.py."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlglot import exp

from runtime.openings import offsets
from runtime.relational.sql import call, case, cast, micros, num

_US = timedelta(microseconds=1)
# Instants outside of these years are refused as slips (and would not fit the cuts).
FIRST_YEAR, LAST_YEAR = 1971, 2100


def instant(held: exp.Expr, column_type: str, zone: str) -> exp.Expr | None:
    """BIGINT microseconds of a column; without an offset they are read in `zone`. NULL: unreadable. None: no such type."""
    if column_type.startswith("TIMESTAMP WITH"):
        return _bounded(call("epoch_us", held))
    if column_type.startswith(("TIMESTAMP", "DATE")):
        return _bounded(utc(call("epoch_us", cast(held, "TIMESTAMP")), zone))
    if not column_type.startswith("VARCHAR"):
        return None
    offset = exp.RegexpLike(this=held.copy(), expression=exp.Literal.string(r"[0-9:](?:[zZ]|[+-]\d{2}(?::?\d{2})?)$"))
    has_time = exp.RegexpLike(this=held.copy(), expression=exp.Literal.string(r"\d[T ]\d"))
    aware = call("epoch_us", exp.TryCast(this=held.copy(), to=exp.DataType.build("TIMESTAMPTZ", dialect="duckdb")))
    naive = call("epoch_us", exp.TryCast(this=held.copy(), to=exp.DataType.build("TIMESTAMP", dialect="duckdb")))
    return _bounded(case([(exp.and_(offset, has_time), aware)], utc(naive, zone)))


def utc(local: exp.Expr, zone: str) -> exp.Expr:
    """Wall-clock microseconds → UTC. A point in a gap moves to the gap's end; in a fold the first is meant."""
    changes, shifts = offsets(zone, FIRST_YEAR, LAST_YEAR)
    pairs: list[tuple[exp.Expr, exp.Expr]] = []
    for change, before, after in zip(changes, shifts, shifts[1:], strict=False):
        at = micros(change)
        pairs.append((exp.LT(this=local.copy(), expression=num(at + before // _US)), _minus(local, before)))
        if after > before:
            pairs.append((exp.LT(this=local.copy(), expression=num(at + after // _US)), num(at)))
    return case(pairs, _minus(local, shifts[-1]))


def local_date(instant: exp.Expr, zone: str) -> exp.Expr:
    """The local date of UTC microseconds."""
    changes, shifts = offsets(zone, FIRST_YEAR, LAST_YEAR)
    pairs = [
        (exp.LT(this=instant.copy(), expression=num(micros(change))), num(shift // _US))
        for change, shift in zip(changes, shifts, strict=False)
    ]
    shift = case(pairs, num(shifts[-1] // _US))
    return cast(call("make_timestamp", exp.paren(exp.Add(this=instant.copy(), expression=exp.paren(shift)))), "DATE")


def timestamp(micros: exp.Expr) -> exp.Expr:
    """BIGINT microseconds → TIMESTAMP."""
    return call("make_timestamp", micros)


def _minus(local: exp.Expr, shift: timedelta) -> exp.Expr:
    return exp.paren(exp.Sub(this=local.copy(), expression=num(shift // _US)))


def _bounded(value: exp.Expr) -> exp.Expr:
    low, high = (micros(datetime(year, 1, 1, tzinfo=UTC)) for year in (FIRST_YEAR, LAST_YEAR))
    return case([(exp.Between(this=value, low=num(low), high=num(high)), value.copy())], exp.null())
