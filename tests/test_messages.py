"""Which of a campaign's messages a customer gets: arms and conditions, by hand and on both executors."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from dsl import identity
from dsl.compiler import analyse
from dsl.program.lower import lower
from dsl.settings import Settings
from dsl.source import Source
from runtime.reference import Event, plan
from tests.agree.compare import Case, differences
from tests.agree.data import World

AT = datetime(2026, 3, 4, 4, tzinfo=UTC)
BANK = """brand b "B" { zone "Asia/Shanghai"; currency CNY; phones "CN" }
customer { id key; phone phone?; surname text(4)?; gender one_of("F", "M")?; region one_of("county", "city"); assets money?
  score number?; apr rate?; born date?; joined date; vip flag; consent flag; zone zone? }
event view { page text; n number? }
event calc { amount money; ok flag }
policy p { }
campaign c { policy p; kind benefit; runs 2026-03-01..2026-03-31; audience { region = "city" }; start once
"""
ARMS = """  arms { a 30%; b 70% }
  message sms when count(view in last 7 days) >= 2 { text "seen" }
  message sms when arm is a and not vip { text "a" }
  message sms when arm is b { text "b" }
  message sms { text "rest" }
}
"""


def person(number: int, **said: Any) -> dict[str, Any]:
    known = {"id": f"k{number}", "phone": f"+8613800000{number:03}", "region": "city", "joined": AT.date()}
    empty = dict.fromkeys(("surname", "gender", "assets", "score", "apr", "born", "zone"))
    return empty | known | {"vip": False, "consent": True} | said


def case(people: list[dict[str, Any]], seen: frozenset[str] = frozenset()) -> Case:
    found = analyse([Source("t.camp", BANK + ARMS)])
    assert found.model is not None and not found.errors, [one.message for one in found.found]
    views = tuple(
        ("view", who, Event(f"{who}-{n}", AT - timedelta(days=n), {"page": "x", "n": Decimal(1)}))
        for who in seen
        for n in (1, 2)
    )
    program = lower(found.model, Settings(zone="UTC"))
    return Case(BANK + ARMS, program, World(tuple(people), views, ()), AT, timedelta(days=1))


def test_the_first_message_that_holds_is_sent_and_the_last_to_everyone_else() -> None:
    people = [person(number, vip=number % 3 == 0) for number in range(200)]
    seen = frozenset(f"k{number}" for number in range(0, 200, 5))
    made = case(people, seen)
    texts = {row["customer"]: row["text"] for row in plan(made.program, made.world.data(), AT, timedelta(days=1))}
    for one in people:
        arm = "a" if identity.bucket("arms/c", one["id"]) < 3_000 else "b"
        rest = "b" if arm == "b" else "rest" if one["vip"] else "a"
        assert texts[one["id"]] == ("seen" if one["id"] in seen else rest)
    assert set(Counter(texts.values())) == {"seen", "a", "b", "rest"}


def test_both_executors_choose_alike() -> None:
    people = [person(number, vip=number % 3 == 0) for number in range(60)]
    assert differences(case(people, frozenset({"k5", "k6"}))) == []


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ('arms { a 50%; b 49% }; message sms { text "x" }', "CAMP316"),
        ('arms { a 50%; a 50% }; message sms { text "x" }', "CAMP302"),
        ('message sms { text "x" }; message sms { text "y" }', "CAMP303"),
        ('message sms when vip { text "x" }', "CAMP304"),
        ('arms { a 50%; b 50% }; message sms when arm is c { text "x" }; message sms { text "y" }', "CAMP301"),
        ('message sms when vpi { text "x" }; message sms { text "y" }', "CAMP301"),
    ],
)
def test_a_mistake_about_messages_is_told_once(written: str, code: str) -> None:
    found = analyse([Source("t.camp", BANK + written + "\n}\n")])
    assert [one.code for one in found.found] == [code]


def test_an_arm_is_asked_in_messages_only() -> None:
    text = (BANK + ARMS).replace('region = "city"', "arm is a")
    assert [one.code for one in analyse([Source("t.camp", text)]).found] == ["CAMP301"]
