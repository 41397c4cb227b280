"""Budget and pace: one pass in the order of rank over what the caps have left of the campaigns that state either."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlglot import exp

from dsl.catalog import SERVICE, TASK
from dsl.program.ir import CampaignSpec, Program
from runtime.engines.base import Engine
from runtime.openings import Openings, Slot
from runtime.relational.sql import both, case, col, instant, micros, num, table, text

_HELD = {"r": "BIGINT", "outcome": "VARCHAR", "reason": "VARCHAR", "rule": "VARCHAR", "at": "BIGINT", "day": "DATE"}
_SECOND = 1_000_000
_Past = list[tuple[int | None, Decimal]]  # the instant and cost of each earlier send


@dataclass(frozen=True)
class _Row:
    r: int
    step: str
    hour: int | None
    zone: str
    at: int
    expiry: int
    cost: Decimal


def apply_limits(engine: Engine, program: Program, openings: Openings) -> None:
    """`held`: r, outcome, reason, rule, at and day of what a budget or a pace holds back; `paced`: r and the later instant."""
    held: list[tuple[Any, ...]] = []
    paced: list[tuple[int, int]] = []
    for number, campaign in enumerate(program.campaigns):
        if campaign.budget is None and campaign.pace is None:
            continue
        rows = _ranked(engine, number)
        past = _past(engine, campaign)
        if campaign.budget is not None:
            rows = _spend(campaign, openings, rows, past, held)
        if campaign.pace is not None:
            _slow(campaign, openings, rows, past, held, paced)
    engine.insert("held", _HELD, held)
    engine.insert("paced", {"r": "BIGINT", "at": "BIGINT"}, paced)


def _ranked(engine: Engine, number: int) -> list[_Row]:
    """A campaign's accepted messages: its entries, steps and answers together. Tasks cost nothing and need no pace."""
    service = case([(exp.EQ(this=col("kind"), expression=text(SERVICE)), num(0))], num(1))
    cost = exp.Coalesce(this=col("cost", "w"), expressions=[num(0)])
    query = exp.select("w.r", "w.step", "w.hour", "w.zone", "w.at", "w.expiry", cost).from_(table("rendered_ok", "w"))
    query = query.join(table("capped", "c"), on="c.r = w.r", join_type="left")
    message = exp.NEQ(this=col("channel", "w"), expression=text(TASK))
    query = query.where(both("c.r IS NULL", message, exp.EQ(this=col("n", "w"), expression=num(number))))
    ordered = query.order_by(exp.Ordered(this=service), "w.priority DESC", "w.at", "w.send_id")
    return [_Row(*row) for row in engine.rows(ordered)]


def _past(engine: Engine, campaign: CampaignSpec) -> _Past:
    mine = exp.EQ(this=col("campaign"), expression=text(campaign.name))
    return engine.rows(
        exp.select(col("at"), exp.func("COALESCE", col("cost"), num(0))).from_(table("past_spent")).where(mine)
    )


def _spend(
    campaign: CampaignSpec, openings: Openings, rows: list[_Row], past: _Past, held: list[tuple[Any, ...]]
) -> list[_Row]:
    """The rows that fit; the first that does not stops the campaign."""
    assert campaign.budget is not None
    spent = sum((Decimal(cost) for _, cost in past), Decimal(0))
    for place, row in enumerate(rows):
        if spent + row.cost > campaign.budget:
            held += [_refused(campaign, openings, row, "budget", campaign.budget_at) for row in rows[place:]]
            return rows[:place]
        spent += row.cost
    return rows


def _slow(
    campaign: CampaignSpec,
    openings: Openings,
    rows: list[_Row],
    past: _Past,
    held: list[tuple[Any, ...]],
    paced: list[tuple[int, int]],
) -> None:
    assert campaign.pace is not None
    taken: dict[int, int] = defaultdict(int)
    ends: dict[tuple[Slot, str, int], tuple[int, int]] = {}
    for row in rows:
        key = _slot(campaign, row), row.zone, row.at
        if key not in ends:
            end = micros(openings.after(key[0], row.zone, instant(row.at))[0])
            ends[key] = end, sum(sent is not None and row.at <= sent < end for sent, _ in past)
        end, there = ends[key]
        later = row.at + (there + taken[row.at]) // campaign.pace * _SECOND
        taken[row.at] += 1
        if later >= end:
            held.append(_refused(campaign, openings, row, "pace", campaign.pace_at))
        elif later > row.at:
            paced.append((row.r, later))


def _slot(campaign: CampaignSpec, row: _Row) -> Slot:
    return Slot(campaign.name, row.step, row.hour)


def _refused(campaign: CampaignSpec, openings: Openings, row: _Row, reason: str, rule: str) -> tuple[Any, ...]:
    """Deferred to the next opening before its expiry; suppressed where there is none."""
    _, following = openings.after(_slot(campaign, row), row.zone, instant(row.at))
    if following is not None and micros(following[0]) < row.expiry:
        return row.r, "deferred", reason, rule, micros(following[0]), following[1]
    return row.r, "suppressed", reason, rule, None, None
