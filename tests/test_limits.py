"""Budget and pace, by hand and on both executors."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dsl.compiler import analyse
from dsl.program.lower import lower
from dsl.settings import Settings
from dsl.source import Source
from runtime.reference import plan
from tests.agree.compare import Case, differences
from tests.agree.data import World
from tests.test_frequency import BANK

AT = datetime(2026, 3, 4, 1, tzinfo=UTC)  # Wednesday, 09:00 in Shanghai
PRICED = BANK.replace('holidays "CN"', 'holidays "CN"; cost sms 0.05 CNY')


def decided(lines: str, people: int, sent: tuple[tuple[str, str], ...] = (), last: str = "03-31") -> list[str]:
    """What becomes of so many customers, in the order of rank: a send's wall clock, or outcome and reason with one.

    sent: past sends of the campaign at a wall clock, with their cost.
    """
    text = (
        PRICED
        + f"""policy p {{ }}
campaign c {{ policy p; kind benefit; runs 2026-03-01..2026-{last}; window wed, fri 16:00-16:01; {lines}
  audience {{ consent }}
  start once
  message sms {{ text "x" }}
}}
"""
    )
    found = analyse([Source("t.camp", text)])
    assert found.model is not None and not found.errors, [one.message for one in found.found]
    empty = dict.fromkeys(("surname", "gender", "assets", "score", "apr", "born", "zone"))
    everyone = tuple(
        empty
        | {
            "id": f"k{n}",
            "phone": f"+8613800000{n:03}",
            "region": "city",
            "joined": AT.date(),
            "vip": False,
            "consent": True,
        }
        for n in range(people)
    )
    zone = ZoneInfo("Asia/Shanghai")
    ledger: tuple[dict[str, Any], ...] = tuple(
        {"campaign": "c", "customer": f"gone{n}", "occurrence": "1", "outcome": "send", "cost": Decimal(cost),
         "at": datetime.fromisoformat(f"2026-{wall}").replace(tzinfo=zone).astimezone(UTC), "zone": "Asia/Shanghai",
         "started_at": AT - timedelta(days=1), "decided_at": AT - timedelta(days=1)}
        for n, (wall, cost) in enumerate(sent)
    )  # fmt: skip
    case = Case(text, lower(found.model, Settings(zone="UTC")), World(everyone, (), ledger), AT, timedelta(days=1))
    assert differences(case) == []
    rows = plan(case.program, case.world.data(), AT, timedelta(days=1))
    shown = [(row["at"].astimezone(zone).strftime("%m-%d %H:%M:%S") if row["at"] else "", row) for row in rows]
    return sorted(f"{row['outcome']} {row['reason'] or ''} {wall}".replace("  ", " ").strip() for wall, row in shown)


@pytest.mark.parametrize(
    ("budget", "sent", "sends"),
    [
        ("0.15", (), 3),  # to the cent
        ("0.14", (), 2),
        ("0", (), 0),
        ("20_000", (), 5),
        ("0.25", (("03-03 16:00", "0.10"),), 3),  # what the ledger has spent counts
        ("0.25", (("03-03 16:00", "0.30"),), 0),
    ],
)
def test_the_first_that_does_not_fit_stops_the_campaign(
    budget: str, sent: tuple[tuple[str, str], ...], sends: int
) -> None:
    found = decided(f"budget {budget} CNY", 5, sent)
    assert found == ["deferred budget 03-06 16:00:00"] * (5 - sends) + ["send 03-04 16:00:00"] * sends


def test_where_no_opening_follows_before_the_expiry_it_is_suppressed() -> None:
    assert decided("budget 0.05 CNY", 2, last="03-05") == ["send 03-04 16:00:00", "suppressed budget"]


def test_a_pace_sends_one_behind_the_other_inside_the_opening() -> None:
    assert decided("pace 2 per second", 5) == [
        "send 03-04 16:00:00",
        "send 03-04 16:00:00",
        "send 03-04 16:00:01",
        "send 03-04 16:00:01",
        "send 03-04 16:00:02",
    ]


def test_what_does_not_fit_into_the_opening_waits_for_the_next() -> None:
    found = decided("pace 1 per second", 63)
    assert found.count("deferred pace 03-06 16:00:00") == 3 and "send 03-04 16:00:59" in found and len(set(found)) == 61


def test_rows_of_the_ledger_in_the_same_opening_go_before() -> None:
    sent = (("03-04 16:00:05", "0"), ("03-04 15:00", "0"), ("03-04 16:00", "0"))
    assert decided("pace 1 per second", 2, sent) == ["send 03-04 16:00:02", "send 03-04 16:00:03"]


def test_the_budget_is_spent_before_the_pace_is_set() -> None:
    assert decided("budget 0.10 CNY; pace 1 per second", 3) == [
        "deferred budget 03-06 16:00:00",
        "send 03-04 16:00:00",
        "send 03-04 16:00:01",
    ]


@pytest.mark.parametrize(
    ("line", "code"), [("pace 0 per second", "CAMP316"), ("budget 5 USD", "CAMP311"), ("budget 0.001 CNY", "CAMP316")]
)
def test_a_limit_that_means_nothing_is_a_finding(line: str, code: str) -> None:
    text = PRICED + "policy p { }\ncampaign c { policy p; kind benefit; runs 2026-03-01..2026-03-31; " + line
    text += '\n  audience { consent }; start once; message sms { text "x" }\n}\n'
    assert [one.code for one in analyse([Source("t.camp", text)]).found] == [code]
