"""Calendars and zones → instants. The only place that resolves a time zone; engines see UTC.

An opening is an interval of instants in which a campaign may send to customers of one zone. Daylight saving needs no rule of
its own: time is cut where the zone's offset changes, and inside each piece the wall clock runs evenly.
"""

from __future__ import annotations

from bisect import bisect_right
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from dsl.catalog import ENTRY
from dsl.daysoff import calendar
from dsl.program.ir import Program, QuietSpec
from dsl.terms import EVERY_DAY, BeforeHoliday, Dated, Hours, Monthly, Weekly, Window

_DAY = timedelta(days=1)
_STEP = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Opening:
    """[start, end) in UTC; `day` is the local date on which its window starts."""

    start: datetime
    end: datetime
    day: date


@dataclass(frozen=True, slots=True)
class Slot:
    """Which window is meant: of a campaign's entry or of one of its steps; `hour`: a customer's own hour of it."""

    campaign: str
    step: str = ENTRY
    hour: int | None = None


class Openings:
    """The openings of a program's campaigns and steps. Answers are kept, since many customers ask the same."""

    def __init__(self, program: Program) -> None:
        self._campaigns = {campaign.name: campaign for campaign in program.campaigns}
        self._policies = {policy.name: policy for policy in program.policies}
        self._holidays = program.brand.holidays
        self._days: dict[tuple[Slot, str, date], tuple[Opening, ...]] = {}

    def runs(self, campaign: str, zone: str) -> tuple[datetime, datetime]:
        """The first instant of the campaign's `runs`, and the first after it."""
        spec = self._campaigns[campaign]
        return midnight(spec.begins, zone), midnight(spec.ends + _DAY, zone)

    def first(self, slot: Slot, zone: str, after: datetime) -> tuple[datetime, date] | None:
        """The first instant >= `after` in an opening, with its local date; None where `runs` holds none any more."""
        begin, end = self.runs(slot.campaign, zone)
        wanted = max(after, begin)
        day = local(wanted, zone).date() - _DAY
        found: tuple[datetime, date] | None = None
        while wanted < end and day <= self._campaigns[slot.campaign].ends:
            near = ((max(one.start, wanted), one) for one in self.on(slot, zone, day))
            here = next(((at, one.day) for at, one in near if at < min(one.end, end)), None)
            # Where clocks go back, hours of the day before can come again after the next day's have begun.
            if found is not None:
                return min(found, here) if here else found
            if here is not None and here[0] == wanted:
                return here
            found = here
            day += _DAY
        return found

    def after(self, slot: Slot, zone: str, instant: datetime) -> tuple[datetime, tuple[datetime, date] | None]:
        """The end of the opening that holds an instant, and the first instant of the next one with its local date."""
        day = local(instant, zone).date()
        near = (one for back in (0, 1) for one in self.on(slot, zone, day - back * _DAY))
        end = min(next(one.end for one in near if one.start <= instant < one.end), self.runs(slot.campaign, zone)[1])
        return end, self.first(slot, zone, end)

    def dated(self, campaign: str, zone: str, after: datetime, until: datetime) -> list[tuple[str, datetime]]:
        """What a start by calendar starts within (after, until): the occurrence and its instant, in order."""
        start = self._campaigns[campaign].start
        assert isinstance(start, Dated)
        first, last = local(after, zone).date() - 2 * _DAY, local(until, zone).date() + 2 * _DAY
        found = []
        for ahead in range((last - first).days + 1):
            day = first + ahead * _DAY
            name = _occurrence(start, day, self._holidays)
            instant = midnight(day, zone) if name else until
            if name and after < instant < until:
                found.append((name, instant))
        return found

    def on(self, slot: Slot, zone: str, day: date) -> tuple[Opening, ...]:
        """The openings of windows that start on a local date, in order."""
        key = (slot, zone, day)
        if key not in self._days:
            self._days[key] = tuple(self._compute(slot, zone, day))
        return self._days[key]

    def window(self, slot: Slot) -> Window:
        """The whole window, whatever the customer's hour. A step has only its own, an answer none."""
        campaign = self._campaigns[slot.campaign]
        if slot.step == ENTRY:
            return campaign.window or EVERY_DAY
        return next((step.window for step in campaign.steps if step.name == slot.step), None) or EVERY_DAY

    def _compute(self, slot: Slot, zone: str, day: date) -> Iterator[Opening]:
        window, country = self.window(slot), self._holidays
        if window.on == "days" and day.weekday() not in window.days:
            return
        if window.on == "workdays" and not is_workday(day, country):
            return
        if window.skip_holidays and is_holiday(day, country):
            return
        opened = instants(day, window.hours if slot.hour is None else _within(window.hours, slot.hour), zone)
        for closed in self.quiet(self._campaigns[slot.campaign].policy, zone, day):
            opened = _without(opened, closed)
        for start, end in opened:
            yield Opening(start, end, day)

    def quiet(self, policy: str, zone: str, day: date) -> Iterator[tuple[tuple[datetime, datetime], ...]]:
        """When a policy lets nothing go on a local date and around it, each statement by itself."""
        for quiet in self._policies[policy].quiet:
            for near in (day - _DAY, day, day + _DAY):
                if quiet.in_force(near) and self._holds_on(quiet, near):
                    yield instants(near, quiet.hours, zone)

    def _holds_on(self, quiet: QuietSpec, day: date) -> bool:
        if quiet.holidays:
            return is_holiday(day, self._holidays)
        return not quiet.days or day.weekday() in quiet.days


def _within(hours: Hours, hour: int) -> Hours:
    """What of some hours of one day lies in one hour of the clock."""
    return Hours(max(hours.begin, hour * 60), min(hours.begin + hours.length, hour * 60 + 60))


def _occurrence(start: Dated, day: date, country: str | None) -> str | None:
    """The occurrence that starts on a day, if one does."""
    match start:
        case Monthly(wanted):
            return f"{day:%Y-%m}" if day.day == min(wanted, monthrange(day.year, day.month)[1]) else None
        case Weekly(weekday):
            return day.isoformat() if day.weekday() == weekday else None
        case BeforeHoliday(days, name):
            first = day + days * _DAY
            return first.isoformat() if begins_holiday(first, country, name) else None


def local(instant: datetime, zone: str) -> datetime:
    return instant.astimezone(_zone(zone))


@lru_cache(maxsize=100_000)
def midnight(day: date, zone: str) -> datetime:
    """The first instant of a local date, in UTC."""
    return instants(day, Hours(0, 1440), zone)[0][0]


@lru_cache(maxsize=100_000)
def instants(day: date, hours: Hours, zone: str) -> tuple[tuple[datetime, datetime], ...]:
    """Every instant whose wall clock lies in the hours of a local date, as half-open intervals in UTC."""
    begin = datetime.combine(day, time(), UTC) + timedelta(minutes=hours.begin)
    end = begin + timedelta(minutes=hours.length)
    found: list[tuple[datetime, datetime]] = []
    for since, until, offset in _pieces(zone, begin - 2 * _DAY, end + 2 * _DAY):
        start, stop = max(begin - offset, since), min(end - offset, until)
        if start >= stop:
            continue
        if found and found[-1][1] == start:
            found[-1] = (found[-1][0], stop)
        else:
            found.append((start, stop))
    return tuple(found)


def offsets(zone: str, first: int, last: int) -> tuple[list[datetime], list[timedelta]]:
    """The instants at which a zone's offset changes in some years, and the offsets before, between and after them."""
    return _changes(zone, first, last)


@lru_cache(maxsize=10_000)
def is_holiday(day: date, country: str | None) -> bool:
    """Whether a day belongs to a holiday.

    China decrees holidays as runs of days, weekends within them included (国务院办公厅 notices), while the library lists only
    the days that are moved or free by law: a day off that reaches one of these through days off alone belongs to the holiday.
    """
    if country is None or day in calendar(country):
        return country is not None and (country != "CN" or not is_workday(day, country))
    if country != "CN" or is_workday(day, country):
        return False
    return any(_reaches_holiday(day, step * _DAY, country) for step in (-1, 1))


def _reaches_holiday(day: date, step: timedelta, country: str) -> bool:
    while not is_workday(day, country):
        if day in calendar(country):
            return True
        day += step
    return False


@lru_cache(maxsize=10_000)
def begins_holiday(day: date, country: str | None, name: str | None = None) -> bool:
    """Whether a holiday (in whose days that name stands, in Chinese, English or the country's language) begins on a day."""
    if not is_holiday(day, country) or is_holiday(day - _DAY, country):
        return False
    while name is not None and is_holiday(day, country):
        if any(name in calendar(country, language).get(day, "") for language in (None, "zh_CN", "en_US")):
            return True
        day += _DAY
    return name is None


@lru_cache(maxsize=10_000)
def is_before_holiday(day: date, days: int, country: str | None) -> bool:
    """Whether a holiday begins within so many days after a day."""
    return any(begins_holiday(day + ahead * _DAY, country) for ahead in range(1, days + 1))


def is_workday(day: date, country: str | None) -> bool:
    """Monday to Friday where there is no calendar; else what the calendar says, make-up days included."""
    return day.weekday() < 5 if country is None else bool(calendar(country).is_working_day(day))


@lru_cache(maxsize=1_000)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _without(
    intervals: tuple[tuple[datetime, datetime], ...], taken: tuple[tuple[datetime, datetime], ...]
) -> tuple[tuple[datetime, datetime], ...]:
    for start, end in taken:
        parts = ((max(a, end), b) for a, b in intervals), ((a, min(b, start)) for a, b in intervals)
        intervals = tuple(sorted({(a, b) for side in parts for a, b in side if a < b}))
    return intervals


def _pieces(zone: str, since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime, timedelta]]:
    """[since, until) cut where the zone's offset changes, each piece with its offset."""
    changes, offsets = _changes(zone, since.year, until.year)
    at = bisect_right(changes, since)
    while since < until:
        stop = min(changes[at] if at < len(changes) else until, until)
        yield since, stop, offsets[at]
        since, at = stop, at + 1


@lru_cache(maxsize=1_000)
def _changes(zone: str, first: int, last: int) -> tuple[list[datetime], list[timedelta]]:
    """The instants at which the offset changes in some years, and the offsets before, between and after them."""
    info = _zone(zone)
    at, end = datetime(first, 1, 1, tzinfo=UTC) - 3 * _DAY, datetime(last, 12, 31, tzinfo=UTC) + 3 * _DAY
    offsets = [_offset(at, info)]
    changes: list[datetime] = []
    while at < end:
        if _offset(at + _STEP, info) != offsets[-1]:
            low, high = at, at + _STEP
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) // 2
                middle = middle.replace(microsecond=0)
                low, high = (low, middle) if _offset(middle, info) != offsets[-1] else (middle, high)
            changes.append(high)
            offsets.append(_offset(high, info))
        at += _STEP
    return changes, offsets


def _offset(instant: datetime, zone: ZoneInfo) -> timedelta:
    found = instant.astimezone(zone).utcoffset()
    assert found is not None
    return found
