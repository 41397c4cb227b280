"""Days, weekdays and hours of the brand's zone, in the engine; which hours of a day are quiet."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from sqlglot import exp

from dsl.program.ir import Program
from dsl.terms import Hours
from runtime.openings import Openings, instants
from runtime.relational import moments
from runtime.relational.sql import cast, num
from runtime.results.facts import Period

Years = tuple[int, int]


def years(when: Period) -> Years:
    return moments.year(when.since), moments.year(when.until)


def day(instant: exp.Expr, zone: str, seen: Years) -> exp.Expr:
    return moments.local_date(instant, zone, seen)


def hour(instant: exp.Expr, zone: str, seen: Years) -> exp.Expr:
    return cast(exp.IntDiv(this=moments.minute(instant, zone, seen), expression=num(60)), "INTEGER")


def quiet(program: Program, openings: Openings, policies: Iterable[str], on: date) -> tuple[bool, ...]:
    """Of each hour of a local day whether no instant of it is open under any of the policies."""
    zone = program.brand.zone
    closed = [
        [stretch for one in openings.quiet(policy, zone, on) for stretch in one] for policy in sorted(set(policies))
    ]
    hours = [instants(on, Hours(at * 60, at * 60 + 60), zone) for at in range(24)]
    return tuple(bool(closed) and all(_covered(hour, one) for one in closed) for hour in hours)


def _covered(pieces: Iterable[tuple[datetime, datetime]], closed: Iterable[tuple[datetime, datetime]]) -> bool:
    """Whether every instant of some stretches lies in some of the others. An hour that a clock leaves out has none."""
    for start, end in pieces:
        for begin, stop in sorted(closed):
            if begin <= start < stop:
                start = min(stop, end)
        if start < end:
            return False
    return True


def dates(first: date, last: date) -> list[date]:
    return [first + timedelta(days=at) for at in range((last - first).days + 1)]


def local(micros: int, zone: str) -> date:
    from zoneinfo import ZoneInfo

    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)).astimezone(ZoneInfo(zone)).date()
