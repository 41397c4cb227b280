"""Answers to replies, by hand. Campaign c was sent on Monday, 2026-03-02 at 09:00."""

from __future__ import annotations

from typing import Any

import pytest

from dsl import identity
from tests.hand import SENT, brief, campaign, decide, event, past, person, replies, step, told
from tests.test_reference import NINE, wall

ANSWER = 'on reply "{}" {{ message sms {{ text "Yo" }} }}'
TEXT = campaign(ANSWER.format("Yes 1"))
STEP = "reply Yes 1"
NOON = "2026-03-03 12:00"
GOES = ["send 2026-03-04 09:00:00"]


def answers(*said: tuple[str, str], text: str = TEXT, ledger: list[dict[str, Any]] | None = None, **more: Any) -> Any:
    return told(decide(text, ledger=[SENT] if ledger is None else ledger, replied=replies(*said), **more), STEP)


def test_a_whole_answer() -> None:
    (row,) = decide(TEXT, ledger=[SENT], replied=replies(("Yes 1", NOON)))
    known = {"step": STEP, "occurrence": "r0", "kind": "service", "channel": "sms", "text": "Yo", "rule": "t.camp:13"}
    known |= {"started_at": wall(NOON), "at": wall(NINE), "outcome": "send", "guard": None, "customer": "1"}
    assert {name: row[name] for name in known} == known
    assert row["send_id"] == identity.send_id("c", STEP, "1", "r0", "sms")


@pytest.mark.parametrize(
    ("said", "same"),
    [
        ("Yes 1", True),
        ("yes 1", True),
        ("ＹＥＳ　１", True),  # full width, and the blank too
        (" Yes 1\n", True),
        ("　Yes 1　", True),
        ("Yes  1", False),
        ("Yes1", False),
        ("Yes 1.", False),
        ("1", False),
        ("", False),
    ],
)
def test_width_case_and_outer_blanks_mean_nothing(said: str, same: bool) -> None:
    assert answers((said, NOON)) == (GOES if same else [])


def test_a_reply_without_a_text_asks_nothing() -> None:
    assert told(decide(TEXT, ledger=[SENT], replied=[event("r", NOON, text=None), event("q", NOON)]), STEP) == []


# ---- whose answer it is
@pytest.mark.parametrize(
    ("latest", "expected"),
    [
        ({"campaign": "gone"}, []),  # of another campaign, after ours: it is that one's reply
        ({"campaign": "gone", "at": wall("2026-03-02 08:59:59")}, GOES),
        ({"campaign": "gone", "at": wall(NOON)}, GOES),  # at the reply's instant is not before it
        ({"campaign": "gone", "channel": "wechat"}, GOES),
        ({"campaign": "gone", "channel": "task"}, GOES),
        ({"campaign": "gone", "channel": "rcs"}, []),
        ({"campaign": "gone", "outcome": "suppressed", "decided_at": wall(NOON)}, GOES),
        ({"campaign": "gone", "outcome": "control"}, GOES),
        ({"campaign": "gone", "customer": "2"}, GOES),
        ({"campaign": "gone", "step": "s"}, []),
    ],
)
def test_the_latest_message_to_the_phone_before_it(latest: dict[str, Any], expected: list[str]) -> None:
    assert answers(("Yes 1", NOON), ledger=[SENT, past("2026-03-03 11:00") | latest]) == expected


def test_no_message_before_it_and_of_two_campaigns_the_one_that_spoke_last() -> None:
    assert answers(("Yes 1", NOON), ledger=[]) == []
    assert answers(("Yes 1", "2026-03-02 09:00")) == []  # at the instant of the send
    assert answers(("Yes 1", "2026-03-02 09:00:00.000001")) == GOES
    both = TEXT + campaign(ANSWER.format("Yes 1"), name="d")
    rows = decide(both, ledger=[SENT, past("2026-03-02 10:00", campaign="d")], replied=replies(("yes 1", NOON)))
    assert brief([row for row in rows if row["step"] == STEP], "campaign") == ["d"]


def test_a_step_of_the_campaign_may_be_what_is_answered() -> None:
    text = campaign(step() + "\n" + ANSWER.format("Yes 1"))
    stepped = past("2026-03-03 09:00", step="s")
    other = past("2026-03-02 12:00", campaign="gone")
    assert answers(("Yes 1", NOON), text=text, ledger=[SENT, other, stepped]) == GOES


# ---- when
@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-03-04 21:59:59", ["send 2026-03-04 21:59:59"]),
        ("2026-03-04 22:00", ["send 2026-03-05 08:00:00"]),
    ],
)
def test_an_answer_keeps_quiet_hours_and_no_window(at: str, expected: list[str]) -> None:
    text = campaign(ANSWER.format("Yes 1"), "start once; window fri 16:00-18:00")
    assert answers(("Yes 1", NOON), text=text, at=at, rules="quiet 22:00-08:00") == expected


def test_an_answer_lives_as_long_as_an_entry() -> None:
    text = campaign(ANSWER.format("Yes 1"), "start once; expire after 1 day")
    assert answers(("Yes 1", "2026-03-03 09:00"), text=text) == []
    assert answers(("Yes 1", "2026-03-03 09:00:00.000001"), text=text) == GOES
    over = campaign(ANSWER.format("Yes 1"), "start once; runs 2026-03-01..2026-03-03")
    assert answers(("Yes 1", "2026-03-03 23:59:59.999999"), text=over) == ["expired late"]
    assert answers(("Yes 1", "2026-03-04 00:00"), text=over) == []
    assert answers(("Yes 1", "2026-03-04 09:00:00.000001")) == []  # not seen yet


# ---- how often
def test_one_answer_for_each_text_and_run() -> None:
    two = campaign(ANSWER.format("Yes 1") + "\n" + ANSWER.format("2"))
    said = (("yes 1", "2026-03-03 12:00"), ("2", "2026-03-03 13:00"), ("YES 1", "2026-03-03 11:00"))
    rows = decide(two, ledger=[SENT], replied=replies(*said))
    assert brief(rows, "step", "occurrence") == [("reply 2", "r1"), (STEP, "r2")]
    rows = decide(two, ledger=[SENT, *rows], replied=replies(*said), at="2026-03-04 10:00")
    assert brief(rows, "step", "occurrence") == [(STEP, "r0")]
    rows = decide(two, ledger=[SENT, *decided(two, said), *rows], replied=replies(*said), at="2026-03-04 11:00")
    assert rows == []


def decided(text: str, said: tuple[tuple[str, str], ...]) -> list[dict[str, Any]]:
    return decide(text, ledger=[SENT], replied=replies(*said))


def test_an_open_answer_goes_before_a_new_one() -> None:
    open_ = past(None, "suppressed", NOON, decided=NOON, step=STEP, occurrence="r1")
    said = (("Yes 1", "2026-03-03 11:00"), ("Yes 1", NOON))
    rows = decide(TEXT, ledger=[SENT, open_], replied=replies(*said))
    assert brief(rows, "occurrence", "started_at") == [("r1", "2026-03-03 12:00:00")]


# ---- gates and caps
def test_an_answer_goes_to_nobody_who_has_opted_out_and_to_no_control_group_only() -> None:
    assert answers(("Yes 1", NOON), opted_out=[event("o", NOON)]) == ["suppressed opted_out"]
    held = campaign(ANSWER.format("Yes 1"), "start once; holdout 100%")
    assert answers(("Yes 1", NOON), text=held) == GOES
    assert answers(("Yes 1", NOON), people=[person(phone=None)]) == ["suppressed no_address"]
    assert answers(("Yes 1", NOON), people=[person(ok=False)]) == GOES  # no audience is asked


def test_an_answer_is_a_service_to_consents_and_caps() -> None:
    full, today = "cap 1 per day", past("2026-03-04 08:00", campaign="gone", channel="wechat", bound=True)
    assert answers(("Yes 1", NOON), rules=full, ledger=[SENT, today]) == ["suppressed cap"]
    assert answers(("Yes 1", NOON), rules=full + "; exempt service from cap", ledger=[SENT, today]) == GOES
    assert answers(("Yes 1", NOON), rules="require consent vip") == ["suppressed no_consent"]
    assert answers(("Yes 1", NOON), rules="require consent vip; exempt service from consent") == GOES
    own, entered = campaign(ANSWER.format("Yes 1"), "start once; cap 1 per day"), past("2026-03-04 08:00")
    assert answers(("Yes 1", "2026-03-04 08:30"), text=own, ledger=[entered]) == GOES


def test_what_answers_before_marketing_and_counts_against_it() -> None:
    urgent = campaign("", "start once; priority 9", name="a")
    rows = decide(TEXT + urgent, "cap 1 per day", ledger=[SENT], replied=replies(("Yes 1", NOON)))
    assert brief(rows, "campaign", "outcome") == [("a", "suppressed"), ("c", "send")]
    rows = decide(
        TEXT + urgent, "cap 1 per day; exempt service from cap", ledger=[SENT], replied=replies(("Yes 1", NOON))
    )
    assert brief(rows, "campaign", "outcome") == [("a", "send"), ("c", "send")]


@pytest.mark.parametrize(
    ("bought", "expected"),
    [("2026-03-02 10:00", GOES), (NOON, GOES), ("2026-03-03 12:00:00.000001", ["expired exit"])],
)
def test_an_exit_after_the_reply_drops_its_answer(bought: str, expected: list[str]) -> None:
    """Who asks after having left is answered; what was asked before leaving is dropped."""
    text = campaign(ANSWER.format("Yes 1") + "\nexit when did bought")
    assert answers(("Yes 1", NOON), text=text, bought=[event("b", bought)]) == expected
