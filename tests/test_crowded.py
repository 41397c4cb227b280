"""Laws of every run where campaigns get into each other's way: half of the random programs want everybody at once.

Each is checked against the data themselves. All look at the same runs, made once; CAMP_LAWS=N takes N of them instead of a few.
"""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache, cached_property
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import holidays
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp

from dsl.program.ir import CampaignSpec, PolicySpec
from dsl.terms import EVERY_DAY, Cap, Hours, Once
from runtime.execute import execute
from runtime.openings import Openings, is_before_holiday
from runtime.outcomes import FINAL, KEY
from runtime.reference.conditions import holds
from runtime.reference.data import Person, people
from runtime.relational.sql import micros, table
from tests.agree.compare import Case, make, runtime_rows
from tests.banks import Rows, rows_of

RUNS = int(os.environ.get("CAMP_LAWS", "16"))
SEED = st.integers(0, RUNS - 1)
law = settings(max_examples=RUNS, database=None, deadline=None)
CHINA = holidays.country_holidays("CN")


@dataclass  # frozen would not keep what it has worked out
class Ran:
    case: Case
    rows: Rows
    matched: frozenset[tuple[str, str]]  # campaign, customer
    candidates: int

    @cached_property
    def people(self) -> dict[str, Person]:
        return {who.key: who for who in people(self.case.program, self.case.world.data(), self.case.at)}

    def sends(self) -> Rows:
        return [row for row in self.rows if row["outcome"] == "send"]

    def campaign(self, row: dict[str, Any]) -> CampaignSpec:
        return next(one for one in self.case.program.campaigns if one.name == row["campaign"])

    def policy(self, campaign: CampaignSpec) -> PolicySpec:
        return next(one for one in self.case.program.policies if one.name == campaign.policy)


def crowded(case: Case, windows: bool) -> Case:
    """The same with campaigns that want everybody at once, so that they get into each other's way."""
    changed: dict[str, Any] = {"audience": (), "start": Once(), "expire": None}
    if not windows:
        changed["window"] = None
    campaigns = tuple(one.model_copy(update=changed) for one in case.program.campaigns)
    return replace(case, program=case.program.model_copy(update={"campaigns": campaigns}), horizon=timedelta(days=7))


@cache
def ran(seed: int) -> Ran:
    case = make(1_000 + seed, customers=25)
    if seed % 2:
        case = crowded(case, windows=seed % 4 == 1)
    with tempfile.TemporaryDirectory() as folder:
        case.world.write(case.program, Path(folder))
        run = execute(case.program, Path(folder), case.at, case.horizon)
        matched = (
            exp.select("m.n", "c.key").from_(table("matched", "m")).join(table("customers", "c"), on="c.id = m.id")
        )
        pairs = frozenset((case.program.campaigns[n].name, key) for n, key in run.engine.rows(matched))
        (candidates,) = run.engine.rows(exp.select("count(*)").from_("candidates"))[0]
        rows = rows_of(run)
        run.engine.close()
    return Ran(case, rows, pairs, candidates)


def inside(hours: Hours, wall: datetime) -> bool:
    minute = wall.hour * 60 + wall.minute
    if hours.begin < hours.end:
        return hours.begin <= minute < hours.end
    return minute >= hours.begin or minute < hours.end


@law
@given(SEED)
def test_no_instant_lies_in_quiet_hours_or_outside_of_its_window(seed: int) -> None:
    found = ran(seed)
    for row in found.rows:
        if row["at"] is None:
            continue
        campaign = found.campaign(row)
        window = campaign.window or EVERY_DAY
        wall = row["at"].replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(row["zone"]))
        assert not any(inside(quiet.hours, wall) for quiet in found.policy(campaign).quiet), row
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


@dataclass(frozen=True)
class Past:
    campaign: str
    kind: str | None
    recipient: str
    day: date


def before(case: Case) -> list[Past]:
    """The ledger's sends: of the rows about one decision the latest final one, if it is a send."""
    phones = {row["id"]: row["phone"] for row in case.world.customers}
    standing: dict[tuple[str, ...], tuple[bool, datetime, int]] = {}
    for place, row in enumerate(case.world.ledger):
        if row["decided_at"] <= case.at:
            weight = (row["outcome"] in FINAL, row["decided_at"], place)
            key = tuple(row[name] for name in KEY)
            standing[key] = max(standing.get(key, weight), weight)
    sends = [row for row in (case.world.ledger[place] for *_, place in standing.values()) if row["outcome"] == "send"]
    named = [(row, row["recipient"] or phones[row["customer"]]) for row in sends]
    return [Past(row["campaign"], row["kind"], to, row["local_date"]) for row, to in named if to]


def spans(cap: Cap, day: date) -> list[Callable[[date], bool]]:
    """The periods of a cap that a day belongs to."""
    match cap.period:
        case "day":
            return [lambda other: other == day]
        case "week":
            return [lambda other: other.isocalendar()[:2] == day.isocalendar()[:2]]
        case "month":
            return [lambda other: (other.year, other.month) == (day.year, day.month)]
    starts = [day - timedelta(days=back) for back in range(cap.days)]
    return [lambda other, start=start: start <= other < start + timedelta(days=cap.days) for start in starts]  # type: ignore[misc]


@dataclass(frozen=True)
class Held:
    """A cap that holds a candidate. `only`: the campaign whose sends alone it counts; `allowed`: before holidays, more."""

    rule: str  # its line
    cap: Cap
    only: str | None
    allowed: int

    def counts(self, one: Past) -> bool:
        known = one.kind not in self.cap.exempt and (not self.cap.kinds or one.kind in self.cap.kinds)
        return known and self.only in (None, one.campaign)


def caps(found: Ran, row: dict[str, Any], day: date) -> list[Held]:
    """The caps that hold a row which is, or would be, sent on a local date."""
    campaign = found.campaign(row)
    policy, country = found.policy(campaign), found.case.program.brand.holidays
    who = replace(found.people[row["customer"]], today=day)
    held = [Held(spec.at, spec.cap, campaign.name, spec.cap.count) for spec in campaign.caps]
    for spec in policy.caps:
        more = [one for one in spec.cap.extras if is_before_holiday(day, one.days, country)]
        held.append(Held(spec.at, spec.cap, None, spec.cap.count + sum(one.count for one in more)))
    mine = [
        one for one in held if row["kind"] not in one.cap.exempt and row["kind"] in (one.cap.kinds or [row["kind"]])
    ]
    return [one for one in mine if one.cap.when is None or holds(one.cap.when, who)]


def taken(rows: Rows) -> list[Past]:
    return [Past(row["campaign"], row["kind"], row["recipient"], row["local_date"]) for row in rows]


@law
@given(SEED)
def test_no_cap_is_exceeded(seed: int) -> None:
    """The ledger may hold more than a cap allows; then nothing is added. Sends that a cap does not hold may come on top."""
    found = ran(seed)
    held = [(row, one) for row in found.sends() for one in caps(found, row, row["local_date"])]
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
    put_off = {row["recipient"] for row in found.rows if row["outcome"] == "deferred" and row["reason"] != "horizon"}
    for row in found.rows:
        if row["reason"] != "cap" or row["recipient"] in put_off:
            continue
        start = max(found.case.at, row["started_at"].replace(tzinfo=UTC))
        first = openings.first(row["campaign"], row["zone"], start)
        assert first is not None, row
        sends = [*before(found.case), *taken(found.sends())]
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
        who, policy = customers[row["customer"]], found.policy(found.campaign(row))
        then = replace(found.people[row["customer"]], today=row["local_date"])
        blocks = [spec.block for spec in policy.blocks if row["kind"] in spec.block.kinds]
        assert not any(holds(block.when, then) for block in blocks), row
        assert row["customer"] not in gone, row
        assert all(who[consent.field] is True for consent in policy.consents), row
        assert row["recipient"] == who["phone"] and who["phone"], row
        assert all(other >= row["customer"] for other, one in customers.items() if one["phone"] == who["phone"]), row


@law
@given(SEED)
def test_every_candidate_has_one_outcome(seed: int) -> None:
    found = ran(seed)
    keys = [tuple(row[name] for name in KEY) for row in found.rows]
    assert len(found.rows) == found.candidates == len(set(keys)) and keys == sorted(keys)
    assert len({(row["campaign"], row["customer"]) for row in found.rows}) == len(found.rows)
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
