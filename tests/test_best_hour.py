"""`window best of … for customer` by hand: the hour of the clock in which a customer has clicked most, in whole minutes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.hand import ENTRY, SENT, brief, campaign, clicks, decide, event, past, person, step, told
from tests.test_reference import DAY, HOUR, MICRO, NEW_YORK

BEST = "start once; window best of {} for customer"
WIDE = BEST.format("09:00-20:00")
SEVEN = "2026-03-04 07:00"


def goes(*clicked: str, body: str = WIDE, at: str = SEVEN, **more: Any) -> list[str]:
    return told(decide(campaign(body=body), at=at, clicked=clicks(*clicked), **more), ENTRY)


@pytest.mark.parametrize(
    ("clicked", "hour"),
    [
        ((), "09:00"),  # without any click: the hours as they are written
        (("2026-03-01 14:10",), "14:00"),
        (("2026-03-01 10:05", "2026-03-01 14:10", "2026-03-02 14:59:59.999999"), "14:00"),
        (("2026-03-01 14:10", "2026-03-02 10:05"), "10:00"),  # of equals the earliest
        (("2026-03-01 14:10", "2026-03-02 14:05", "2026-03-01 10:10", "2026-03-02 10:05"), "10:00"),
        (("2026-03-01 21:00", "2026-03-02 21:00", "2026-03-01 14:10"), "14:00"),  # only clicks in the hours count
        (("2026-03-01 21:00", "2026-03-02 21:00"), "09:00"),
        (("2026-03-01 20:00",), "09:00"),  # half-open
        (("2026-03-01 19:59:59.999999",), "19:00"),
        (("2026-03-01 09:00", "2026-03-01 08:59:59.999999", "2026-03-01 08:00"), "09:00"),
        (("2024-03-01 14:10",), "14:00"),  # however long ago
    ],
)
def test_the_hour_with_most_clicks(clicked: tuple[str, ...], hour: str) -> None:
    assert goes(*clicked) == [f"send 2026-03-04 {hour}:00"]


def test_clicks_after_the_run_are_not_seen() -> None:
    assert goes(SEVEN + ":00.000001", body=BEST.format("05:00-20:00"), at=SEVEN) == ["send 2026-03-04 07:00:00"]
    six = BEST.format("05:00-20:00")
    assert goes("2026-03-03 05:10", SEVEN, body=six, at=SEVEN) == ["send 2026-03-05 05:00:00"]  # at the instant: a tie
    assert goes(SEVEN, body=six, at=SEVEN) == ["send 2026-03-04 07:00:00"]


@pytest.mark.parametrize(
    ("hours", "clicked", "at", "expected"),
    [
        ("09:30-20:15", "2026-03-01 09:40", SEVEN, "2026-03-04 09:30:00"),
        ("09:30-20:15", "2026-03-01 09:29", SEVEN, "2026-03-04 09:30:00"),  # none in the hours: all of them
        ("09:30-20:15", "2026-03-01 09:29", "2026-03-04 12:00", "2026-03-04 12:00:00"),
        ("09:30-20:15", "2026-03-01 20:10", SEVEN, "2026-03-04 20:00:00"),
        ("09:30-20:15", "2026-03-01 20:15", "2026-03-04 12:00", "2026-03-04 12:00:00"),
        ("09:30-20:15", "2026-03-01 20:10", "2026-03-04 20:14:59", "2026-03-04 20:14:59"),
        ("09:30-20:15", "2026-03-01 20:10", "2026-03-04 20:15", "2026-03-05 20:00:00"),
        ("09:30-20:15", "2026-03-01 09:40", "2026-03-04 10:00", "2026-03-05 09:30:00"),
        ("09:00-24:00", "2026-03-01 23:30", SEVEN, "2026-03-04 23:00:00"),
        ("09:00-24:00", "2026-03-01 23:30", "2026-03-04 23:59:59", "2026-03-04 23:59:59"),
    ],
)
def test_what_of_the_hour_lies_in_the_hours(hours: str, clicked: str, at: str, expected: str) -> None:
    assert goes(clicked, body=BEST.format(hours), at=at, horizon=2 * DAY) == [f"send {expected}"]


@pytest.mark.parametrize(
    ("zone", "clicked", "expected"),
    [
        ("Asia/Kolkata", ("2026-03-01 12:00",), "2026-03-04 11:30:00"),  # 09:30 there; the hour begins at 09:00
        ("Asia/Kolkata", ("2026-03-01 11:29",), "2026-03-04 11:30:00"),  # 08:59: outside, and 09:00 is still to come
        ("Asia/Kolkata", ("2026-03-01 14:35",), "2026-03-04 14:30:00"),  # 12:05
        (NEW_YORK, ("2026-03-01 23:30",), "2026-03-04 23:00:00"),  # 10:30 there
        # in summer 10:30 is an hour earlier; by the clock both are ten, and once eleven is less
        (NEW_YORK, ("2025-07-01 22:30", "2026-01-05 23:30", "2026-01-06 00:30"), "2026-03-04 23:00:00"),
    ],
)
def test_by_the_customers_clock(zone: str, clicked: tuple[str, ...], expected: str) -> None:
    assert goes(*clicked, people=[person(place=zone)]) == [f"send {expected}"]


def test_where_todays_hour_is_over_it_is_tomorrows() -> None:
    click, afternoon = "2026-03-01 14:10", "2026-03-04 15:00"
    assert goes(click, at="2026-03-04 14:59:59") == ["send 2026-03-04 14:59:59"]
    assert goes(click, at=afternoon) == ["send 2026-03-05 14:00:00"]
    assert goes(click, at=afternoon, horizon=23 * HOUR + MICRO) == ["send 2026-03-05 14:00:00"]
    assert goes(click, at=afternoon, horizon=23 * HOUR) == ["deferred horizon 2026-03-05 14:00:00"]
    assert goes(click, at=afternoon, body=WIDE + "; expire after 23 hours") == ["expired no_opening"]
    assert goes(click, at=afternoon, body=WIDE + "; expire after 1381 minutes") == ["send 2026-03-05 14:00:00"]
    assert goes(at=afternoon) == ["send 2026-03-04 15:00:00"]  # who never clicked has the other hours too


def test_quiet_hours_are_taken_out_of_the_hour() -> None:
    click = "2026-03-01 14:10"
    assert goes(click, rules="quiet 13:00-14:30") == ["send 2026-03-04 14:30:00"]
    exams = "quiet 12:00-15:00 from 2026-03-04 until 2026-03-05"
    assert goes(click, rules=exams, horizon=7 * DAY) == ["send 2026-03-06 14:00:00"]
    assert goes(click, rules="quiet 12:00-15:00") == ["expired no_opening"]


def test_what_budget_or_pace_hold_back_keeps_the_customers_hour() -> None:
    click = "2026-03-01 14:10"
    assert goes(click, body=WIDE + "; budget 0 CNY") == ["deferred budget 2026-03-05 14:00:00"]
    minute = "start once; window best of 14:59-20:00 for customer; pace 1 per second"
    last = [past("2026-03-04 14:59:30", decided="2026-03-04 06:00", customer=f"9{n}") for n in range(60)]
    people = [person(), person("2")]
    rows = decide(campaign(body=minute), at=SEVEN, clicked=clicks("2026-03-01 14:59"), ledger=last, people=people)
    assert brief(rows, "customer", "outcome", "at") == [
        ("1", "deferred", "2026-03-05 14:59:00"),  # the minute is full
        ("2", "send", "2026-03-04 15:00:00"),  # this one's opening goes on until 20:00
    ]


def test_a_step_looks_for_the_hour_in_hours_of_its_own() -> None:
    text = campaign(step("after 1 day", "window best of 12:00-20:00 for customer"), WIDE)
    found = decide(
        text, ledger=[SENT], clicked=[*clicks("2026-03-01 10:00", "2026-03-01 10:10"), event("x", "2026-03-01 13:10")]
    )
    assert told(found) == ["send 2026-03-04 13:00:00"]
    assert told(decide(text, ledger=[SENT])) == ["send 2026-03-04 12:00:00"]
