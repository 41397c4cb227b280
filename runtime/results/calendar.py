"""Sends by the brand's clock: a calendar of those that went and those to come, and when they are answered best."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sqlglot import exp

from dsl.catalog import TASK
from dsl.program.ir import Program
from runtime.engines.base import Engine
from runtime.ledger.ledger import Ledger
from runtime.ledger.store import held
from runtime.ledger.tables import STANDING
from runtime.openings import Openings
from runtime.relational.moments import year
from runtime.relational.sql import both, call, col, named, num, table, text
from runtime.results import clock
from runtime.results.facts import Period
from runtime.results.model import CalendarDay, Hours


def calendar(ledger: Ledger, program: Program, when: Period) -> Iterator[CalendarDay]:
    """Every day from the first to the last that has a message, in the period or still to come."""
    at = call("epoch_us", col("at"))
    later = exp.GTE(this=at.copy(), expression=num(when.since))
    message = exp.NEQ(this=col("channel"), expression=text(TASK))
    sends = both("outcome = 'send' AND send_id IS NOT NULL", message, later)
    ends = exp.select(exp.Max(this=at.copy())).from_(held(STANDING)).where(sends.copy())
    ((last,),) = ledger.engine.rows(ends)
    if last is None:
        return
    seen, zone = (year(when.since), year(last)), program.brand.zone
    shown = (named(clock.day(at.copy(), zone, seen), "d"), named(clock.hour(at.copy(), zone, seen), "h"))
    counted = ledger.engine.rows(exp.select(*shown, "count(*)").from_(held(STANDING)).where(sends).group_by("1", "2"))
    found: dict[date, list[int]] = {}
    for day, hour, count in counted:
        found.setdefault(day, [0] * 24)[hour] += count
    openings, policies = Openings(program), {campaign.policy for campaign in program.campaigns}
    for day in clock.dates(min(found), max(found)):
        quiet = clock.quiet(program, openings, policies, day)
        yield CalendarDay(day=day, sends=tuple(found.get(day, [0] * 24)), quiet=quiet)


def hours(engine: Engine, program: Program, when: Period) -> list[Hours]:
    """Of each product: messages and answered ones by weekday and hour of the send."""
    zone, seen, sent = program.brand.zone, clock.years(when), col("sent", "m")
    weekday = exp.Sub(this=call("isodow", clock.day(sent, zone, seen)), expression=num(1))
    shown = (named(weekday, "d"), named(clock.hour(sent.copy(), zone, seen), "h"))
    rows = engine.rows(
        exp.select("m.campaign", *shown, "count(*)", "count(m.clicked_at)")
        .from_(table("messages", "m"))
        .group_by("1", "2", "3")
    )
    products = {campaign.name: campaign.product or "" for campaign in program.campaigns}
    titles = {product.name: product.title for product in program.products}
    found: dict[str, tuple[list[list[int]], list[list[int]]]] = {}
    for campaign, day, hour, count, clicked in rows:
        product = products.get(campaign, "")
        sends, answers = found.setdefault(product, (_week(), _week()))
        sends[int(day)][hour] += count
        answers[int(day)][hour] += clicked
    return [
        Hours(product=name, title=titles.get(name, ""), sent=_fixed(sends), clicked=_fixed(answers))
        for name, (sends, answers) in sorted(found.items())
    ]


def _week() -> list[list[int]]:
    return [[0] * 24 for _ in range(7)]


def _fixed(rows: list[list[int]]) -> tuple[tuple[int, ...], ...]:
    return tuple(map(tuple, rows))
