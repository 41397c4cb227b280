"""What a policy states with dates, severities and for whom, by hand. Local dates of sending; both ends are in."""

from __future__ import annotations

from typing import Any

import pytest

from tests.hand import ENTRY, SENT, brief, campaign, decide, past, person, step, told
from tests.test_reference import DAY, NEW_YORK

THU_FRI = " from 2026-03-05 until 2026-03-06"
ON = {"wed": False, "thu": True, "fri": True, "sat": False}
DAY_OF = {"wed": "04", "thu": "05", "fri": "06", "sat": "07"}


def on(weekday: str, rules: str, message: str = 'message sms { text "Hi" }', **more: Any) -> list[str]:
    """What is sent on that weekday from 09:00; the run is on Wednesday, 2026-03-04."""
    text = campaign(body=f"start once; window {weekday} 09:00-21:00", message=message)
    return told(decide(text, rules, horizon=7 * DAY, **more), ENTRY)


# ---- by the date of sending
@pytest.mark.parametrize("weekday", ON)
@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ("cap 1 per month", "cap"),
        ("block benefit while ok", "blocked"),
        ('ban "好" because "x"', "banned_word"),
        ("limit 1 segments", "too_long"),
    ],
)
def test_caps_blocks_bans_and_limits_have_dates(weekday: str, rule: str, reason: str) -> None:
    long = "好" * 71
    words = 'message sms { text "{{ customer.name | default("") }}" }'
    sent = past("2026-03-01 09:00", campaign="gone")
    known: dict[str, Any] = {"people": [person(name=long)], "message": words}
    if reason == "cap":
        known["ledger"] = [sent]
    goes, stopped = [f"send 2026-03-{DAY_OF[weekday]} 09:00:00"], [f"suppressed {reason}"]
    assert on(weekday, rule, **known) == stopped
    assert on(weekday, rule + THU_FRI, **known) == (stopped if ON[weekday] else goes)
    assert on(weekday, rule + " from 2026-03-05", **known) == (goes if weekday == "wed" else stopped)
    assert on(weekday, rule + " until 2026-03-06", **known) == (goes if weekday == "sat" else stopped)


@pytest.mark.parametrize("weekday", ON)
def test_of_several_limits_each_holds_on_its_own_dates(weekday: str) -> None:
    words = 'message sms { text "{{ customer.name | default("") }}" }'
    rules = f"limit 2 segments\nlimit 1 segments{THU_FRI}"
    for size, stopped in ((70, False), (71, ON[weekday]), (134, ON[weekday]), (135, True)):
        outcome = "suppressed too_long" if stopped else f"send 2026-03-{DAY_OF[weekday]} 09:00:00"
        assert on(weekday, rules, people=[person(name="好" * size)], message=words) == [outcome]


@pytest.mark.parametrize(("severity", "binds"), [("error", True), ("warning", False), ("info", False)])
def test_what_weighs_less_than_an_error_binds_no_run(severity: str, binds: bool) -> None:
    known = {"people": [person(name="好")], "message": 'message sms { text "{{ customer.name | default("") }}" }'}
    goes = ["send 2026-03-04 09:00:00"]
    for rule, stopped in (
        ('ban "好" because "x"', "suppressed banned_word"),
        ("block benefit while ok", "suppressed blocked"),
        ("require consent vip", "suppressed no_consent"),
    ):
        assert on("wed", f"{rule} severity {severity}", **known) == ([stopped] if binds else goes)
    assert on("wed", f"quiet 09:00-10:00 severity {severity}") == [f"send 2026-03-04 {'10' if binds else '09'}:00:00"]
    sent = past("2026-03-04 08:00", campaign="gone")
    found = on("wed", f"cap 1 per day severity {severity}", ledger=[sent])
    assert found == (["suppressed cap"] if binds else goes)


# ---- quiet hours with dates
EXAMS = "quiet 12:00-14:00 from 2026-03-05 until 2026-03-06"
NIGHTS = "quiet 22:00-08:00 from 2026-03-05 until 2026-03-06"


@pytest.mark.parametrize(
    ("rule", "at", "goes"),
    [
        (EXAMS, "2026-03-04 12:00", "2026-03-04 12:00:00"),
        (EXAMS, "2026-03-05 11:59:59", "2026-03-05 11:59:59"),
        (EXAMS, "2026-03-05 12:00", "2026-03-05 14:00:00"),
        (EXAMS, "2026-03-06 13:59:59", "2026-03-06 14:00:00"),
        (EXAMS, "2026-03-07 12:00", "2026-03-07 12:00:00"),
        (NIGHTS, "2026-03-04 23:00", "2026-03-04 23:00:00"),
        (NIGHTS, "2026-03-05 07:59", "2026-03-05 07:59:00"),  # the night of the fourth is none of them
        (NIGHTS, "2026-03-05 22:00", "2026-03-06 08:00:00"),
        (NIGHTS, "2026-03-06 22:00", "2026-03-07 08:00:00"),  # the last night ends on the day after
        (NIGHTS, "2026-03-07 07:59:59", "2026-03-07 08:00:00"),
        (NIGHTS, "2026-03-07 22:00", "2026-03-07 22:00:00"),
        (EXAMS + "; quiet 13:00-15:00", "2026-03-05 12:00", "2026-03-05 15:00:00"),  # both are taken out
        (EXAMS + "; quiet 13:00-15:00", "2026-03-04 12:00", "2026-03-04 12:00:00"),
    ],
)
def test_quiet_hours_of_some_days(rule: str, at: str, goes: str) -> None:
    assert told(decide(campaign(), rule, at=at), ENTRY) == [f"send {goes}"]


def test_dates_are_the_recipients() -> None:
    """It is still Wednesday in New York when Thursday has begun in Shanghai."""
    ban = 'ban "好" because "x" from 2026-03-05'
    text = campaign(message='message sms { text "{{ customer.name | default("") }}" }')
    people = [person("1", name="好"), person("2", name="好", place=NEW_YORK)]
    rows = decide(text, ban, at="2026-03-05 12:59:59", people=people)
    assert brief(rows, "customer", "reason") == [("1", "banned_word"), ("2", None)]
    assert brief(decide(text, ban, at="2026-03-05 13:00", people=people), "reason") == ["banned_word"] * 2


# ---- consent
@pytest.mark.parametrize(
    ("at", "needed"),
    [
        ("2026-03-04 23:59:59.999999", False),
        ("2026-03-05 00:00", True),
        ("2026-03-06 23:59:59.999999", True),
        ("2026-03-07 00:00", False),
    ],
)
def test_consent_is_asked_by_todays_date(at: str, needed: bool) -> None:
    rows = decide(campaign(), "require consent vip" + THU_FRI, at=at)
    assert brief(rows, "reason") == ["no_consent" if needed else None]
    assert brief(decide(campaign(), "require consent vip" + THU_FRI, at=at, people=[person(vip=True)]), "reason") == [
        None
    ]


def test_consent_is_not_asked_for_the_day_of_sending() -> None:
    assert on("thu", "require consent vip" + THU_FRI) == ["send 2026-03-05 09:00:00"]
    assert on("sat", "require consent vip until 2026-03-04") == ["suppressed no_consent"]


OTHER = 'message sms when assets >= 5 CNY { text "Hi" }\n  message sms { text "Yo" }'


@pytest.mark.parametrize(
    ("text", "needed"),
    [
        (campaign(), False),
        (campaign(audience="ok; assets is missing"), True),
        (campaign(audience="none { assets > 1 CNY }"), True),
        (campaign(message=OTHER), True),
        (campaign(message='message sms when born is missing { text "Hi" }\n  message sms { text "Yo" }'), False),
        (campaign(message='message sms { text "{{ customer.assets | wan | default("") }}" }'), True),
    ],
)
def test_consent_for_sensitive_fields_is_asked_of_campaigns_that_look_at_them(text: str, needed: bool) -> None:
    rules = "require consent vip for sensitive"
    assert brief(decide(text, rules), "reason") == ["no_consent" if needed else None]
    assert brief(decide(text, rules, people=[person(vip=True)]), "reason") == [None]


def test_a_step_of_a_campaign_that_looks_at_them_needs_it_too() -> None:
    rules, text = "require consent vip for sensitive", campaign(step(), audience="ok; assets is missing")
    assert told(decide(text, rules, ledger=[SENT])) == ["suppressed no_consent"]
    assert told(decide(campaign(step()), rules, ledger=[SENT])) == ["send 2026-03-04 09:00:00"]
    inside = step().replace("message sms {", 'message sms when assets > 5 CNY { text "Hi" }; message sms {')
    assert told(decide(campaign(inside), rules, ledger=[SENT])) == ["suppressed no_consent"]


@pytest.mark.parametrize(("kind", "needed"), [("benefit", True), ("service", False), ("triggered", False)])
def test_exempt_kinds_need_no_consent(kind: str, needed: bool) -> None:
    rules = "require consent vip; exempt service, triggered from consent"
    expected = ["no_consent" if needed else None]
    assert brief(decide(campaign(kind=kind), rules), "reason") == expected
    assert brief(decide(campaign(kind=kind), rules + ", cap"), "reason") == expected
    own = campaign(step("after 1 day", f"kind {kind}"))
    assert brief(decide(own, rules, ledger=[SENT]), "reason") == expected  # of the step's own kind
    assert brief(decide(campaign(kind=kind), "require consent vip; exempt service from cap"), "reason") == [
        "no_consent"
    ]
