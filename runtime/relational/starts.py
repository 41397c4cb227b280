"""What starts campaigns: for each start but `once` a query of occurrences and their instants, past and future."""

from __future__ import annotations

from datetime import timedelta

from sqlglot import exp

from dsl.program.ir import CampaignSpec
from dsl.terms import BeforeDate, Happens, Pattern, Reaches, SumReaches
from runtime.engines.base import Engine
from runtime.openings import Openings, midnight
from runtime.relational.conditions import condition
from runtime.relational.patterns import followed, selected
from runtime.relational.sql import (
    FALSE,
    both,
    cast,
    col,
    constant_of,
    either,
    every,
    instant,
    micros,
    named,
    num,
    paren,
    table,
)


def occurrences(
    engine: Engine, number: int, campaign: CampaignSpec, openings: Openings, zones: list[str], at: int, until: int
) -> exp.Query:
    """The rows of `fresh` for one campaign, with `occurrence` and `started` of everything that could start it."""
    mine = exp.select("*").from_(table("fresh")).where(exp.EQ(this=col("n"), expression=num(number)))
    oldest = at - campaign.expire if campaign.expire is not None else None
    match campaign.start:
        case Reaches():
            found = _reaches(campaign.start, at, oldest)
        case SumReaches():
            found = _sum_reaches(campaign.start, at)
        case Happens(of):
            found = exp.select("id", named("eid", "occurrence"), named(col("at"), "started")).from_(
                selected(of, _events(of.event), at).subquery("e")
            )
        case Pattern(of):
            events = {one.event: f"event_{one.event}" for one in (of.first, of.second)}
            found = exp.select("id", named("eid", "occurrence"), named("came", "started")).from_(
                followed(of, events, at).subquery("e")
            )
        case BeforeDate(field, days):
            return _before_date(engine, number, field, days, mine)
        case _:
            return _dated(engine, number, campaign, openings, zones, oldest, until, mine)
    query = exp.select("m.*", "s.occurrence", "s.started").from_(found.subquery("s"))
    return query.join(mine.subquery("m"), on="m.id = s.id")


def _events(event: str) -> dict[str, str]:
    return {event: f"event_{event}"}


def _reaches(start: Reaches, at: int, oldest: int | None) -> exp.Select:
    """Events that lift the count from N - 1 to N: the event N - 1 back lies in the window, the one N back does not.

    Both are lags, so that no state has to be kept between runs.
    """
    of = start.of
    tests: list[exp.Expr] = [exp.LTE(this=col("at"), expression=num(at))]
    if of.last is not None and oldest is not None:
        tests.append(exp.GT(this=col("at"), expression=num(oldest - of.last)))
    if of.where is not None:
        tests.append(condition(of.where, lambda test: FALSE.copy(), exp.null()))
    over = "OVER (PARTITION BY id ORDER BY at, eid)"
    lags = [named(f"lag(at, {start.times - back}) {over}", name) for back, name in ((1, "nearer"), (0, "farther"))]
    events = exp.select("id", "at", "eid", *lags).from_(table(f"event_{of.event}")).where(every(tests))
    edge = exp.Sub(this=col("at"), expression=num(of.last)) if of.last is not None else num(-(1 << 62))
    inside = exp.GT(this=col("nearer"), expression=edge.copy())
    outside = either(exp.Is(this=col("farther"), expression=exp.null()), exp.LTE(this=col("farther"), expression=edge))
    shown = named("eid", "occurrence"), named(col("at"), "started")
    return exp.select("id", *shown).from_(events.subquery("e")).where(both(inside, outside))


def _sum_reaches(start: SumReaches, at: int) -> exp.Select:
    """Events with which the windowed sum is at least the amount, and without which it is below."""
    of = start.of
    events = exp.select("*").from_(table(f"event_{of.event}")).where(exp.LTE(this=col("at"), expression=num(at)))
    if of.where is not None:
        events = events.where(condition(of.where, lambda test: FALSE.copy(), exp.null()))
    value = exp.Coalesce(this=col(f"p_{start.property}", "o"), expressions=[num(0)])
    own = exp.Coalesce(this=col(f"p_{start.property}", "e"), expressions=[num(0)])
    earlier = ["o.id = e.id", "(o.at < e.at OR (o.at = e.at AND o.eid <= e.eid))"]
    if of.last is not None:
        earlier.append(f"o.at > e.at - {of.last}")
    total = cast(exp.Sum(this=value), "DECIMAL(38,6)")
    grouped = exp.select("e.id", "e.eid", "e.at", named(total, "total"), named(exp.Max(this=own), "own"))
    grouped = grouped.from_(events.subquery("e")).join(events.copy().subquery("o"), on=" AND ".join(earlier))
    grouped = grouped.group_by("e.id", "e.eid", "e.at")
    amount = constant_of(start.amount)
    reached = exp.GTE(this=col("total"), expression=amount)
    below = exp.LT(this=paren(exp.Sub(this=col("total"), expression=col("own"))), expression=amount.copy())
    shown = named("eid", "occurrence"), named(col("at"), "started")
    return exp.select("id", *shown).from_(grouped.subquery("g")).where(both(reached, below))


def _before_date(engine: Engine, number: int, field: str, days: int, mine: exp.Select) -> exp.Query:
    """The first instants of days are resolved by zone and date, of which there are few."""
    own = exp.select("m.*", named(col(f"f_{field}", "c"), "day")).from_(mine.subquery("m"))
    own = own.join(table("customers", "c"), on="c.id = m.id")
    asked = (
        exp.select("zone", "day").distinct().from_(own.subquery("o")).where("day IS NOT NULL").order_by("zone", "day")
    )
    rows = [(zone, day, micros(midnight(day - timedelta(days=days), zone))) for zone, day in engine.rows(asked)]
    name = f"days_{number}"
    engine.insert(name, {"zone": "VARCHAR", "day": "DATE", "started": "BIGINT"}, rows)
    shown = named(cast(col("day", "o"), "VARCHAR"), "occurrence")
    query = exp.select("o.* EXCLUDE (day)", shown, "s.started").from_(own.copy().subquery("o"))
    return query.join(table(name, "s"), on="s.zone = o.zone AND s.day = o.day")


def _dated(
    engine: Engine,
    number: int,
    campaign: CampaignSpec,
    openings: Openings,
    zones: list[str],
    oldest: int | None,
    until: int,
    mine: exp.Select,
) -> exp.Query:
    rows = []
    for zone in zones:
        begin, _ = openings.runs(campaign.name, zone)
        since = instant(oldest) if oldest is not None else begin - timedelta(days=1)
        for name, when in openings.dated(campaign.name, zone, since, instant(until)):
            rows.append((zone, name, micros(when)))
    table_name = f"dated_{number}"
    engine.insert(table_name, {"zone": "VARCHAR", "occurrence": "VARCHAR", "started": "BIGINT"}, rows)
    query = exp.select("m.*", "s.occurrence", "s.started").from_(mine.subquery("m"))
    return query.join(table(table_name, "s"), on="s.zone = m.zone")
