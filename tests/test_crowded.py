"""Laws of every run where campaigns get into each other's way: half of the random programs want everybody at once.

Each is checked against the data themselves. All look at the same runs, made once; CAMP_LAWS=N takes N of them instead of a few.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import holidays
from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.program.ir import QuietSpec
from dsl.terms import EVERY_DAY, Hours
from runtime.openings import Openings, Slot, is_holiday
from runtime.outcomes import KEY
from runtime.reference.conditions import holds
from runtime.reference.hours import best_hour
from runtime.relational.sql import micros
from tests.agree.compare import Case, runtime_rows
from tests.crowds import before, caps, ran, spans, taken

RUNS = int(os.environ.get("CAMP_LAWS", "10"))
SEED = st.integers(0, RUNS - 1)
law = settings(max_examples=RUNS, database=None, deadline=None)
CHINA = holidays.country_holidays("CN")


def inside(hours: Hours, wall: datetime) -> bool:
    minute = wall.hour * 60 + wall.minute
    if hours.begin < hours.end:
        return hours.begin <= minute < hours.end
    return minute >= hours.begin or minute < hours.end


def silent(quiet: QuietSpec, wall: datetime, country: str | None) -> bool:
    """Quiet hours over midnight belong to the day on which they begin."""
    over = quiet.hours.end <= quiet.hours.begin and wall.hour * 60 + wall.minute < quiet.hours.end
    day = wall.date() - timedelta(days=over)
    meant = is_holiday(day, country) if quiet.holidays else not quiet.days or day.weekday() in quiet.days
    return inside(quiet.hours, wall) and quiet.in_force(day) and meant


@law
@given(SEED)
def test_no_instant_lies_in_quiet_hours_or_outside_of_its_window(seed: int) -> None:
    found = ran(seed)
    for row in found.rows:
        if row["at"] is None:
            continue
        campaign = found.campaign(row)
        window = found.part(row).window or EVERY_DAY
        wall = row["at"].replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(row["zone"]))
        country = found.case.program.brand.holidays
        assert not any(silent(quiet, wall, country) for quiet in found.policy(campaign).quiet), row
        assert inside(window.hours, wall), row
        over = window.hours.end <= window.hours.begin and wall.hour * 60 + wall.minute < window.hours.end
        assert row["local_date"] == wall.date() - timedelta(days=over), row
        assert window.on != "days" or row["local_date"].weekday() in window.days, row
        assert window.on != "workdays" or CHINA.is_working_day(row["local_date"]), row
        assert not (window.skip_holidays and row["local_date"] in CHINA), row
        assert campaign.begins <= wall.date() <= campaign.ends, row


@law
@given(SEED)
def test_instants_lie_between_now_and_the_horizon(seed: int) -> None:
    found = ran(seed)
    now, until = found.case.at.replace(tzinfo=None), (found.case.at + found.case.horizon).replace(tzinfo=None)
    for row in found.rows:
        campaign = found.campaign(row)
        if row["outcome"] in ("send", "control"):
            assert max(now, row["started_at"]) <= row["at"] < until, row
            assert campaign.expire is None or row["at"] < row["started_at"] + timedelta(microseconds=campaign.expire), (
                row
            )
        assert row["reason"] != "horizon" or row["at"] >= until, row


@law
@given(SEED)
def test_no_cap_is_exceeded(seed: int) -> None:
    """The ledger may hold more than a cap allows; then nothing is added. Sends that a cap does not hold may come on top."""
    found = ran(seed)
    held = [(row, one) for row in found.messages() for one in caps(found, row, row["local_date"])]
    for row, one in held:
        others = [(other, also) for other, also in held if other["recipient"] == row["recipient"]]
        mine = [(other, also) for other, also in others if also.rule == one.rule]
        past = [sent for sent in before(found.case) if sent.recipient == row["recipient"] and one.counts(sent)]
        for span in spans(one.cap, row["local_date"]):
            inside = [(other, also) for other, also in mine if span(other["local_date"])]
            sent = sum(span(other.day) for other in past) + len(inside)
            assert sent <= max(also.allowed for _, also in inside), (row, one)


@law
@given(SEED)
def test_a_cap_refuses_only_where_it_is_full(seed: int) -> None:
    found = ran(seed)
    openings = Openings(found.case.program)
    # What a budget or a pace puts off later has had its place in the caps, and does not give it back.
    put_off = {row["recipient"] for row in found.rows if row["reason"] in ("budget", "pace")}
    for row in found.rows:
        if row["reason"] != "cap" or row["recipient"] in put_off:
            continue
        start = max(found.case.at, row["started_at"].replace(tzinfo=UTC))
        window, who = found.part(row).window or EVERY_DAY, found.people[row["customer"]]
        first = openings.first(
            Slot(row["campaign"], row["step"], best_hour(found.part(row).campaign, window, who)), row["zone"], start
        )
        assert first is not None, row
        sends = [*before(found.case), *taken(found.messages())]
        mine = [one for one in sends if one.recipient == row["recipient"]]
        full = [
            one
            for one in caps(found, row, first[1])
            for span in spans(one.cap, first[1])
            if sum(span(sent.day) for sent in mine if one.counts(sent)) >= one.allowed
        ]
        assert full, row


@law
@given(SEED)
def test_nobody_out_of_reach_is_sent_to(seed: int) -> None:
    found = ran(seed)
    customers = {row["id"]: row for row in found.case.world.customers}
    gone = {who for name, who, event in found.case.world.events if name == "opted_out" and event.at <= found.case.at}
    for row in found.sends():
        who, campaign = customers[row["customer"]], found.campaign(row)
        policy = found.policy(campaign)
        then = replace(found.people[row["customer"]], today=row["local_date"])
        blocks = [spec.block for spec in policy.blocks if row["kind"] in spec.block.kinds]
        assert not any(holds(block.when, then) for block in blocks), row
        assert row["customer"] not in gone, row
        needed = [one for one in policy.consents if campaign.sensitive or not one.sensitive]
        needed = [
            one for one in needed if row["kind"] not in one.exempt and one.in_force(found.people[who["id"]].today)
        ]
        assert all(who[consent.field] is True for consent in needed), row
        for channel in {row["channel"], row["fallback"], row["confirm_channel"]} - {None, "task"}:
            reached = {"sms": True, "rcs": who["rich"] is True, "wechat": who["bound"] is True}
            assert reached[channel] and (channel == "wechat" or who["phone"]), row
            mine = [other for other, one in customers.items() if one["phone"] == who["phone"]]
            assert channel == "wechat" or row["customer"] == min(mine), row
        assert row["recipient"] == (who["phone"] if row["channel"] in ("sms", "rcs") else who["phone"] or who["id"]), (
            row
        )


@law
@given(SEED)
def test_every_candidate_has_one_outcome(seed: int) -> None:
    found = ran(seed)
    keys = [tuple(row[name] for name in KEY) for row in found.rows]
    assert len(found.rows) == len(set(keys))
    assert len({(row["campaign"], row["customer"]) for row in found.rows if row["step"] == "entry"}) == found.entries
    sends = [row["send_id"] for row in found.sends()]
    assert len(sends) == len(set(sends)) and None not in sends
    assert {row["outcome"] for row in found.rows} <= {"send", "control", "expired", "deferred", "suppressed"}
    assert all((row["reason"] is None) == (row["outcome"] == "send") for row in found.rows)


@law
@given(SEED)
def test_matching_finds_whom_each_audience_holds_for(seed: int) -> None:
    found = ran(seed)
    program, everyone = found.case.program, found.people.values()
    plain = {
        (one.name, who.key)
        for one in program.campaigns
        for who in everyone
        if all(holds(line.when, who) for line in one.audience)
    }
    assert found.matched == plain


def shuffled(case: Case, random: Random) -> Case:
    """The same rows in other places. Rows of one decision that were decided together stay: there the place counts."""
    world = case.world
    order = {id(row): place for place, row in enumerate(random.sample(world.ledger, len(world.ledger)))}
    together: dict[tuple[Any, ...], int] = {}
    for row in world.ledger:
        key = (*(row[name] for name in KEY), micros(row["decided_at"]))
        together[key] = min(together.get(key, order[id(row)]), order[id(row)])
    ledger = sorted(world.ledger, key=lambda row: together[(*(row[name] for name in KEY), micros(row["decided_at"]))])
    customers, events = (tuple(random.sample(rows, len(rows))) for rows in (world.customers, world.events))
    return replace(case, world=replace(world, customers=customers, events=events, ledger=tuple(ledger)))


@settings(law, max_examples=max(RUNS // 2, 1))
@given(SEED, st.randoms(use_true_random=False))
def test_the_order_of_rows_decides_nothing(seed: int, random: Random) -> None:
    found = ran(seed)
    rows = [
        {name: value.replace(tzinfo=None) if isinstance(value, datetime) else value for name, value in row.items()}
        for row in runtime_rows(shuffled(found.case, random))
    ]
    assert rows == found.rows


def test_the_runs_put_the_laws_to_the_test() -> None:
    seen = Counter((row["outcome"], row["reason"]) for seed in range(RUNS) for row in ran(seed).rows)
    assert seen["send", None] > 20 and seen["suppressed", "cap"] > 2 and len(seen) > 8
    assert sum(len(ran(seed).matched) for seed in range(RUNS)) > 100
