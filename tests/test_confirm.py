"""Confirmations on another channel, and what a sender has to ask again before a message goes, by hand."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dsl import identity
from tests.hand import SENT, brief, campaign, clicks, decide, past, person, replies, step
from tests.test_reference import NINE, wall

SURE = 'confirm wechat { text "真 {{ link }}" }'
ASKED = "require confirm wechat when copy mentions rate or amount"
COLUMNS = ("channel", "confirm_channel", "confirm_id", "confirm_text")
AMOUNT = 'message sms { text "最高30万元" }'


def one(**more: Any) -> dict[str, Any]:
    (row,) = decide(**more)
    return row


def test_a_confirmation_goes_where_its_channel_reaches() -> None:
    row = one(campaigns=campaign(SURE), people=[person(bound=True)])
    sure = identity.send_id("c", "entry", "1", "1", "wechat", "confirmation")
    assert [row[name] for name in COLUMNS] == [
        "sms",
        "wechat",
        sure,
        f"真 https://x.example/{identity.link_code(sure, identity.DEVELOPMENT)}",
    ]
    assert sure != identity.send_id("c", "entry", "1", "1", "wechat") and row["text"] == "Hi"
    for bound in (False, None):
        row = one(campaigns=campaign(SURE), people=[person(bound=bound)])
        assert (row["outcome"], *(row[name] for name in COLUMNS[1:])) == ("send", None, None, None)


@pytest.mark.parametrize(
    ("rules", "message", "bound", "expected"),
    [
        (ASKED, AMOUNT, True, None),
        (ASKED, AMOUNT, False, "no_confirmation"),
        (ASKED, 'message sms { text "年化利率3.8%" }', False, "no_confirmation"),
        (ASKED, 'message sms { text "{{ latest.bought.sum | wan | default("") }}" }', False, "no_confirmation"),
        (ASKED, 'message sms { text "Hi" }', False, None),  # it mentions neither
        (ASKED.replace("rate or amount", "rate"), AMOUNT, False, None),
        ("require confirm wechat", 'message sms { text "Hi" }', False, "no_confirmation"),
        ("", AMOUNT, False, None),
        (ASKED + " severity warning", AMOUNT, False, None),  # told, and binds no run
        (ASKED, 'message rcs else sms { text "最高30万元" }', False, "no_confirmation"),
        (ASKED, 'message wechat { text "最高30万元" }', True, None),
    ],
)
def test_what_the_policy_wants_confirmed(rules: str, message: str, bound: bool, expected: str | None) -> None:
    row = one(campaigns=campaign(SURE, message=message), rules=rules, people=[person(bound=bound)])
    assert row["reason"] == expected
    if expected:
        assert (row["outcome"], row["rule"], row["text"]) == ("suppressed", "t.camp:9", None)


def test_a_step_has_a_confirmation_of_its_own_and_an_answer_none() -> None:
    own = step("after 1 day", 'confirm wechat { text "真" }')
    answer = 'on reply "1" { message sms { text "最高30万元" } }'
    asked = step("after 1 day", 'confirm wechat { text "真" }').replace("Yo", "最高30万元")
    replied = replies(("1", "2026-03-03 12:00"))
    rows = decide(campaign(own + "\n" + answer), ASKED, ledger=[SENT], people=[person(bound=True)], replied=replied)
    assert brief(rows, "step", "outcome", "confirm_text") == [("reply 1", "send", None), ("s", "send", "真")]
    rows = decide(campaign(asked + "\n" + answer), ASKED, ledger=[SENT], people=[person()], replied=replied)
    assert brief(rows, "step", "reason") == [("reply 1", None), ("s", "no_confirmation")]


def test_a_confirmation_takes_no_place_of_a_cap_and_falls_with_its_send() -> None:
    two = campaign(SURE) + campaign(SURE, name="d")
    rows = decide(two, "cap 2 per day", people=[person(bound=True)])
    assert brief(rows, "outcome", "confirm_channel") == [("send", "wechat")] * 2
    rows = decide(two, "cap 1 per day", people=[person(bound=True)])
    assert sorted(brief(rows, "outcome", "confirm_channel", "confirm_id", "confirm_text"))[1:] == [
        ("suppressed", None, None, None)
    ]


def test_a_banned_word_completed_in_the_confirmation_stops_the_message() -> None:
    text = campaign('confirm wechat { text "{{ customer.name | default("") }}批" }')
    ban = 'ban "秒批" because "x"'
    for name, bound, expected in (("秒", True, "banned_word"), ("分", True, None), ("秒", False, None)):
        row = one(campaigns=text, rules=ban, people=[person(name=name, bound=bound)])
        assert row["reason"] == expected, (name, bound)


# ---- guards
def test_an_entry_without_exits_has_no_guard() -> None:
    assert one(campaigns=campaign())["guard"] is None


def test_the_guard_of_an_entry_with_exits() -> None:
    """What happened since the occurrence's start, as the sender asks it again."""
    open_ = past(None, "suppressed", "2026-03-02 10:00", decided="2026-03-02 11:00")
    text = campaign("exit when did bought or clicked\nexit when did tick in last 2 days")
    since = "2026-03-02T02:00:00+00:00"
    happened = [{"op": "since", "of": {"event": event, "where": None, "last": None}} for event in ("bought", "clicked")]
    assert json.loads(one(campaigns=text, ledger=[open_])["guard"]) == [
        {"when": "exit", "since": since, "test": {"op": "any", "items": happened}},
        {
            "when": "exit",
            "since": since,
            "test": {"op": "did", "of": {"event": "tick", "where": None, "last": 172_800_000_000}},
        },
    ]


def test_the_guard_of_a_step_tells_two_instants() -> None:
    """Exits count from the start of the entry's occurrence, `if` and `unless` from its send. One text, whatever the run."""
    entry = past("2026-03-02 09:00", start="2026-03-01 20:00")
    text = campaign(step("after 49 hours if clicked unless did bought") + "\nexit when did tick")
    rows = decide(text, ledger=[entry], clicked=clicks("2026-03-03 09:00"))

    def line(when: str, since: str, event: str) -> str:
        of = f'{{"event": "{event}", "last": null, "where": null}}'
        return f'{{"since": "{since}", "test": {{"of": {of}, "op": "since"}}, "when": "{when}"}}'

    send, start = "2026-03-02T01:00:00+00:00", "2026-03-01T12:00:00+00:00"
    lines = (line("exit", start, "tick"), line("if", send, "clicked"), line("unless", send, "bought"))
    assert brief(rows, "guard") == [f"[{', '.join(lines)}]"]


def test_a_guard_of_this_runs_step_counts_from_the_send_to_come() -> None:
    text = campaign(step("after 1 hour unless clicked"), "start once; window 16:00-18:00")
    rows = [row for row in decide(text) if row["step"] == "s"]
    (shown,) = json.loads(rows[0]["guard"])
    assert (shown["when"], shown["since"]) == ("unless", wall("2026-03-04 16:00").isoformat())
    assert wall(NINE).isoformat() < shown["since"]
