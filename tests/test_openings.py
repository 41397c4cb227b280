"""When a campaign may send: windows, quiet hours, holidays and `runs` as instants, in zones whose clocks jump."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.compiler import analyse
from dsl.daysoff import estimated
from dsl.program.ir import Program, QuietSpec
from dsl.program.lower import lower
from dsl.settings import Settings
from dsl.source import Source
from dsl.terms import Hours, Window
from runtime.openings import Openings, Slot, instants, is_holiday, is_workday, local, midnight
from tests.agree.quiet import holds

HOLIDAYS = Path(__file__).parents[2] / "shared/data/cn_holidays/2026.json"
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
NEW_YORK, SHANGHAI = "America/New_York", "Asia/Shanghai"
TEXT = """
brand b "B" { zone "Asia/Shanghai"; currency CNY; holidays "CN" }
customer { id key }
policy rules { }
campaign c { policy rules; kind benefit; runs 2026-03-02..2026-03-22
  audience { id != "" }
  start once
  message sms { text "Hello" }
}
"""


def compiled() -> Program:
    analysis = analyse([Source("t.camp", TEXT)])
    assert analysis.model is not None and not analysis.errors, analysis.found
    return lower(analysis.model, Settings())


PROGRAM = compiled()


def openings(
    window: Window | None = None,
    quiet: Hours | QuietSpec | None = None,
    runs: tuple[str, str] = ("2026-03-02", "2026-03-22"),
) -> Openings:
    (campaign,), (policy,) = PROGRAM.campaigns, PROGRAM.policies
    begins, ends = (date.fromisoformat(day) for day in runs)
    changed = campaign.model_copy(update={"window": window, "begins": begins, "ends": ends})
    spec = QuietSpec(hours=quiet, at="t.camp:1") if isinstance(quiet, Hours) else quiet
    held = policy.model_copy(update={"quiet": (spec,) if spec else ()})
    return Openings(PROGRAM.model_copy(update={"campaigns": (changed,), "policies": (held,)}))


def every(begin: int, end: int, on: tuple[int, ...] = (), skip: bool = False) -> Window:
    return Window("days" if on else "every", on, Hours(begin * 60, end * 60), skip)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def first(found: Openings, zone: str, wall: str, fold: int = 0) -> tuple[str, str] | None:
    """The first opening after a wall clock's instant, as the wall shows it, and its local date."""
    after = datetime.fromisoformat(wall).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)
    answer = found.first(Slot("c"), zone, after)
    return answer and (local(answer[0], zone).replace(tzinfo=None).isoformat(" "), answer[1].isoformat())


def test_a_gap_shortens_a_window_and_a_fold_lengthens_it() -> None:
    # 2026-03-08 02:00 is 03:00 at once (07:00 UTC); 2026-11-01 02:00 is 01:00 again (06:00 UTC).
    spring, autumn = date(2026, 3, 8), date(2026, 11, 1)
    assert instants(spring, Hours(60, 240), NEW_YORK) == ((utc("2026-03-08 06:00"), utc("2026-03-08 08:00")),)
    assert instants(spring, Hours(120, 180), NEW_YORK) == ()
    assert instants(spring, Hours(150, 210), NEW_YORK) == ((utc("2026-03-08 07:00"), utc("2026-03-08 07:30")),)
    assert instants(autumn, Hours(60, 120), NEW_YORK) == ((utc("2026-11-01 05:00"), utc("2026-11-01 07:00")),)
    twice = ((utc("2026-11-01 05:00"), utc("2026-11-01 05:30")), (utc("2026-11-01 06:00"), utc("2026-11-01 06:30")))
    assert instants(autumn, Hours(60, 90), NEW_YORK) == twice
    assert sum((end - start for start, end in instants(spring, Hours(0, 1440), NEW_YORK)), timedelta()) == 23 * DAY / 24


def test_first_over_a_gap_and_inside_a_fold() -> None:
    gone = openings(every(2, 3))
    assert first(gone, NEW_YORK, "2026-03-08 00:00") == ("2026-03-09 02:00:00", "2026-03-09")
    fold = openings(Window("every", (), Hours(60, 90)), runs=("2026-11-01", "2026-11-02"))
    assert first(fold, NEW_YORK, "2026-11-01 01:29:59.999999") == ("2026-11-01 01:29:59.999999", "2026-11-01")
    assert fold.first(Slot("c"), NEW_YORK, utc("2026-11-01 05:30")) == (utc("2026-11-01 06:00"), date(2026, 11, 1))
    assert first(fold, NEW_YORK, "2026-11-01 01:30", fold=1) == ("2026-11-02 01:00:00", "2026-11-02")


def test_a_day_begins_after_a_gap_at_midnight() -> None:
    assert midnight(date(2026, 9, 6), "America/Santiago") == utc("2026-09-06 04:00")  # its clock shows 01:00
    assert local(utc("2026-09-06 04:00"), "America/Santiago").hour == 1


def test_hours_over_midnight_belong_to_the_day_they_start_on() -> None:
    monday = openings(every(20, 2, on=(0,)))
    assert first(monday, SHANGHAI, "2026-03-02 00:00") == ("2026-03-02 20:00:00", "2026-03-02")
    assert first(monday, SHANGHAI, "2026-03-03 01:59:59") == ("2026-03-03 01:59:59", "2026-03-02")
    assert first(monday, SHANGHAI, "2026-03-03 02:00") == ("2026-03-09 20:00:00", "2026-03-09")
    sunday = openings(every(20, 2, on=(6,)))  # that of the day before `runs`, once `runs` has begun
    assert first(sunday, SHANGHAI, "2026-03-01 20:00") == ("2026-03-02 00:00:00", "2026-03-01")
    assert first(sunday, SHANGHAI, "2026-03-22 23:59:59") == ("2026-03-22 23:59:59", "2026-03-22")
    assert first(sunday, SHANGHAI, "2026-03-23 00:00") is None


def test_first_at_boundaries() -> None:
    whole = openings()
    assert first(whole, SHANGHAI, "2020-01-01 00:00") == ("2026-03-02 00:00:00", "2026-03-02")
    assert first(whole, SHANGHAI, "2026-03-22 23:59:59.999999") == ("2026-03-22 23:59:59.999999", "2026-03-22")
    assert first(whole, SHANGHAI, "2026-03-23 00:00") is None
    assert first(whole, SHANGHAI, "2027-01-01 00:00") is None
    evening = openings(every(20, 24))
    assert first(evening, SHANGHAI, "2026-03-02 19:59:59.999999") == ("2026-03-02 20:00:00", "2026-03-02")
    assert first(evening, SHANGHAI, "2026-03-02 23:59:59") == ("2026-03-02 23:59:59", "2026-03-02")
    assert first(evening, SHANGHAI, "2026-03-03 00:00") == ("2026-03-03 20:00:00", "2026-03-03")
    assert whole.runs("c", SHANGHAI) == (utc("2026-03-01 16:00"), utc("2026-03-22 16:00"))
    assert whole.runs("c", NEW_YORK) == (utc("2026-03-02 05:00"), utc("2026-03-23 04:00"))  # summer time between


def test_quiet_hours_are_taken_out() -> None:
    split = openings(every(20, 10, on=(0,)), Hours(1320, 480))  # 20-22 on Monday, 8-10 on Tuesday
    assert first(split, SHANGHAI, "2026-03-02 21:59:59") == ("2026-03-02 21:59:59", "2026-03-02")
    assert first(split, SHANGHAI, "2026-03-02 22:00") == ("2026-03-03 08:00:00", "2026-03-02")
    assert first(split, SHANGHAI, "2026-03-03 10:00") == ("2026-03-09 20:00:00", "2026-03-09")
    ended = openings(every(20, 10, on=(0,)), Hours(1320, 480), runs=("2026-03-02", "2026-03-02"))
    assert first(ended, SHANGHAI, "2026-03-02 22:00") is None
    whole = openings(None, Hours(1320, 480))
    assert first(whole, SHANGHAI, "2026-03-02 22:00") == ("2026-03-03 08:00:00", "2026-03-03")
    assert first(whole, SHANGHAI, "2026-03-22 22:00") is None
    lunch = openings(None, Hours(720, 780))
    assert first(lunch, SHANGHAI, "2026-03-02 12:00") == ("2026-03-02 13:00:00", "2026-03-02")


def on(hours: Hours, *days: int, holidays: bool = False, **dates: date) -> QuietSpec:
    return QuietSpec(hours=hours, days=days, holidays=holidays, at="t.camp:1", **dates)


WHOLE = Hours(0, 1440)


def test_quiet_hours_of_a_weekday_belong_to_the_day_they_begin_on() -> None:
    night = openings(None, on(Hours(1200, 150), 6))  # Sunday 20:00 to Monday 02:30
    assert first(night, SHANGHAI, "2026-03-08 01:00") == ("2026-03-08 01:00:00", "2026-03-08")
    assert first(night, SHANGHAI, "2026-03-08 20:00") == ("2026-03-09 02:30:00", "2026-03-09")
    assert first(night, SHANGHAI, "2026-03-09 02:29:59") == ("2026-03-09 02:30:00", "2026-03-09")
    assert first(night, SHANGHAI, "2026-03-09 20:00") == ("2026-03-09 20:00:00", "2026-03-09")
    assert first(night, SHANGHAI, "2026-03-02 01:00") == ("2026-03-02 02:30:00", "2026-03-02")  # begun before `runs`
    # A window of Sunday that goes on into Monday meets Sunday's hours on both dates; Monday's own it meets after midnight.
    sunday = every(18, 4, on=(6,))
    assert first(openings(sunday, on(Hours(1200, 150), 6)), SHANGHAI, "2026-03-08 20:00") == (
        "2026-03-09 02:30:00",
        "2026-03-08",
    )
    assert first(openings(sunday, on(Hours(0, 180), 0)), SHANGHAI, "2026-03-09 00:00") == (
        "2026-03-09 03:00:00",
        "2026-03-08",
    )
    assert first(openings(sunday, on(Hours(0, 180), 6)), SHANGHAI, "2026-03-09 00:00") == (
        "2026-03-09 00:00:00",
        "2026-03-08",
    )


def test_a_quiet_day_is_as_long_as_its_clock_makes_it() -> None:
    """Both jumps of New York are on Sundays."""
    spring, autumn = ("2026-03-02", "2026-03-22"), ("2026-10-26", "2026-11-08")
    whole = openings(None, on(WHOLE, 6), spring)
    assert first(whole, NEW_YORK, "2026-03-07 23:59:59") == ("2026-03-07 23:59:59", "2026-03-07")
    assert whole.first(Slot("c"), NEW_YORK, utc("2026-03-08 05:00")) == (utc("2026-03-09 04:00"), date(2026, 3, 9))
    longer = openings(None, on(WHOLE, 6), autumn)
    assert longer.first(Slot("c"), NEW_YORK, utc("2026-11-01 04:00")) == (utc("2026-11-02 05:00"), date(2026, 11, 2))
    gap = openings(None, on(Hours(60, 150), 6), spring)  # 01:00 to 02:30, which no clock shows: to 03:00
    assert gap.first(Slot("c"), NEW_YORK, utc("2026-03-08 06:00")) == (utc("2026-03-08 07:00"), date(2026, 3, 8))
    # Saturday's hours over midnight, whose end comes twice: 01:00 to 01:30 are quiet both times.
    fold = openings(None, on(Hours(1320, 90), 5), autumn)
    assert fold.first(Slot("c"), NEW_YORK, utc("2026-11-01 05:00")) == (utc("2026-11-01 05:30"), date(2026, 11, 1))
    assert fold.first(Slot("c"), NEW_YORK, utc("2026-11-01 06:00")) == (utc("2026-11-01 06:30"), date(2026, 11, 1))
    assert first(openings(None, on(Hours(1320, 90), 6), autumn), NEW_YORK, "2026-11-01 01:00", fold=1) == (
        "2026-11-01 01:00:00",
        "2026-11-01",
    )


def test_quiet_holidays_are_the_days_that_the_hours_begin_on() -> None:
    runs = ("2026-09-01", "2026-10-31")  # the National Day holiday is 10-01 to 10-07, 10-10 a make-up Saturday
    whole = openings(None, on(WHOLE, holidays=True), runs)
    assert first(whole, SHANGHAI, "2026-09-30 23:59:59") == ("2026-09-30 23:59:59", "2026-09-30")
    assert first(whole, SHANGHAI, "2026-10-01 00:00") == ("2026-10-08 00:00:00", "2026-10-08")
    night = openings(None, on(Hours(1200, 120), holidays=True), runs)
    assert first(night, SHANGHAI, "2026-10-01 01:00") == ("2026-10-01 01:00:00", "2026-10-01")
    assert first(night, SHANGHAI, "2026-10-07 21:00") == ("2026-10-08 02:00:00", "2026-10-08")
    assert first(night, SHANGHAI, "2026-10-08 20:00") == ("2026-10-08 20:00:00", "2026-10-08")


def test_dates_of_quiet_hours_are_those_they_begin_on() -> None:
    found = openings(None, on(Hours(1200, 120), 6, since=date(2026, 3, 8), until=date(2026, 3, 8)))
    assert first(found, SHANGHAI, "2026-03-02 01:00") == ("2026-03-02 01:00:00", "2026-03-02")
    assert first(found, SHANGHAI, "2026-03-08 20:00") == ("2026-03-09 02:00:00", "2026-03-09")
    assert first(found, SHANGHAI, "2026-03-15 20:00") == ("2026-03-15 20:00:00", "2026-03-15")


@pytest.mark.skipif(not HOLIDAYS.is_file(), reason=f"{HOLIDAYS} is not there")
def test_workdays_of_2026_are_those_that_china_has_published() -> None:
    stated = {one["date"]: one["isOffDay"] for one in json.loads(HOLIDAYS.read_text(encoding="utf-8"))["days"]}
    for ahead in range(365):
        day = date(2026, 1, 1) + ahead * DAY
        assert is_workday(day, "CN") == (not stated.get(day.isoformat(), day.weekday() >= 5)), day


@pytest.mark.skipif(not HOLIDAYS.is_file(), reason=f"{HOLIDAYS} is not there")
def test_holidays_of_2026_are_those_that_china_has_published() -> None:
    stated = {one["date"]: one["isOffDay"] for one in json.loads(HOLIDAYS.read_text(encoding="utf-8"))["days"]}
    every_day = [(date(2026, 1, 1) + ahead * DAY).isoformat() for ahead in range(365)]
    assert [day for day in every_day if is_holiday(date.fromisoformat(day), "CN") != stated.get(day, False)] == []


def test_a_year_that_is_not_published_is_an_estimate() -> None:
    assert [year for year in range(2023, 2029) if estimated(year, "CN")] == [2027, 2028]
    assert not estimated(2027, None)


def test_workdays_and_holidays_are_tested_on_the_day_the_window_starts() -> None:
    runs = ("2026-09-01", "2026-10-31")
    work = openings(Window("workdays", (), Hours(540, 660)), runs=runs)
    assert first(work, SHANGHAI, "2026-09-30 11:00") == ("2026-10-08 09:00:00", "2026-10-08")
    assert first(work, SHANGHAI, "2026-10-09 11:00") == ("2026-10-10 09:00:00", "2026-10-10")  # a make-up Saturday
    night = openings(every(20, 2, skip=True), runs=runs)
    assert first(night, SHANGHAI, "2026-10-01 01:00") == ("2026-10-01 01:00:00", "2026-09-30")
    assert first(night, SHANGHAI, "2026-10-05 20:00") == ("2026-10-08 20:00:00", "2026-10-08")


# Zones whose clock jumps in 2026: by an hour, half an hour or two, at midnight, backwards into the day before.
JUMPS = {
    "America/New_York": ("2026-03-08", "2026-11-01"),
    "Australia/Lord_Howe": ("2026-04-05", "2026-10-04"),
    "Antarctica/Troll": ("2026-03-29", "2026-10-25"),
    "America/Santiago": ("2026-04-04", "2026-09-06"),
    "America/Havana": ("2026-03-08", "2026-11-01"),
    "America/Nuuk": ("2026-03-28", "2026-10-24"),
    "Africa/Casablanca": ("2026-02-15", "2026-03-22"),
    "Asia/Kathmandu": ("2026-03-08",),
}
MINUTES = st.integers(0, 1439)
HOURS = st.builds(Hours, MINUTES, st.integers(1, 1440))
ON = st.one_of(st.just(("every", ())), st.just(("workdays", ())), st.tuples(st.just("days"), st.just((1, 2, 6))))
# Weekdays around the jumps, most of which are on a Sunday; holidays lie in October and February.
QUIETS = st.builds(on, HOURS, st.just(6)) | st.builds(
    lambda hours, holidays: on(hours, holidays=holidays), HOURS, st.booleans()
)
WINDOWS = st.one_of(st.none(), st.builds(lambda on, hours: Window(*on, hours), ON, HOURS))


def stands(wall: datetime, hours: Hours, day: date) -> bool:
    begin = datetime.combine(day, time()) + timedelta(minutes=hours.begin)
    return begin <= wall < begin + timedelta(minutes=hours.length)


def allowed(
    instant: datetime, zone: ZoneInfo, window: Window | None, quiet: QuietSpec | None, days: int
) -> date | None:
    """The local date of the window that an instant lies in, by the wall clock alone; None where it may not send."""
    wall = instant.astimezone(zone).replace(tzinfo=None)
    near = (wall.date() - DAY, wall.date())
    if quiet and holds(quiet, wall, "CN"):
        return None
    for day in near if date(2026, 1, 1) <= wall.date() <= date(2026, 1, 1) + days * DAY else ():
        on = {
            "every": True,
            "days": window is not None and day.weekday() in window.days,
            "workdays": is_workday(day, "CN"),
        }
        if on[window.on if window else "every"] and stands(wall, window.hours if window else Hours(0, 1440), day):
            return day
    return None


@settings(max_examples=150, deadline=None)
@given(st.data(), st.sampled_from(sorted(JUMPS)), WINDOWS, st.one_of(st.none(), QUIETS))
def test_first_is_allowed_and_no_earlier_instant_is(
    data: st.DataObject, zone: str, window: Window | None, quiet: QuietSpec | None
) -> None:
    jump = utc(data.draw(st.sampled_from(JUMPS[zone])))
    after = jump + timedelta(seconds=data.draw(st.integers(-2 * 86_400, 2 * 86_400)))
    days = (jump.date() + data.draw(st.integers(0, 4)) * DAY - date(2026, 1, 1)).days
    runs = ("2026-01-01", (date(2026, 1, 1) + days * DAY).isoformat())
    answer = openings(window, quiet, runs).first(Slot("c"), zone, after)
    info = ZoneInfo(zone)
    if answer is not None:
        assert allowed(answer[0], info, window, quiet, days) == answer[1]
    instant, until = after, answer[0] if answer else jump + 7 * DAY
    while instant < until:
        assert allowed(instant, info, window, quiet, days) is None
        instant = instant.replace(second=0) + MINUTE


def test_hours_that_come_again_do_not_hide_the_next_day() -> None:
    """In Troll clocks go back two hours at 01:00 UTC: a minute of the day before comes again, after the next day has begun."""
    after = datetime(2026, 10, 25, tzinfo=UTC)
    window = Window("every", (), Hours(61, 61))
    found = openings(window, None, ("2026-01-01", "2026-12-31")).first(Slot("c"), "Antarctica/Troll", after)
    assert found == (after, date(2026, 10, 25))
