"""Instants at which clocks, calendars and lengths turn, in plans by hand: what test_reference.py and test_openings.py leave."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import holidays
import pytest

from tests.hand import ENTRY, brief, campaign, clicks, decide, event, past, person, step, told
from tests.test_reference import DAY, HOUR, NEW_YORK

YEAR = "start once; runs 2026-01-01..2026-12-31"


def wall(rows: list[dict[str, Any]], step: str = "s") -> list[tuple[str, date]]:
    """UTC instants, since clocks that jump show some twice, and the local dates."""
    return [(f"{row['at']:%m-%d %H:%M}", row["local_date"]) for row in rows if row["step"] == step]


# ---- where New York's clock jumps: at 2026-03-08 07:00 UTC 02:00 is 03:00, at 2026-11-01 06:00 UTC it is 01:00
@pytest.mark.parametrize(
    ("entered", "window", "expected"),
    [  # Shanghai's wall of the send (UTC + 8); the step is due a day later
        ("2026-03-07 14:59", "02:00-03:00", ("03-09 06:00", date(2026, 3, 9))),  # there is no such hour that day
        ("2026-03-07 14:59", "01:30-03:30", ("03-08 06:59", date(2026, 3, 8))),
        ("2026-03-07 15:29", "01:30-03:30", ("03-08 07:29", date(2026, 3, 8))),  # its clock shows 03:29
        ("2026-03-07 15:30", "01:30-03:30", ("03-09 05:30", date(2026, 3, 9))),
        ("2026-10-31 13:30", "01:00-02:00", ("11-01 05:30", date(2026, 11, 1))),  # the first 01:30
        ("2026-10-31 14:30", "01:00-02:00", ("11-01 06:30", date(2026, 11, 1))),  # the second
        ("2026-10-31 15:00", "01:00-02:00", ("11-02 06:00", date(2026, 11, 2))),  # 02:00
        ("2026-10-31 14:00", "01:30-02:00", ("11-01 06:30", date(2026, 11, 1))),  # 01:00 again, 01:30 is to come again
    ],
)
def test_a_step_due_in_a_gap_or_a_fold(entered: str, window: str, expected: tuple[str, date]) -> None:
    text = campaign(step("after 1 day", f"window {window}"), YEAR)
    due = datetime.fromisoformat(entered) + DAY
    rows = decide(text, at=str(due), horizon=2 * DAY, ledger=[past(entered)], people=[person(place=NEW_YORK)])
    assert wall(rows) == [expected]


def test_an_expiry_of_a_day_is_24_hours_over_a_gap() -> None:
    """Started on Saturday, 2026-03-07 at 12:00 in New York (01:00 of Sunday in Shanghai); it is over at 13:00 there."""
    open_ = past(None, "suppressed", "2026-03-08 01:00", decided="2026-03-08 01:00")
    text, there = campaign(body=YEAR + "; expire after 1 day"), [person(place=NEW_YORK)]
    assert told(decide(text, at="2026-03-09 00:59:59.999999", ledger=[open_], people=there), ENTRY) == [
        "send 2026-03-09 00:59:59.999999"
    ]
    assert told(decide(text, at="2026-03-09 01:00", ledger=[open_], people=there), ENTRY) == ["expired late"]


# ---- quiet hours, to the instant, of steps and answers and in a zone of half hours
@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-03-05 00:29:59.999999", "2026-03-05 00:29:59.999999"),  # 21:59:59.999999 in India
        ("2026-03-05 00:30", "2026-03-05 10:30:00"),  # 22:00 there; 08:00
        ("2026-03-05 10:29:59.999999", "2026-03-05 10:30:00"),
        ("2026-03-05 10:30", "2026-03-05 10:30:00"),
    ],
)
def test_quiet_hours_of_half_an_hour(at: str, expected: str) -> None:
    rows = decide(campaign(), "quiet 22:00-08:00", at=at, people=[person(place="Asia/Kolkata")])
    assert told(rows, ENTRY) == [f"send {expected}"]


def test_a_step_in_a_window_over_midnight_belongs_to_the_day_before() -> None:
    """Also to the cap: 00:30 of the fourth is still the third's, when the entry went."""
    text = campaign(step("after 90 minutes", "window 22:00-02:00"))
    known: dict[str, Any] = {"at": "2026-03-04 00:10", "ledger": [past("2026-03-03 23:00")]}
    rows = decide(text, **known)
    assert brief(rows, "at", "local_date") == [("2026-03-04 00:30:00", date(2026, 3, 3))]
    assert told(decide(text, "cap 1 per day", **known)) == ["suppressed cap"]
    plain = campaign(step("after 90 minutes"))
    assert told(decide(plain, "cap 1 per day", **known)) == ["send 2026-03-04 00:30:00"]


def test_quiet_hours_of_the_next_morning_are_taken_out_of_a_window_over_midnight() -> None:
    text = campaign(body="start once; window 22:00-06:00")
    for at, expected in (("2026-03-05 00:59:59", "2026-03-05 00:59:59"), ("2026-03-05 01:00", "2026-03-05 05:00:00")):
        rows = decide(text, "quiet 01:00-05:00", at=at)
        assert brief(rows, "at", "local_date") == [(expected, date(2026, 3, 4))]


# ---- working days of China in 2026
def test_make_up_days_are_working_days() -> None:
    china = holidays.country_holidays("CN", years=2026)
    assert china.is_working_day(date(2026, 2, 14)) and not china.is_working_day(date(2026, 2, 16))


@pytest.mark.parametrize(
    ("window", "at", "expected"),
    [
        ("workdays 10:00-11:00", "2026-02-13 11:00", ("2026-02-14 10:00:00", 14)),  # a Saturday, made up for
        ("workdays 10:00-11:00", "2026-02-14 10:59:59", ("2026-02-14 10:59:59", 14)),
        ("workdays 10:00-11:00", "2026-02-14 11:00", ("2026-02-24 10:00:00", 24)),  # the holiday is from 15 to 23
        ("sat 10:00-11:00 skip holidays", "2026-02-14 09:00", ("2026-02-14 10:00:00", 14)),
        ("sat 10:00-11:00 skip holidays", "2026-02-14 11:00", ("2026-02-28 10:00:00", 28)),  # the 21st is one
        ("10:00-11:00 skip holidays", "2026-02-14 11:00", ("2026-02-24 10:00:00", 24)),
        ("10:00-11:00 skip holidays", "2026-02-07 09:00", ("2026-02-07 10:00:00", 7)),  # a free Saturday is no holiday
        ("workdays 22:00-02:00", "2026-02-14 23:00", ("2026-02-14 23:00:00", 14)),
        ("workdays 22:00-02:00", "2026-02-15 01:59", ("2026-02-15 01:59:00", 14)),  # the window began on a working day
        ("workdays 22:00-02:00", "2026-02-15 02:00", ("2026-02-24 22:00:00", 24)),
        ("workdays 22:00-02:00", "2026-02-24 01:00", ("2026-02-24 22:00:00", 24)),  # the 23rd's would still be open
    ],
)
def test_holidays_and_the_days_that_make_up_for_them(window: str, at: str, expected: tuple[str, int]) -> None:
    own = campaign(step("after 1 hour", f"window {window}"), YEAR)
    instant, day = expected
    for text, ledger, part in (
        (campaign(body=f"{YEAR}; window {window}"), [], ENTRY),
        (own, [past("2026-02-01 09:00")], "s"),
    ):
        rows = [row for row in decide(text, at=at, horizon=20 * DAY, ledger=ledger) if row["step"] == part]
        assert brief(rows, "at", "local_date") == [(instant, date(2026, 2, day))]


# ---- lengths
@pytest.mark.parametrize(
    ("tick", "expected"),
    [("2026-03-04 07:59:59.999999", []), ("2026-03-04 08:00", ["t"]), ("2026-03-04 08:00:00.000001", ["t"])],
)
def test_an_event_starts_again_at_exactly_the_length_after_the_last(tick: str, expected: list[str]) -> None:
    text = campaign(body="start when tick; expire after 3 days; again after 1 day")
    done = past("2026-03-03 09:00", start="2026-03-03 08:00", occurrence="x")
    assert brief(decide(text, ledger=[done], tick=[event("t", tick)]), "occurrence") == expected


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-03-02", "send 2026-03-04 10:00:00"),
        ("2026-03-03", "suppressed cap"),
        ("2026-03-04", "suppressed cap"),
        ("2026-03-05", "suppressed cap"),  # decided before, and going after it
        ("2026-03-06", "send 2026-03-04 10:00:00"),
    ],
)
def test_a_rolling_cap_of_two_days_holds_a_step_both_ways(day: str, expected: str) -> None:
    other = past(f"{day} 20:00", campaign="gone", decided="2026-03-01 09:00")
    ledger = [past("2026-02-27 10:00"), other]
    text = campaign(step("after 5 days"), "start once; runs 2026-02-01..2026-04-30")
    assert told(decide(text, "cap 1 per 2 days", ledger=ledger)) == [expected]


def test_steps_and_entries_of_one_run_hold_each_other_in_a_rolling_cap() -> None:
    """The entry goes today; its step of tomorrow is within two days of it, that of the day after is not."""
    text = campaign(step("after 1 day", name="a") + "\n" + step("after 2 days", name="b"))
    rows = decide(text, "cap 1 per 2 days", horizon=3 * DAY)
    assert brief(rows, "step", "outcome") == [("a", "suppressed"), ("b", "send"), (ENTRY, "send")]


def test_a_step_that_opens_when_the_campaign_ends() -> None:
    text = campaign(step("after 1 hour", "window 23:00-24:00"), "start once; runs 2026-03-01..2026-03-04")
    late = [past("2026-03-04 21:59:59")]
    assert told(decide(text, at="2026-03-04 22:00", ledger=late)) == ["send 2026-03-04 23:00:00"]
    assert told(decide(text, "quiet 23:00-23:59", at="2026-03-04 22:00", ledger=late)) == ["send 2026-03-04 23:59:00"]
    assert told(decide(text, "quiet 23:00-08:00 from 2026-03-04", at="2026-03-04 22:00", ledger=late)) == [
        "expired no_opening"
    ]


def test_a_condition_asks_with_the_clock_of_the_run_and_the_send() -> None:
    """A step's window of behaviour counts back from the run, not from when the step goes."""
    text = campaign(step("after 49 hours if did clicked in last 1 hour"))
    sent = [past("2026-03-02 09:00")]
    for click, goes in (("2026-03-04 08:00", []), ("2026-03-04 08:00:00.000001", ["send 2026-03-04 10:00:00"])):
        assert told(decide(text, ledger=sent, clicked=clicks(click), horizon=2 * HOUR)) == goes
