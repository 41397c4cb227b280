"""Budget and pace: one pass in the order of rank over what the caps have left of the campaigns that state either."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

from sqlglot import exp

from dsl.catalog import SERVICE
from dsl.program.ir import CampaignSpec, Program
from runtime.engines.base import Engine
from runtime.openings import Openings, Slot
from runtime.relational.sql import case, col, instant, micros, num, table, text

_HELD = {"r": "BIGINT", "outcome": "VARCHAR", "reason": "VARCHAR", "rule": "VARCHAR", "at": "BIGINT", "day": "DATE"}
_SECOND = 1_000_000


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
            rows = _spend(program, campaign, openings, rows, past, held)
        if campaign.pace is not None:
            _slow(campaign, openings, rows, past, held, paced)
    engine.insert("held", _HELD, held)
    engine.insert("paced", {"r": "BIGINT", "at": "BIGINT"}, paced)


def _ranked(engine: Engine, number: int) -> list[tuple[int, str, int, int, int]]:
    """(r, zone, at, expiry, segments) of a campaign's accepted rows."""
    service = case([(exp.EQ(this=col("kind"), expression=text(SERVICE)), num(0))], num(1))
    query = exp.select("w.r", "w.zone", "w.at", "w.expiry", "t.segments").from_(table("rendered_ok", "w"))
    query = query.join(table("texts", "t"), on="t.r = w.r").join(table("capped", "c"), on="c.r = w.r", join_type="left")
    query = query.where(exp.and_("c.r IS NULL", exp.EQ(this=col("n", "w"), expression=num(number))))
    return engine.rows(query.order_by(exp.Ordered(this=service), "w.priority DESC", "w.at", "w.send_id"))


def _past(engine: Engine, campaign: CampaignSpec) -> list[tuple[int | None, Decimal]]:
    mine = exp.EQ(this=col("campaign"), expression=text(campaign.name))
    return engine.rows(
        exp.select(col("at"), exp.func("COALESCE", col("cost"), num(0))).from_(table("past_spent")).where(mine)
    )


def _spend(
    program: Program,
    campaign: CampaignSpec,
    openings: Openings,
    rows: list[tuple[int, str, int, int, int]],
    past: list[tuple[int | None, Decimal]],
    held: list[tuple[Any, ...]],
) -> list[tuple[int, str, int, int, int]]:
    """The rows that fit; the first that does not stops the campaign."""
    assert campaign.budget is not None
    price = program.brand.costs.get(campaign.messages[0].channel, Decimal(0))
    spent = sum((Decimal(cost) for _, cost in past), Decimal(0))
    for place, (_, _, _, _, segments) in enumerate(rows):
        if spent + price * segments > campaign.budget:
            held += [_refused(campaign, openings, row, "budget", campaign.budget_at) for row in rows[place:]]
            return rows[:place]
        spent += price * segments
    return rows


def _slow(
    campaign: CampaignSpec,
    openings: Openings,
    rows: list[tuple[int, str, int, int, int]],
    past: list[tuple[int | None, Decimal]],
    held: list[tuple[Any, ...]],
    paced: list[tuple[int, int]],
) -> None:
    assert campaign.pace is not None
    taken: dict[int, int] = defaultdict(int)
    ends: dict[tuple[str, int], tuple[int, int]] = {}
    for row in rows:
        r, zone, at, _, _ = row
        if (zone, at) not in ends:
            end = micros(openings.after(Slot(campaign.name), zone, instant(at))[0])
            ends[zone, at] = end, sum(sent is not None and at <= sent < end for sent, _ in past)
        end, there = ends[zone, at]
        later = at + (there + taken[at]) // campaign.pace * _SECOND
        taken[at] += 1
        if later >= end:
            held.append(_refused(campaign, openings, row, "pace", campaign.pace_at))
        elif later > at:
            paced.append((r, later))


def _refused(
    campaign: CampaignSpec, openings: Openings, row: tuple[int, str, int, int, int], reason: str, rule: str
) -> tuple[Any, ...]:
    """Deferred to the next opening before its expiry; suppressed where there is none."""
    r, zone, at, expiry, _ = row
    _, following = openings.after(Slot(campaign.name), zone, instant(at))
    if following is not None and micros(following[0]) < expiry:
        return r, "deferred", reason, rule, micros(following[0]), following[1]
    return r, "suppressed", reason, rule, None, None
