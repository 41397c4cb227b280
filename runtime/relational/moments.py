"""Instants in the data → microseconds in UTC, and back to local dates. Zones come as cuts computed by runtime/openings.py."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlglot import exp

from runtime.engines.base import Engine
from runtime.openings import offsets
from runtime.relational.sql import call, case, cast, instant, micros, num, paren, text

_US = timedelta(microseconds=1)
_WITHOUT = r"^\d{4}[-/]\d{1,2}[-/]\d{1,2}([T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?)?$"
_WITH_OFFSET = r"^\d{4}[-/]\d{1,2}[-/]\d{1,2}[T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?([zZ]|[+-]\d{2}(:?\d{2})?)$"
# Instants outside of these years are refused as slips (and would not fit the cuts).
FIRST_YEAR, LAST_YEAR = 1971, 2100
UNREADABLE = "is no instant between 1971 and 2100"


Years = tuple[int, int]  # the first and the last in which something happened: their cuts are all that is needed


@dataclass(frozen=True)
class Written:
    """A column of instants as written, in microseconds: `sure` where an offset stands beside it (then in UTC), else `local`."""

    sure: exp.Expr
    local: exp.Expr


def written(held: exp.Expr, column_type: str) -> Written | None:
    """Both NULL: missing, unreadable, or of no year of ours. None: no such type."""
    nothing = cast(exp.null(), "BIGINT")
    if column_type in ("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ_NS"):
        return Written(_micros(held, "TIMESTAMPTZ"), nothing)
    if column_type in ("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "DATE"):
        return Written(nothing, _micros(held, "TIMESTAMP"))
    if column_type == '"NULL"':
        return Written(nothing, nothing.copy())
    if column_type != "VARCHAR":
        return None
    sure, local = (exp.RegexpLike(this=held.copy(), expression=text(form)) for form in (_WITH_OFFSET, _WITHOUT))
    return Written(case([(sure, _micros(held, "TIMESTAMPTZ"))]), case([(local, _micros(held, "TIMESTAMP"))]))


def years(engine: Engine, local: exp.Expr, rows: exp.Table | exp.Subquery) -> Years | None:
    """Of the local ones among some rows; None where there are none."""
    query = exp.select(exp.Min(this=_bounded(local)), exp.Max(this=_bounded(local))).from_(rows)
    low, high = engine.rows(query)[0]
    return None if low is None else (year(low), year(high))


def year(micros: int) -> int:
    return instant(micros).year


def joined(sure: exp.Expr, local: exp.Expr, zone: str, seen: Years | None) -> exp.Expr:
    """The parts of Written, as columns → BIGINT microseconds in UTC; what has no offset is read in `zone`. NULL: no instant."""
    if seen is None:
        return _bounded(sure)
    return exp.Coalesce(this=_bounded(sure), expressions=[utc(_bounded(local), zone, seen)])


def utc(local: exp.Expr, zone: str, seen: Years) -> exp.Expr:
    """Wall-clock microseconds → UTC. A point in a gap moves to the gap's end; in a fold the first is meant."""
    changes, shifts = offsets(zone, *seen)
    steps: list[tuple[int, exp.Expr]] = []
    for change, before, after in zip(changes, shifts, shifts[1:], strict=False):
        at = micros(change)
        steps.append((at + before // _US, _minus(local, before)))
        if after > before:
            steps.append((at + after // _US, num(at)))
    return _step(local, steps, _minus(local, shifts[-1]))


def local_date(instant: exp.Expr, zone: str, seen: Years) -> exp.Expr:
    """The local date of UTC microseconds."""
    return cast(call("make_timestamp", _local(instant, zone, seen)), "DATE")


def minute(instant: exp.Expr, zone: str, seen: Years) -> exp.Expr:
    """The minute of the local day in which UTC microseconds lie, from 0 to 1439."""
    minutes = paren(exp.IntDiv(this=_local(instant, zone, seen), expression=num(60_000_000)))
    return paren(exp.Mod(this=minutes, expression=num(1440)))


def _local(instant: exp.Expr, zone: str, seen: Years) -> exp.Expr:
    """UTC microseconds → those of the wall clock."""
    changes, shifts = offsets(zone, *seen)
    steps = [(micros(change), num(shift // _US)) for change, shift in zip(changes, shifts, strict=False)]
    shift = _step(instant, steps, num(shifts[-1] // _US))
    return paren(exp.Add(this=instant.copy(), expression=paren(shift)))


def timestamp(micros: exp.Expr) -> exp.Expr:
    """BIGINT microseconds → TIMESTAMP."""
    return call("make_timestamp", micros)


def _bounded(value: exp.Expr) -> exp.Expr:
    low, high = (num(micros(datetime(year, 1, 1, tzinfo=UTC))) for year in (FIRST_YEAR, LAST_YEAR))
    return case([(exp.Between(this=value, low=low, high=high), value.copy())], exp.null())


def _step(value: exp.Expr, steps: list[tuple[int, exp.Expr]], last: exp.Expr) -> exp.Expr:
    """The answer of the first step above the value: a tree of comparisons, since a zone can have hundreds of cuts."""
    if not steps:
        return last
    middle = len(steps) // 2
    above, answer = steps[middle]
    below = _step(value, steps[:middle], answer)
    return case([(exp.LT(this=value.copy(), expression=num(above)), below)], _step(value, steps[middle + 1 :], last))


def _micros(held: exp.Expr, type: str) -> exp.Expr:
    return call("epoch_us", exp.TryCast(this=held.copy(), to=exp.DataType.build(type, dialect="duckdb")))


def _minus(local: exp.Expr, shift: timedelta) -> exp.Expr:
    return paren(exp.Sub(this=local.copy(), expression=num(shift // _US)))
