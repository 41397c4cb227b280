"""`sent` and `ignored`, which a run makes from the ledger, by hand. Message m was sent 48 hours before NINE."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from tests.hand import ENTRY, brief, campaign, decide, event, past, person, told
from tests.test_reference import DAY, HOUR, MICRO, NINE, wall

AT = wall(NINE)
SENT = past("2026-03-02 09:00", campaign="m", kind="benefit")
M = "campaign m { retired }\n"


def holds(audience: str, *ledger: dict[str, Any], at: datetime = AT, clicked: tuple[datetime, ...] = ()) -> bool:
    found = [event(f"k{place}", instant) for place, instant in enumerate(clicked)]
    return bool(decide(campaign(audience=audience) + M, ledger=ledger or (SENT,), at=at, clicked=found))


@pytest.mark.parametrize(
    ("at", "clicked", "ignored"),
    [
        (AT - MICRO, (), False),  # there is still time
        (AT, (), True),
        (AT + DAY, (), True),
        (AT, (AT,), False),  # exactly 48 hours after it is in time
        (AT + MICRO, (AT + MICRO,), True),  # a microsecond later is not
        (AT, (AT - 48 * HOUR,), True),  # nor is what was clicked as it went
        (AT, (AT - 48 * HOUR + MICRO,), False),
        (AT, (AT - 49 * HOUR,), True),
        (AT + DAY, (AT - HOUR, AT + HOUR), False),
    ],
)
def test_ignored_is_48_hours_without_a_click(at: datetime, clicked: tuple[datetime, ...], ignored: bool) -> None:
    assert holds("did ignored", at=at, clicked=clicked) is ignored
    assert holds("not did ignored", at=at, clicked=clicked) is not ignored


def test_ignored_happens_48_hours_after_the_send() -> None:
    assert holds("did ignored in last 1 day", at=AT)
    assert holds("did ignored in last 1 day", at=AT + DAY - MICRO)
    assert not holds("did ignored in last 1 day", at=AT + DAY)
    assert holds("days_since(sent) = 3 and days_since(ignored) = 1", at=AT + DAY)
    assert not holds("days_since(sent) = 2", at=AT - MICRO)
    assert holds("days_since(sent) = 1", at=AT - MICRO)
    assert not holds("did sent", past("2026-03-04 09:00:00.000001", decided=NINE, campaign="m"))  # still to come
    assert holds("did sent", past(NINE, campaign="m"))


@pytest.mark.parametrize(
    ("row", "counts"),
    [
        ({}, True),
        ({"outcome": "send"}, True),
        ({"channel": "wechat"}, True),
        ({"channel": "task"}, False),
        ({"outcome": "control"}, False),
        ({"outcome": "deferred"}, False),
        ({"outcome": "suppressed"}, False),
        ({"outcome": "expired"}, False),
        ({"customer": "2"}, False),
        ({"decided_at": wall("2026-03-04 09:00:00.000001")}, False),  # not decided yet
    ],
)
def test_of_what_was_sent(row: dict[str, Any], counts: bool) -> None:
    known = SENT | {"decided_at": wall("2026-03-02 09:00")} | row
    assert holds("did sent", known) is counts
    assert holds("did ignored", known) is counts


def test_a_decision_counts_once_whatever_the_ledger_repeats() -> None:
    later = past("2026-03-02 10:00", campaign="m", decided="2026-03-02 10:00")
    assert holds("count(sent) = 1", SENT, SENT, later)  # the latest final row stands
    assert holds("count(sent) = 2", SENT, later | {"occurrence": "2"})
    assert holds("count(sent) = 2", SENT, later | {"step": "s"})


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ('campaign = "m"', True),
        ('campaign = "c"', False),
        ('campaign != "c"', True),
        ('step = "entry"', True),
        ('step = "s"', False),
        ('channel = "sms"', True),  # where the ledger does not tell
        ('channel = "rcs"', False),
        ('kind = "benefit"', True),
        ('kind = "service"', False),
        ('(campaign = "m" and kind = "benefit")', True),
    ],
)
def test_what_is_known_of_them(where: str, found: bool) -> None:
    assert holds(f"did sent where {where}") is found
    assert holds(f"count(ignored where {where} in last 7 days) = {int(found)}")


def test_a_step_and_a_kind_that_the_ledger_does_not_tell() -> None:
    assert holds('did sent where step = "s"', SENT | {"step": "s"})
    untold = past("2026-03-02 09:00", campaign="m")
    assert not holds('did sent where kind = "benefit"', untold)
    assert not holds('did sent where kind != "benefit"', untold)  # a test on a missing value is false


def test_a_row_under_the_former_name_is_the_campaigns() -> None:
    text = campaign(
        body="start once; again after 1 day", name="c formerly old", audience='did sent where campaign = "c"'
    )
    assert told(decide(text, ledger=[SENT | {"campaign": "old"}]), ENTRY) == ["send 2026-03-04 09:00:00"]


def test_who_has_ignored_three_in_sixty_days_reads_something_else() -> None:
    other = 'message sms when count(ignored in last 60 days) >= 3 { text "Long" }\n  message sms { text "Hi" }'
    text = campaign(message=other) + M

    def says(*ago: float) -> list[str]:
        rows = [past(None, campaign="m", occurrence=str(one)) | {"at": AT - one * DAY} for one in ago]
        return [str(one) for one in brief(decide(text, ledger=rows), "text")]

    assert says(2, 10, 61.9) == ["Long"]
    assert says(2, 10, 62) == ["Hi"]  # ignored 60 days ago: the window is open at its old end
    assert says(1.9, 10, 20) == ["Hi"]
    assert says(2, 10) == ["Hi"]


def test_a_campaign_may_start_when_another_was_ignored() -> None:
    text = campaign(body='start when ignored where campaign = "m"; expire after 3 days') + M
    rows = decide(text, ledger=[SENT | {"occurrence": "7"}])
    assert brief(rows, "occurrence", "started_at", "at") == [
        ("m/entry/7", "2026-03-04 09:00:00", "2026-03-04 09:00:00")
    ]
    assert decide(text, ledger=[SENT], at=AT - MICRO) == []


def test_the_events_are_each_customers_own_and_this_runs_sends_are_none() -> None:
    rows = decide(campaign(audience="did sent") + M, ledger=[SENT], people=[person("1"), person("2")])
    assert brief(rows, "customer") == ["1"]
    both = campaign(name="a", body="start once; priority 9") + campaign(audience="not did sent")
    assert brief(decide(both), "campaign", "outcome") == [("a", "send"), ("c", "send")]
