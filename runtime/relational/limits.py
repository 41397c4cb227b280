"""Budget and pace: one pass in the order of rank over what the caps have left of the campaigns that state either."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from sqlglot import exp

from dsl.catalog import SERVICE, TASK
from dsl.program.ir import CampaignSpec, Program
from runtime.engines.base import Arrays, Engine
from runtime.openings import Openings, Slot
from runtime.relational.sql import both, case, cast, col, day, instant, micros, named, negated, num, paren, table, text

_COLUMNS = {
    "r": "BIGINT",
    "outcome": "VARCHAR",
    "reason": "VARCHAR",
    "rule": "VARCHAR",
    "at": "BIGINT",
    "day": "INTEGER",
}
_SECOND = 1_000_000
_EPOCH = date(1970, 1, 1)
_UNITS = 10_000  # of a cost in one of the currency: costs have four places
_Past = list[tuple[int | None, int]]  # the instant and cost of each earlier send


@dataclass(frozen=True)
class _Row:
    r: int
    step: str
    hour: int | None
    zone: str
    at: int
    expiry: int
    cost: int


@dataclass(frozen=True)
class _Answer:
    """What is held back until an instant on a day, or for good; without an outcome it goes later."""

    r: int
    outcome: str | None = None
    reason: str | None = None
    rule: str | None = None
    at: int | None = None
    day: int | None = None


def apply_limits(engine: Engine, program: Program, openings: Openings) -> None:
    """`limited`: what a budget or a pace holds back, or sends later."""
    limited = {n: one for n, one in enumerate(program.campaigns) if one.budget is not None or one.pace is not None}
    if limited:
        kernel = partial(_limited, limited, openings)
        engine.grouped("limited", _COLUMNS, [_ranked(limited), _past(limited)], "g", kernel)
    else:
        engine.insert("limited", _COLUMNS, [])
    held_and_paced(engine)


def held_and_paced(engine: Engine, before: str = "") -> None:
    """`held`: r, outcome, reason, rule, at and day of what a budget or a pace holds back; `paced`: r and the later instant.

    before: what stands before the names of these, and of `limited`.
    """
    held = exp.Is(this=col("outcome"), expression=exp.null())
    since = exp.Add(this=day(_EPOCH), expression=col("day"))
    shown = [*(col(name) for name in _COLUMNS if name != "day"), named(cast(paren(since), "DATE"), "day")]
    limited = table(f"{before}limited")
    engine.view(f"{before}held", exp.select(*shown).from_(limited).where(negated(held)))
    engine.view(f"{before}paced", exp.select("r", "at").from_(limited.copy()).where(held.copy()))


def _ranked(limited: Mapping[int, CampaignSpec]) -> exp.Select:
    """The campaigns' accepted messages: entries, steps and answers together. Tasks cost nothing and need no pace."""
    service = case([(exp.EQ(this=col("kind"), expression=text(SERVICE)), num(0))], num(1))
    shown = (col(name, "w") for name in ("n", "r", "step", "hour", "zone", "at", "expiry"))
    query = exp.select(named(col("n", "w"), "g"), *shown, named(_units(col("cost", "w")), "cost")).from_(
        table("rendered_ok", "w")
    )
    query = query.join(table("capped", "c"), on="c.r = w.r", join_type="left")
    message = exp.NEQ(this=col("channel", "w"), expression=text(TASK))
    mine = exp.In(this=col("n", "w"), expressions=[num(number) for number in limited])
    query = query.where(both("c.r IS NULL", message, mine))
    return query.order_by("w.n", exp.Ordered(this=service), "w.priority DESC", "w.at", "w.send_id")


def _past(limited: Mapping[int, CampaignSpec]) -> exp.Select:
    numbers = case(
        (exp.EQ(this=col("campaign"), expression=text(one.name)), num(number)) for number, one in limited.items()
    )
    mine = exp.In(this=col("campaign"), expressions=[text(one.name) for one in limited.values()])
    shown = [named(cast(numbers, "BIGINT"), "g"), named(cast(numbers.copy(), "BIGINT"), "n")]
    query = exp.select(*shown, col("at"), named(_units(col("cost")), "cost"))
    return query.from_(table("past_spent")).where(mine)


def _units(cost: exp.Expr) -> exp.Expr:
    wide = exp.Mul(this=cast(cost, "DECIMAL(38,4)"), expression=num(_UNITS))
    return exp.Coalesce(this=cast(paren(wide), "BIGINT"), expressions=[num(0)])


def _limited(
    limited: Mapping[int, CampaignSpec], openings: Openings, keys: Any, pieces: Sequence[Callable[[], Arrays]]
) -> dict[str, list[Any]]:
    """What is held back of some campaigns, or goes later."""
    ranked, past = (piece() for piece in pieces)
    rows: dict[int, list[_Row]] = {}
    before: dict[int, _Past] = {}
    names = ("n", "r", "step", "hour", "zone", "at", "expiry", "cost")
    for n, *row in zip(*(ranked[name].tolist() for name in names), strict=True):
        rows.setdefault(n, []).append(_Row(*row))
    for n, *sent in zip(*(past[name].tolist() for name in ("n", "at", "cost")), strict=True):
        before.setdefault(n, []).append(tuple(sent))
    answers: list[_Answer] = []
    for n, mine in rows.items():
        campaign, spent = limited[n], before.get(n, [])
        if campaign.budget is not None:
            mine = _spend(campaign, openings, mine, spent, answers)
        if campaign.pace is not None:
            _slow(campaign, openings, mine, spent, answers)
    return {name: [getattr(one, name) for one in answers] for name in _COLUMNS}


def _spend(
    campaign: CampaignSpec, openings: Openings, rows: list[_Row], past: _Past, answers: list[_Answer]
) -> list[_Row]:
    """The rows that fit; the first that does not stops the campaign."""
    assert campaign.budget is not None
    most, spent = campaign.budget * _UNITS, sum(cost for _, cost in past)
    for place, row in enumerate(rows):
        if spent + row.cost > most:
            answers += [_refused(campaign, openings, row, "budget", campaign.budget_at) for row in rows[place:]]
            return rows[:place]
        spent += row.cost
    return rows


def _slow(
    campaign: CampaignSpec,
    openings: Openings,
    rows: list[_Row],
    past: _Past,
    answers: list[_Answer],
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
            answers.append(_refused(campaign, openings, row, "pace", campaign.pace_at))
        elif later > row.at:
            answers.append(_Answer(row.r, at=later))


def _slot(campaign: CampaignSpec, row: _Row) -> Slot:
    return Slot(campaign.name, row.step, row.hour)


def _refused(campaign: CampaignSpec, openings: Openings, row: _Row, reason: str, rule: str) -> _Answer:
    """Deferred to the next opening before its expiry; suppressed where there is none."""
    _, following = openings.after(_slot(campaign, row), row.zone, instant(row.at))
    if following is not None and micros(following[0]) < row.expiry:
        return _Answer(
            row.r, "deferred", reason, rule, micros(following[0]), following[1].toordinal() - _EPOCH.toordinal()
        )
    return _Answer(row.r, "suppressed", reason, rule)
