"""How often campaigns speak in a month by their own rhythm, and what caps let through of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from dsl import week
from dsl.behaviour import DAY
from dsl.model import Campaign, Placed
from dsl.terms import BeforeDate, BeforeHoliday, Cap, Monthly, Once, Reaches, SumReaches, Weekly

_MONTH = 31
_PERIODS = {"day": 31, "week": 6, "month": 1}


def most_entries(campaign: Campaign) -> int | None:
    """Entries in any 31 days, at most; None: nothing bounds them."""
    start, again = campaign.start.value, campaign.again.value if campaign.again else None
    if isinstance(start, (Reaches, SumReaches)) and again is None:
        again = start.of.last
    many: int | None
    match start:
        case Once():
            return 1 if again is None else _MONTH * DAY // again + 1
        case Monthly() | BeforeDate():
            many = 1
        case Weekly():
            many = 5
        case BeforeHoliday():
            many = 3
        case _:
            many = None
    if again:
        rhythm = _MONTH * DAY // again + 1
        many = rhythm if many is None else min(many, rhythm)
    return many


def most_through(cap: Cap) -> int:
    """Sends that a cap lets through in any month, extras before holidays included."""
    extra = sum(one.count for one in cap.extras)
    periods = _PERIODS.get(cap.period) or -(-_MONTH // max(cap.days, 1))
    return cap.count * periods + extra


def counted(cap: Cap, kind: str) -> bool:
    return kind not in cap.exempt and (not cap.kinds or kind in cap.kinds)


def months(first: date, last: date) -> Iterator[tuple[date, date]]:
    """The calendar months that a span touches, each with its first and last day."""
    day = first.replace(day=1)
    while day <= last:
        after = (day + timedelta(days=31)).replace(day=1)
        yield day, after - timedelta(days=1)
        day = after


def certain_entries(campaign: Campaign, first: date, last: date) -> int:
    """Entries that are due in a calendar month, and open in it, for whoever is in the audience all through it; at least.

    What only an event or a date of the customer starts is never certain, nor in which of several months it starts once.
    """
    begin, end = max(first, campaign.runs.value[0]), min(last, campaign.runs.value[1])
    # What starts so late that its window may open in the next month only may be sent there.
    if end < campaign.runs.value[1]:
        quiet = [one.value for one in campaign.policy.quiet]
        openings = week.openings(campaign.window.value if campaign.window else None, quiet)
        end -= timedelta(days=week.longest_gap(openings) // 1440)
    if end < begin:
        return 0
    days = [begin + timedelta(days=number) for number in range((end - begin).days + 1)]
    again = campaign.again.value if campaign.again else None
    match campaign.start.value:
        case Once():
            whole = first <= campaign.runs.value[0] and campaign.runs.value[1] <= last
            return max(int(whole), (len(days) - 1) * DAY // again if again else 0)
        case Monthly(day=day):
            return sum(one.day == min(day, last.day) for one in days)
        case Weekly(weekday=weekday):
            return len(_apart([one for one in days if one.weekday() == weekday], again or 0))
    return 0


def _apart(days: Sequence[date], again: int) -> list[date]:
    """The days that are left where each lies so far behind the one before."""
    kept: list[date] = []
    for day in days:
        if not kept or (day - kept[-1]).days * DAY >= again:
            kept.append(day)
    return kept


def binding(caps: Sequence[Placed[Cap]], first: date, last: date) -> Iterator[Placed[Cap]]:
    """The caps that hold everybody back, on every day of a span."""
    for cap in caps:
        if cap.note.severity == "error" and cap.note.in_force_throughout(first, last) and cap.value.when is None:
            yield cap
