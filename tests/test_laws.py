"""Laws that hold for every plan, over random programs and worlds; each is checked with arithmetic of its own."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dsl.catalog import OPT_OUT_EVENT
from dsl.program.ir import CampaignSpec
from dsl.terms import Cap
from runtime.openings import is_holiday, is_workday
from tests.agree.compare import Case, Rows, make, runtime_rows

SEEDS = range(5000, 5020)


@cache
def case(seed: int) -> Case:
    return make(seed, customers=40)


@cache
def rows(seed: int) -> Rows:
    return runtime_rows(case(seed))


def sends(seed: int) -> list[tuple[CampaignSpec, dict[str, Any], datetime]]:
    """Each send with its campaign and the recipient's wall clock."""
    campaigns = {campaign.name: campaign for campaign in case(seed).program.campaigns}
    found = [row for row in rows(seed) if row["outcome"] == "send"]
    return [(campaigns[row["campaign"]], row, row["at"].astimezone(ZoneInfo(row["zone"]))) for row in found]


def inside(minute: int, begin: int, end: int) -> bool:
    return begin <= minute < end if begin < end else minute >= begin or minute < end


def test_the_worlds_hold_what_the_laws_are_about() -> None:
    counted = Counter(row["outcome"] for seed in SEEDS for row in rows(seed))
    assert counted["send"] > 20 and min(counted[name] for name in ("suppressed", "expired", "deferred", "control")) > 0


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_is_sent_in_quiet_hours(seed: int) -> None:
    policies = {policy.name: policy for policy in case(seed).program.policies}
    for campaign, row, wall in sends(seed):
        for quiet in policies[campaign.policy].quiet:
            minute = wall.hour * 60 + wall.minute
            assert not inside(minute, quiet.hours.begin, quiet.hours.end), (row, wall)


@pytest.mark.parametrize("seed", SEEDS)
def test_everything_is_sent_inside_its_window_and_runs(seed: int) -> None:
    country = case(seed).program.brand.holidays
    for campaign, row, wall in sends(seed):
        assert campaign.begins <= wall.date() <= campaign.ends
        if campaign.window is None:
            continue
        hours, day = campaign.window.hours, row["local_date"]
        minute = (wall.date() - day).days * 1440 + wall.hour * 60 + wall.minute
        assert hours.begin <= minute < hours.begin + hours.length, (row, wall)
        assert campaign.window.on != "days" or day.weekday() in campaign.window.days
        assert campaign.window.on != "workdays" or is_workday(day, country)
        assert not (campaign.window.skip_holidays and is_holiday(day, country))


@pytest.mark.parametrize("seed", SEEDS)
def test_nobody_who_refused_or_cannot_be_reached_is_sent_to(seed: int) -> None:
    world, at = case(seed).world, case(seed).at
    people = {person["id"]: person for person in world.customers}
    refused = {who for name, who, event in world.events if name == OPT_OUT_EVENT and event.at <= at}
    policies = {policy.name: policy for policy in case(seed).program.policies}
    for campaign, row, _ in sends(seed):
        person, consents = people[row["customer"]], policies[campaign.policy].consents
        assert row["customer"] not in refused and person["phone"] == row["recipient"] is not None
        assert all(person[consent.field] is True for consent in consents)
        assert row["customer"] == min(other["id"] for other in people.values() if other["phone"] == person["phone"])


def densest(cap: Cap, days: list[date], of: date) -> int:
    """The most sends in a period that holds the day, counted one period at a time."""
    match cap.period:
        case "day":
            return days.count(of)
        case "week":
            return sum(day.isocalendar()[:2] == of.isocalendar()[:2] for day in days)
        case "month":
            return sum((day.year, day.month) == (of.year, of.month) for day in days)
    firsts = [of - timedelta(days=back) for back in range(cap.days)]
    return max(sum(first <= day < first + timedelta(days=cap.days) for day in days) for first in firsts)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_cap_is_exceeded_by_what_is_sent(seed: int) -> None:
    """Counted with the ledger; where the ledger alone is over a cap already, nothing may be added to it."""
    policies = {policy.name: policy for policy in case(seed).program.policies}
    final: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in sorted(case(seed).world.ledger, key=lambda row: row["decided_at"]):
        key = row["campaign"], row["customer"], row["occurrence"]
        if row["outcome"] in ("send", "control", "expired"):
            final[key] = row
    past = [row for row in final.values() if row["outcome"] == "send"]
    new = [row for _, row, _ in sends(seed)]
    for campaign, row, _ in sends(seed):
        limits = [(spec.cap, campaign.name) for spec in campaign.caps]
        limits += [(spec.cap, None) for spec in policies[campaign.policy].caps]
        for cap, own in limits:
            if (cap.kinds and campaign.kind not in cap.kinds) or campaign.kind in cap.exempt or cap.when is not None:
                continue  # what holds for some only is decided by hand in test_frequency.py
            days = [
                other["local_date"]
                for other in [*past, *new]
                if other["recipient"] == row["recipient"]
                and (own is None or other["campaign"] == own)
                and (not cap.kinds or other["kind"] in cap.kinds)
                and other["kind"] not in cap.exempt
            ]
            most = cap.count + sum(extra.count for extra in cap.extras)
            assert densest(cap, days, row["local_date"]) <= most, (cap, row)


@pytest.mark.parametrize("seed", SEEDS)
def test_each_candidate_has_one_outcome_and_each_send_one_id(seed: int) -> None:
    keys = Counter((row["campaign"], row["step"], row["customer"], row["occurrence"]) for row in rows(seed))
    ids = Counter(row["send_id"] for row in rows(seed) if row["outcome"] == "send")
    assert {*keys.values(), *ids.values()} <= {1}
    assert all((row["send_id"] is None) == (row["outcome"] != "send") for row in rows(seed))


@pytest.mark.parametrize("seed", [*SEEDS][:8])
def test_the_order_of_rows_in_files_means_nothing(seed: int) -> None:
    """Of the ledger only among rows of one decision and one instant: those keep theirs."""
    world, random = case(seed).world, Random(seed)
    people, events = list(world.customers), list(world.events)
    random.shuffle(people)
    random.shuffle(events)
    shuffled = replace(world, customers=tuple(people), events=tuple(events))
    assert runtime_rows(replace(case(seed), world=shuffled)) == rows(seed)
