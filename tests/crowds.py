"""Runs of random programs, half of which want everybody at once, and what caps mean for their sends, counted one by one."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from sqlglot import exp

from dsl.catalog import TASK
from dsl.program.ir import CampaignSpec, PolicySpec
from dsl.program.parts import Part, parts
from dsl.terms import Cap, Once
from runtime.execute import execute
from runtime.openings import is_before_holiday
from runtime.outcomes import FINAL, KEY
from runtime.reference.conditions import holds
from runtime.reference.data import Person
from runtime.reference.plan import prepare
from runtime.relational.sql import table
from tests.agree.compare import Case, make
from tests.banks import Rows, rows_of


@dataclass  # frozen would not keep what it has worked out
class Ran:
    case: Case
    rows: Rows
    matched: frozenset[tuple[str, str]]  # campaign, customer
    entries: int

    @cached_property
    def people(self) -> dict[str, Person]:
        return dict(prepare(self.case.program, self.case.world.data(), self.case.at, self.case.horizon).known)

    def sends(self) -> Rows:
        return [row for row in self.rows if row["outcome"] == "send"]

    def messages(self) -> Rows:
        """Tasks are for the bank's own staff: they meet no cap."""
        return [row for row in self.sends() if row["channel"] != TASK]

    def part(self, row: dict[str, Any]) -> Part:
        found = (one for one in parts(self.case.program) if one.campaign.name == row["campaign"])
        return next(one for one in found if one.step == row["step"])

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
        (entries,) = run.engine.rows(exp.select("count(*)").from_("outcomes").where("step = 'entry'"))[0]
        rows = rows_of(run)
        run.engine.close()
    return Ran(case, rows, pairs, entries)


@dataclass(frozen=True)
class Past:
    campaign: str
    kind: str | None
    recipient: str
    day: date
    entry: bool


def before(case: Case) -> list[Past]:
    """The ledger's sends: of the rows about one decision the latest final one, if it is a send."""
    phones = {row["id"]: row["phone"] for row in case.world.customers}
    now = {one.formerly: one.name for one in case.program.campaigns if one.formerly}
    standing: dict[tuple[str, ...], tuple[bool, datetime, int]] = {}
    for place, row in enumerate(case.world.ledger):
        if row["decided_at"] <= case.at:
            weight = (row["outcome"] in FINAL, row["decided_at"], place)
            key = tuple(now.get(row[name], row[name]) for name in KEY)
            standing[key] = max(standing.get(key, weight), weight)
    sends = [row for row in (case.world.ledger[place] for *_, place in standing.values()) if row["outcome"] == "send"]
    named = []
    for row in sends:
        own = row["customer"] if row["channel"] in ("wechat",) else None  # who needs no phone counts as a customer
        named.append((row, row["recipient"] or phones[row["customer"]] or own))
    return [
        Past(now.get(row["campaign"], row["campaign"]), row["kind"], to, row["local_date"], row["step"] == "entry")
        for row, to in named
        if to and row["channel"] != TASK
    ]


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
        return known and (self.only is None or (self.only == one.campaign and one.entry))


def caps(found: Ran, row: dict[str, Any], day: date) -> list[Held]:
    """The caps that hold a row which is, or would be, sent on a local date."""
    campaign = found.campaign(row)
    policy, country = found.policy(campaign), found.case.program.brand.holidays
    who = replace(found.people[row["customer"]], today=day)
    own = campaign.caps if row["step"] == "entry" else ()
    held = [Held(spec.at, spec.cap, campaign.name, spec.cap.count) for spec in own]
    for spec in policy.caps:
        more = [one for one in spec.cap.extras if is_before_holiday(day, one.days, country)]
        held.append(Held(spec.at, spec.cap, None, spec.cap.count + sum(one.count for one in more)))
    mine = [
        one for one in held if row["kind"] not in one.cap.exempt and row["kind"] in (one.cap.kinds or [row["kind"]])
    ]
    return [one for one in mine if one.cap.when is None or holds(one.cap.when, who)]


def taken(rows: Rows) -> list[Past]:
    return [
        Past(row["campaign"], row["kind"], row["recipient"], row["local_date"], row["step"] == "entry") for row in rows
    ]
