"""Policies that extend policies, and campaigns that were renamed."""

from __future__ import annotations

from datetime import date

import pytest

from dsl.compiler import Analysis, analyse
from dsl.source import Source
from dsl.terms import Hours
from tests.test_frequency import BANK, campaign, decided

LAW = """policy law { quiet 21:00-09:00; require consent consent; require opt_out last; ban "免审" because "law"
  limit 2 segments; cap 2 per day; exempt service from cap }
policy vendor { quiet 12:00-13:00; require signature first; ban "秒批" because "vendor"; limit 3 segments; cap 1 per day
  marks "," "." }
"""
SENDER = BANK.replace('phones "CN";', 'phones "CN"; signature "【B】"; opt_out "拒收请回复R";')


def checked(policy: str, campaigns: str = "") -> Analysis:
    return analyse(
        [Source("t.camp", SENDER + LAW + policy + "\n" + (campaigns or campaign("c", "benefit", window="09:00-12:00")))]
    )


def test_what_any_of_them_forbids_is_forbidden() -> None:
    found = checked("policy p extends law, vendor { quiet 22:00-08:00; cap 3 per month }")
    assert found.model is not None and found.found == ()
    policy = found.model.policies["p"]
    assert [quiet.value.hours for quiet in policy.quiet] == [Hours(1320, 480), Hours(1260, 540), Hours(720, 780)]
    assert [consent.value.flag for consent in policy.consents] == ["consent"]
    assert policy.requires("signature", "sms") and policy.requires("opt_out", "rcs")
    assert [ban.value.words for ban in policy.bans] == [("免审",), ("秒批",)]
    assert min(one.value for one in policy.limits) == 2
    assert [(cap.value.count, cap.value.period, cap.value.exempt) for cap in policy.caps] == [
        (3, "month", ()),
        (2, "day", ("service",)),
        (1, "day", ()),
    ]
    assert policy.marks == (",", ".", "→")


def test_it_reaches_all_the_way_up_and_each_base_counts_once() -> None:
    found = checked("policy mid extends law { cap 5 per week }\npolicy p extends mid, law { cap 3 per month }")
    assert found.model is not None and found.found == ()
    assert [cap.value.count for cap in found.model.policies["p"].caps] == [3, 5, 2]


@pytest.mark.parametrize(
    ("policy", "codes"),
    [
        ("policy p extends lew { cap 1 per day }", ["CAMP301"]),
        ("policy p extends q { cap 1 per day }\npolicy q extends p { cap 1 per day }", ["CAMP305"]),
        ("policy p extends p { cap 1 per day }", ["CAMP305"]),
        ("policy p extends law, vendor { cap 0 per month }", ["CAMP411"]),
    ],
)
def test_a_mistake_is_told_once(policy: str, codes: list[str]) -> None:
    assert [one.code for one in checked(policy).found] == codes


def test_the_hours_of_all_of_them_can_leave_nothing_of_a_window() -> None:
    found = checked("policy p extends law, vendor { cap 1 per day }", campaign("c", "benefit", window="12:00-13:00"))
    assert [one.code for one in found.found] == ["CAMP401"]


def test_a_word_that_a_base_bans_is_banned() -> None:
    found = checked("policy p extends law { cap 1 per day }", campaign("c", "benefit").replace('"x"', '"免审"'))
    (one,) = found.found
    assert (one.code, "law" in one.message) == ("CAMP521", True)


def test_a_renamed_campaign_keeps_its_past() -> None:
    at, past = "2026-03-04T09:00+08:00", (("old", "benefit", date(2026, 3, 1)),)
    named = campaign("c", "benefit")
    assert decided("cap 9 per day", named, at, sent=past) == {"c": "send"}
    renamed = named.replace("campaign c", "campaign c formerly older")
    assert decided("cap 9 per day", renamed, at, sent=(("older", "benefit", date(2026, 3, 1)),)) == {}
