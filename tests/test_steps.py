"""Steps after an entry, by hand. Customer 1 entered campaign c on Monday, 2026-03-02 at 09:00; runs are on the Wednesday."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from tests.hand import ENTRY, SENT, brief, campaign, clicks, decide, event, past, person, step, told
from tests.test_reference import DAY, HOUR, MICRO, NEW_YORK, NINE, wall

AT = wall(NINE)
ENTERED = wall("2026-03-02 09:00")


def after(length: str, body: str = "start once", **more: Any) -> list[str]:
    return told(decide(campaign(step(f"after {length}"), body), ledger=[SENT], **more))


# ---- when it is due
@pytest.mark.parametrize(
    ("length", "horizon", "expected"),
    [
        ("48 hours", DAY, ["send 2026-03-04 09:00:00"]),
        ("49 hours", DAY, ["send 2026-03-04 10:00:00"]),
        ("1 minute", DAY, ["send 2026-03-04 09:00:00"]),  # long due: at once, where nothing expires
        ("72 hours", DAY, []),  # the horizon is half-open
        ("72 hours", DAY + MICRO, ["send 2026-03-05 09:00:00"]),
        ("7 days", 7 * DAY, ["send 2026-03-09 09:00:00"]),
    ],
)
def test_due_so_long_after_the_send(length: str, horizon: Any, expected: list[str]) -> None:
    assert after(length, horizon=horizon) == expected


def test_due_after_the_send_and_not_after_the_start() -> None:
    late = past("2026-03-02 09:00", start="2026-03-01 07:00")
    (row,) = decide(campaign(step("after 49 hours")), ledger=[late])
    assert brief([row], "step", "occurrence", "started_at", "rule") == [("s", "1", "2026-03-04 10:00:00", "t.camp:13")]
    assert (row["kind"], row["text"], row["local_date"]) == ("benefit", "Yo", date(2026, 3, 4))


@pytest.mark.parametrize(
    ("length", "expected"),
    [
        ("24 hours", []),  # due at 2026-03-03 09:00, a day before `at`: no longer live
        ("1441 minutes", ["send 2026-03-04 09:00:00"]),
    ],
)
def test_live_is_later_than_the_bound(length: str, expected: list[str]) -> None:
    assert after(length, "start once; expire after 1 day") == expected


def test_due_before_the_end_of_runs() -> None:
    body = "start once; runs 2026-03-01..2026-03-04"  # ends as Thursday begins, 63 hours after the send
    assert after("63 hours", body) == []
    assert after("3779 minutes", body) == ["send 2026-03-04 23:59:00"]
    body = "start once; runs 2026-03-01..2026-03-03"
    assert after("38 hours", body) == ["expired late"]  # due in time, and at the run it is over


def test_an_expiry_of_its_own_due() -> None:
    """expiry = due + expire, not the entry's: an opening after it is too late, one at it too."""
    due = "after 49 hours"  # 10:00; expires at 12:00
    for window, expected in (
        ("11:59-13:00", ["send 2026-03-04 11:59:00"]),
        ("12:00-13:00", ["expired no_opening"]),
    ):
        text = campaign(step(due, f"window {window}"), "start once; expire after 2 hours")
        assert told(decide(text, ledger=[SENT])) == expected


# ---- if and unless
@pytest.mark.parametrize(
    ("clicked", "counted"),
    [
        (ENTERED, False),  # in (send, at]
        (ENTERED + MICRO, True),
        (AT, True),
        (AT + MICRO, False),
    ],
)
def test_if_and_unless_ask_since_the_send(clicked: datetime, counted: bool) -> None:
    found, sent = [event("k", clicked)], ["send 2026-03-04 10:00:00"]
    asked = campaign(step("after 49 hours if clicked"))
    spared = campaign(step("after 49 hours unless clicked"))
    assert told(decide(asked, ledger=[SENT], clicked=found)) == (sent if counted else [])
    assert told(decide(spared, ledger=[SENT], clicked=found)) == ([] if counted else sent)


def test_if_and_unless_together_and_windows_of_their_own() -> None:
    both = campaign(step("after 49 hours if clicked unless did bought"))
    one, two = clicks("2026-03-03 09:00"), [event("b", "2026-03-03 10:00")]
    assert told(decide(both, ledger=[SENT], clicked=one)) == ["send 2026-03-04 10:00:00"]
    assert told(decide(both, ledger=[SENT], clicked=one, bought=two)) == []
    assert told(decide(both, ledger=[SENT], bought=two)) == []
    # with a window the question is not about the entry: a purchase before it counts
    window = campaign(step("after 49 hours unless did bought in last 30 days"))
    before = [event("b", "2026-02-20 09:00")]
    assert told(decide(window, ledger=[SENT], bought=before)) == []
    assert told(decide(campaign(step("after 49 hours unless did bought")), ledger=[SENT], bought=before)) != []


# ---- what the ledger knows of it
STEP = {"step": "s"}


@pytest.mark.parametrize("outcome", ["send", "expired", "control"])
def test_what_is_final_is_never_decided_again(outcome: str) -> None:
    done = past("2026-03-03 10:00", outcome, **STEP)
    assert told(decide(campaign(step("after 49 hours")), ledger=[SENT, done])) == []
    other = past("2026-03-03 10:00", outcome, **STEP, occurrence="9")
    assert told(decide(campaign(step("after 49 hours")), ledger=[SENT, other])) == ["send 2026-03-04 10:00:00"]


def test_what_is_final_stays_so_where_this_run_sends_the_entry() -> None:
    open_ = past(None, "suppressed", "2026-03-02 09:00", decided="2026-03-03 09:00")
    done = past("2026-03-03 10:00", "send", **STEP)
    rows = decide(campaign(step("after 1 hour")), ledger=[open_, done])
    assert told(rows, ENTRY) == ["send 2026-03-04 09:00:00"] and told(rows) == []


def test_what_is_open_keeps_its_start_and_may_leave() -> None:
    open_ = past(None, "suppressed", "2026-03-03 10:00", decided="2026-03-03 10:00", **STEP)
    text = campaign(step("after 1 day if clicked unless did bought"))
    one = clicks("2026-03-02 09:30")
    rows = decide(text, ledger=[SENT, open_], clicked=one)
    assert brief(rows, "outcome", "started_at", "at") == [("send", "2026-03-03 10:00:00", "2026-03-04 09:00:00")]
    assert told(decide(text, ledger=[SENT, open_])) == ["expired left"]
    bought = [event("b", "2026-03-03 12:00")]
    assert told(decide(text, ledger=[SENT, open_], clicked=one, bought=bought)) == ["expired left"]
    late = campaign(step("after 1 day"), "start once; expire after 1 day")  # from its start: until 10:00 today
    assert told(decide(late, ledger=[SENT, open_], at="2026-03-04 09:59:59")) == ["send 2026-03-04 09:59:59"]
    assert told(decide(late, ledger=[SENT, open_], at="2026-03-04 10:00")) == ["expired late"]


@pytest.mark.parametrize("outcome", ["control", "expired", "deferred", "suppressed"])
def test_only_a_send_is_followed(outcome: str) -> None:
    entry = past("2026-03-02 09:00", outcome, "2026-03-02 09:00", decided="2026-03-02 09:00")
    rows = decide(campaign(step("after 1 hour"), "start once; window fri 9:00-10:00"), ledger=[entry])
    assert told(rows) == []


# ---- exits
@pytest.mark.parametrize(
    ("bought", "entry", "expected"),
    [
        ("2026-03-02 08:00", "send", ["send 2026-03-04 10:00:00"]),  # the instant of the occurrence's start
        ("2026-03-02 08:00:00.000001", "send", ["expired exit"]),  # after the start, before the send
        ("2026-03-04 09:00", "send", ["expired exit"]),
        ("2026-03-04 09:00:00.000001", "send", ["send 2026-03-04 10:00:00"]),
        ("2026-03-02 08:00", "suppressed", ["send 2026-03-04 09:00:00"]),
        ("2026-03-02 08:00:00.000001", "suppressed", ["expired exit"]),
    ],
)
def test_exits_count_from_the_start_of_the_occurrence(bought: str, entry: str, expected: list[str]) -> None:
    known = past("2026-03-02 09:00", entry, "2026-03-02 08:00", decided="2026-03-02 09:00")
    text = campaign(step("after 49 hours") + "\nexit when did bought")
    rows = decide(text, ledger=[known], bought=[event("b", bought)])
    assert told(rows, "s" if entry == "send" else ENTRY) == expected
    if expected == ["expired exit"]:
        (row,) = rows
        assert (row["rule"], row["guard"], row["text"]) == ("t.camp:14", None, None)


@pytest.mark.parametrize(
    ("bought", "expected"),
    [("2026-03-02 08:00", ["send 2026-03-04 09:00:00"]), ("2026-03-02 08:30", ["expired exit"])],
)
def test_of_an_open_step_too(bought: str, expected: list[str]) -> None:
    entry = past("2026-03-02 09:00", start="2026-03-02 08:00")
    open_ = past(None, "suppressed", "2026-03-03 09:00", decided="2026-03-03 09:00", **STEP)
    text = campaign(step("after 1 day") + "\nexit when did bought")
    assert told(decide(text, ledger=[entry, open_], bought=[event("b", bought)])) == expected


def test_an_exit_with_a_window_asks_whenever() -> None:
    text = campaign("exit when did bought in last 7 days")
    assert told(decide(text, bought=[event("b", "2026-03-01 09:00")]), ENTRY) == ["expired exit"]
    assert told(decide(text, bought=[event("b", "2026-02-25 09:00")]), ENTRY) == ["send 2026-03-04 09:00:00"]


# ---- its hours
def test_a_step_has_only_hours_of_its_own() -> None:
    friday = "start once; window fri 16:00-18:00"
    assert after("49 hours", friday) == ["send 2026-03-04 10:00:00"]
    own = campaign(step("after 49 hours", "window workdays 14:00-15:00"), friday)
    assert told(decide(own, ledger=[SENT])) == ["send 2026-03-04 14:00:00"]
    quiet = "quiet 22:00-08:00"
    assert after("61 hours", friday, rules=quiet) == ["send 2026-03-05 08:00:00"]  # due at 22:00:00
    assert after("3659 minutes", friday, rules=quiet) == ["send 2026-03-04 21:59:00"]
    assert after("71 hours", friday, rules=quiet, horizon=23 * HOUR) == []  # due at 08:00, when the horizon ends
    assert after("69 hours", friday, rules=quiet, horizon=23 * HOUR) == ["deferred horizon 2026-03-05 08:00:00"]


def test_a_step_is_due_in_hours_of_24_hours_whatever_the_clock_does() -> None:
    """New York's clock jumps on 2026-03-08: a day after Saturday 10:00 it shows 11:00, and on 2026-11-01 09:00."""
    there = [person(place=NEW_YORK)]
    for sent, due, runs in (
        ("2026-03-07 23:00", "2026-03-08 23:00:00", "2026-03-01..2026-03-31"),
        ("2026-10-31 22:00", "2026-11-01 22:00:00", "2026-10-01..2026-11-30"),
    ):
        text = campaign(step("after 24 hours"), f"start once; runs {runs}")
        rows = decide(text, at=due[:16], ledger=[past(sent)], people=there)
        assert brief(rows, "started_at", "at") == [(due, due)]
