"""How often: the first month, months after, and before holidays, by hand and on both executors."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from dsl.compiler import analyse
from dsl.program.lower import lower
from dsl.settings import Settings
from dsl.source import Source
from runtime.reference import plan
from tests.agree.compare import Case, differences
from tests.agree.data import World

BANK = """brand b "B" { zone "Asia/Shanghai"; currency CNY; phones "CN"; holidays "CN" }
customer { id key; phone phone?; surname text?; gender one_of("F", "M")?; region one_of("county", "city"); assets money?
  score number?; apr rate?; born date?; joined date; vip flag; consent flag; zone zone? }
event view { page text; n number? }
event calc { amount money; ok flag }
"""


def campaign(name: str, kind: str, priority: int = 0, window: str = "16:00-18:00") -> str:
    return f"""campaign {name} {{ policy p; kind {kind}; runs 2026-01-01..2026-12-31; priority {priority}; window {window}
  audience {{ consent }}
  start once
  message sms {{ text "x" }}
}}
"""


def decided(
    policy: str, campaigns: str, at: str, sent: tuple[tuple[str, str, date], ...] = (), **said: Any
) -> dict[str, str]:
    """Campaign → outcome and reason for one customer; both executors have to agree. sent: (campaign, kind, local date)."""
    text = BANK + f"policy p {{ {policy} }}\n" + campaigns + "campaign old { retired }\n"
    found = analyse([Source("t.camp", text)])
    assert found.model is not None and not found.errors, [one.message for one in found.found]
    empty = dict.fromkeys(("surname", "gender", "assets", "score", "apr", "born", "zone"))
    person = empty | {"id": "k", "phone": "+8613800000001", "region": "city", "joined": date(2020, 1, 1)}
    person |= {"vip": False, "consent": True} | said
    now = datetime.fromisoformat(at).astimezone(UTC)
    ledger = tuple(
        {"campaign": name, "customer": "k", "occurrence": str(number), "outcome": "send", "kind": kind, "local_date": day,
         "recipient": "+8613800000001", "zone": "Asia/Shanghai", "at": now - timedelta(hours=1),
         "started_at": now - timedelta(hours=1), "decided_at": now - timedelta(hours=1)}
        for number, (name, kind, day) in enumerate(sent)
    )  # fmt: skip
    case = Case(text, lower(found.model, Settings(zone="UTC")), World((person,), (), ledger), now, timedelta(days=7))
    assert differences(case) == []
    rows = plan(case.program, case.world.data(), now, timedelta(days=7))
    return {row["campaign"]: " ".join(filter(None, (row["outcome"], row["reason"]))) for row in rows}


NEW = "block product_reminder, event_notice while joined in last 30 days"


@pytest.mark.parametrize(
    ("joined", "outcome"),
    [
        (date(2026, 3, 4), "suppressed blocked"),
        (date(2026, 2, 3), "suppressed blocked"),  # sent on March 4, the thirtieth day with the day of joining
        (date(2026, 2, 2), "send"),
        (date(2020, 1, 1), "send"),
    ],
)
def test_the_first_month_is_blocked_until_it_is_over(joined: date, outcome: str) -> None:
    both = campaign("c", "product_reminder") + campaign("t", "triggered")
    found = decided(NEW, both, "2026-03-04T09:00+08:00", joined=joined)
    assert found == {"c": outcome, "t": "send"}


def test_a_block_is_tested_on_the_day_of_sending() -> None:
    """On Wednesday the month is not over yet; the window opens on Friday, when it is."""
    friday = campaign("c", "product_reminder", window="fri 16:00-18:00")
    assert decided(NEW, friday, "2026-03-04T09:00+08:00", joined=date(2026, 2, 4)) == {"c": "send"}
    assert decided(NEW, friday, "2026-03-04T09:00+08:00", joined=date(2026, 2, 5)) == {"c": "suppressed blocked"}


@pytest.mark.parametrize(("joined", "outcome"), [(date(2026, 3, 1), "suppressed cap"), (date(2020, 1, 1), "send")])
def test_a_cap_holds_while_its_test_does(joined: date, outcome: str) -> None:
    policy = "cap 0 of benefit per month while joined in last 30 days"
    assert decided(policy, campaign("c", "benefit"), "2026-03-04T09:00+08:00", joined=joined) == {"c": outcome}


@pytest.mark.parametrize(
    ("at", "outcome"),
    [
        ("2026-04-01T09:00+08:00", "send"),  # 清明 begins on April 4: three days ahead
        ("2026-03-28T09:00+08:00", "send"),  # seven
        ("2026-03-27T09:00+08:00", "suppressed cap"),  # eight
        ("2026-04-04T09:00+08:00", "suppressed cap"),  # the holiday itself is not before it
    ],
)
def test_before_a_holiday_one_more_is_allowed(at: str, outcome: str) -> None:
    policy = "cap 0 of benefit per month; extra 1 of benefit per month within 7 days before holiday"
    assert decided(policy, campaign("c", "benefit"), at) == {"c": outcome}


def test_the_extra_is_one_and_for_its_period_only() -> None:
    policy = "cap {} of benefit per {}; extra 1 of benefit per month within 7 days before holiday"
    two = campaign("c", "benefit", 9) + campaign("d", "benefit")
    assert decided(policy.format(0, "month"), two, "2026-04-01T09:00+08:00") == {"c": "send", "d": "suppressed cap"}
    assert decided(policy.format(1, "week"), two, "2026-04-01T09:00+08:00") == {"c": "send", "d": "suppressed cap"}
    assert decided(policy.format(1, "month"), two, "2026-04-01T09:00+08:00") == {"c": "send", "d": "send"}


def test_exempt_kinds_neither_obey_nor_count() -> None:
    policy, today = "cap 1 per day; exempt service from cap", date(2026, 3, 4)
    both = campaign("c", "benefit") + campaign("s", "service")
    at = "2026-03-04T09:00+08:00"
    assert decided(policy, both, at) == {"c": "send", "s": "send"}
    assert decided(policy, both, at, sent=(("old", "service", today),)) == {"c": "send", "s": "send"}
    assert decided(policy, both, at, sent=(("old", "benefit", today),)) == {"c": "suppressed cap", "s": "send"}


@pytest.mark.parametrize(
    ("policy", "code"),
    [
        ("cap 0 of benefit per month", "CAMP411"),
        ("cap 0 of benefit per month; extra 1 of benefit per week within 7 days before holiday", "CAMP411"),
        ("cap 0 of benefit per month; extra 1 of benefit per month within 7 days before holiday", None),
        ("cap 0 of benefit per month while vip", None),
        ("cap 0 per month; exempt benefit from cap", None),
        ("block bonus while vip", "CAMP301"),
        ("block benefit while vpi", "CAMP301"),
        ("extra 1 of benefit per month within 7 hours before holiday", "CAMP315"),
        ("exempt bonus from cap", "CAMP301"),
    ],
)
def test_what_the_compiler_says_of_it(policy: str, code: str | None) -> None:
    found = analyse([Source("t.camp", BANK + f"policy p {{ {policy} }}\n" + campaign("c", "benefit"))])
    assert [one.code for one in found.found] == ([code] if code else [])
