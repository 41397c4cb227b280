"""Several steps, entries and tasks, and what they share: gates, caps, budgets and the second pass of a run."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from dsl import identity
from tests.hand import ENTRY, SENT, brief, campaign, decide, event, past, person, step, told
from tests.test_reference import NINE, wall

NUDGE = campaign(step("after 2 hours"))
TWO = campaign(step("after 49 hours", name="a") + "\n" + step("after 50 hours", "kind service", name="b"))


# ---- after what this run sends
def test_what_this_run_sends_is_followed_within_its_horizon() -> None:
    rows = decide(campaign(step("after 2 hours", name="a") + "\n" + step("after 24 hours", name="b")))
    assert brief(rows, "step", "at") == [("a", "2026-03-04 11:00:00"), (ENTRY, "2026-03-04 09:00:00")]
    later = decide(campaign(step("after 2 hours"), "start once; window 16:00-18:00"))
    assert told(later) == ["send 2026-03-04 18:00:00"]
    assert told(decide(campaign(step("after 2 hours"), "start once; window fri 16:00-18:00"))) == []  # not sent yet


def test_a_step_follows_the_instant_that_the_pace_gave_to_its_entry() -> None:
    people = [person("1"), person("2"), person("3")]
    text = campaign(step("after 1 hour"), "start once; window 16:00-18:00; pace 1 per second")
    rows = decide(text, people=people)
    entries = {row["customer"]: row["at"] for row in rows if row["step"] == ENTRY}
    due = {row["customer"]: row["started_at"] for row in rows if row["step"] == "s"}
    assert sorted(entries.values()) == [wall(f"2026-03-04 16:00:0{second}") for second in range(3)]
    assert {who: (due[who] - at).total_seconds() for who, at in entries.items()} == dict.fromkeys("123", 3600.0)


@pytest.mark.parametrize(
    ("body", "entry"),
    [
        ("start once; again after 1 day; cap 1 per week", "suppressed cap"),
        ("start once; holdout 100%", "control holdout 2026-03-04 09:00:00"),
        ("start once; budget 0 CNY; window 9:00-9:30", "deferred budget 2026-03-05 09:00:00"),
    ],
)
def test_what_is_not_sent_is_not_followed(body: str, entry: str) -> None:
    before = [SENT] if "again" in body else []  # its own step, long due, is none of this run's
    rows = decide(campaign(step("after 2 hours"), body), ledger=before)
    rows = [row for row in rows if row["occurrence"] == str(1 + len(before))]
    assert (told(rows, ENTRY), told(rows)) == ([entry], [])


def test_a_guard_of_a_step_after_this_run() -> None:
    """At the run nobody can have clicked since a send that is still to come: `if` does not hold, `unless` does not either."""
    assert told(decide(campaign(step("after 2 hours if clicked")))) == []
    assert told(decide(campaign(step("after 2 hours unless clicked")))) == ["send 2026-03-04 11:00:00"]


# ---- who has entered goes on
def test_neither_audience_nor_experiments_are_asked_again() -> None:
    assert told(decide(campaign(step()), ledger=[SENT], people=[person(ok=False)])) == ["send 2026-03-04 09:00:00"]
    assert told(decide(campaign(step(), "start once; holdout 100%"), ledger=[SENT])) == ["send 2026-03-04 09:00:00"]


def test_what_a_step_meets_as_its_entry_did() -> None:
    text, shared = campaign(step()), "+8613800000009"
    assert told(decide(text, "require consent vip", ledger=[SENT])) == ["suppressed no_consent"]
    assert told(decide(text, "require consent vip", ledger=[SENT], people=[person(vip=True)])) != []
    assert told(decide(text, ledger=[SENT], opted_out=[event("o", NINE)])) == ["suppressed opted_out"]
    assert told(decide(text, ledger=[SENT], people=[person(phone=None)])) == ["suppressed no_address"]
    both = [person("0", phone=shared), person("1", phone=shared)]
    assert told(decide(text, ledger=[SENT], people=both))[-1] == "suppressed duplicate_address"
    assert told(decide(text, "block benefit while ok", ledger=[SENT])) == ["suppressed blocked"]
    own = campaign(step("after 1 day", "kind service"))
    assert told(decide(own, "block benefit while ok", ledger=[SENT])) == ["send 2026-03-04 09:00:00"]


# ---- several
def test_each_step_is_a_decision_of_its_own() -> None:
    rows = decide(TWO, ledger=[SENT])
    expected = [("a", "benefit", "2026-03-04 10:00:00"), ("b", "service", "2026-03-04 11:00:00")]
    assert brief(rows, "step", "kind", "at") == expected
    assert [row["send_id"] for row in rows] == [identity.send_id("c", name, "1", "1", "sms") for name in "ab"]


def test_two_entries_of_one_customer_have_steps_each() -> None:
    text = campaign(step("after 49 hours"), "start once; again after 1 day")
    second = past("2026-03-03 09:00", occurrence="2")
    rows = decide(text, ledger=[SENT, second], horizon=2 * (wall(NINE) - wall("2026-03-03 09:00")))
    assert brief(rows, "step", "occurrence", "at") == [
        (ENTRY, "3", "2026-03-04 09:00:00"),
        ("s", "1", "2026-03-04 10:00:00"),
        ("s", "2", "2026-03-05 10:00:00"),
    ]


# ---- caps
def test_policy_caps_count_steps_and_a_campaigns_own_do_not() -> None:
    own = campaign(step("after 2 hours"), "start once; cap 1 per day")
    assert told(decide(own)) == ["send 2026-03-04 11:00:00"]
    assert told(decide(NUDGE, "cap 1 per day")) == ["suppressed cap"]  # on the day of its entry
    assert told(decide(NUDGE, "cap 2 per day")) == ["send 2026-03-04 11:00:00"]
    tomorrow = campaign(step("after 23 hours"))
    assert told(decide(tomorrow, "cap 1 per day")) == ["send 2026-03-05 08:00:00"]
    stepped = past("2026-03-04 08:00", step="s", campaign="c")
    again = campaign(step("after 9 days"), "start once; again after 1 day; cap 1 per day")
    assert told(decide(again, ledger=[stepped]), ENTRY) == ["send 2026-03-04 09:00:00"]  # no entry before it today
    assert told(decide(again, "cap 1 per day", ledger=[stepped]), ENTRY) == ["suppressed cap"]


def test_steps_of_this_run_come_after_everything_else_of_it() -> None:
    """d has the least priority, and goes before the step of an entry of this run; a step of the ledger's goes by rank."""
    other = campaign("", "start once; priority 1", name="d")
    first = campaign(step("after 1 hour"), "start once; priority 9")
    rows = decide(first + other, "cap 2 per day")
    assert brief(rows, "campaign", "step", "outcome") == [
        ("c", ENTRY, "send"),
        ("c", "s", "suppressed"),
        ("d", ENTRY, "send"),
    ]
    rows = decide(first + other, "cap 1 per day", ledger=[SENT])
    assert brief(rows, "campaign", "step", "outcome") == [("c", "s", "send"), ("d", ENTRY, "suppressed")]


def test_a_step_that_a_cap_has_held_back_is_tried_again() -> None:
    first = decide(NUDGE, "cap 1 per day")
    second = decide(NUDGE, "cap 1 per day", ledger=first, at="2026-03-05 09:00")
    assert brief(second, "step", "started_at", "at") == [("s", "2026-03-04 11:00:00", "2026-03-05 09:00:00")]


# ---- budget and pace
def test_entries_and_steps_share_the_budget() -> None:
    """0.05 a message. The entry's is spent when the second pass asks."""
    rows = decide(campaign(step("after 1 hour"), "start once; budget 0.10 CNY"))
    assert (told(rows, ENTRY), told(rows)) == (["send 2026-03-04 09:00:00"], ["send 2026-03-04 10:00:00"])
    rows = decide(campaign(step("after 1 hour"), "start once; budget 0.09 CNY"))
    assert (told(rows, ENTRY), told(rows)) == (["send 2026-03-04 09:00:00"], ["deferred budget 2026-03-05 00:00:00"])


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("2026-03-03 09:00:00.000001", "deferred budget 2026-03-05 09:00:00"),
        ("2026-03-03 09:00", "suppressed budget"),  # two days after its start is the next opening: too late
    ],
)
def test_what_waits_for_the_next_opening_expires_by_its_own_start(start: str, expected: str) -> None:
    open_ = past(None, "suppressed", start, decided="2026-03-03 10:00")
    text = campaign(body="start once; window 09:00-10:00; expire after 2 days; budget 0 CNY")
    assert told(decide(text, ledger=[open_]), ENTRY) == [expected]
    stepped = campaign(step("after 1 day", "window 09:00-10:00"), "start once; expire after 2 days; budget 0 CNY")
    known = [past("2026-03-02 09:00"), open_ | {"step": "s"}]
    assert told(decide(stepped, ledger=known)) == [expected]


# ---- tasks
TASK = 'step s after 1 day { task "回访" to "客户经理" }'


def test_a_task_needs_no_phone_and_says_who() -> None:
    (row,) = decide(campaign(TASK), "limit 1 segments", ledger=[SENT], people=[person(phone=None)])
    known = {"outcome": "send", "channel": "task", "text": "回访", "assignee": "客户经理", "recipient": "1"}
    known |= {"segments": None, "cost": None, "at": wall(NINE), "local_date": date(2026, 3, 4), "step": "s"}
    assert {name: row[name] for name in known} == known
    assert row["send_id"] == identity.send_id("c", "s", "1", "1", "task")


def test_a_task_is_held_by_nothing_that_counts_messages_and_counted_by_nothing() -> None:
    entry = campaign("", "start once; priority 1", name="d")
    tasked = campaign(TASK, "start once; priority 9; budget 0 CNY; pace 1 per second")
    today = past("2026-03-04 08:00", campaign="gone")
    rows = decide(tasked + entry, "cap 1 per day", ledger=[SENT])
    assert brief(rows, "step", "outcome") == [("s", "send"), (ENTRY, "send")]
    assert told(decide(tasked, ledger=[SENT | {"cost": Decimal("0.05")}])) == ["send 2026-03-04 09:00:00"]  # overspent
    rows = decide(tasked + entry, "cap 1 per day", ledger=[SENT, today])
    assert brief(rows, "step", "outcome") == [("s", "send"), (ENTRY, "suppressed")]
    done = past("2026-03-04 08:00", campaign="gone", channel="task")
    assert told(decide(entry, "cap 1 per day", ledger=[done]), ENTRY) == ["send 2026-03-04 09:00:00"]
    twice = campaign("", "start once; again after 1 day; cap 1 per day")
    done = past("2026-03-04 08:00", start="2026-03-01 08:00", channel="task")
    assert told(decide(twice, ledger=[done]), ENTRY) == ["send 2026-03-04 09:00:00"]


def test_tasks_of_the_ledger_take_nothing_of_pace_and_budget() -> None:
    done = [past("2026-03-04 09:00", campaign="c", step="s", channel="task", customer=f"9{n}") for n in range(3)]
    done = [row | {"cost": Decimal("0.50")} for row in done]
    text = campaign(TASK, "start once; budget 0.05 CNY; pace 1 per second")
    assert told(decide(text, ledger=done), ENTRY) == ["send 2026-03-04 09:00:00"]
    sms = [row | {"channel": "sms", "cost": Decimal(0)} for row in done]
    assert told(decide(text, ledger=sms), ENTRY) == ["send 2026-03-04 09:00:03"]


def test_a_task_obeys_opting_out_and_consent_and_its_exits() -> None:
    assert told(decide(campaign(TASK), ledger=[SENT], opted_out=[event("o", NINE)])) == ["suppressed opted_out"]
    assert told(decide(campaign(TASK), "require consent vip", ledger=[SENT])) == ["suppressed no_consent"]
    shared = [person("0", phone="+8613800000001"), person("1")]
    rows = decide(campaign(TASK), ledger=[SENT], people=shared)
    assert [row["outcome"] for row in rows if row["step"] == "s"] == ["send"]
