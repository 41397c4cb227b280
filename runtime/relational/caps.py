"""Caps: what nobody contests is accepted in the engine; the rest goes through runtime/arbitrate.py in rank order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import Any

from sqlglot import exp

from dsl.behaviour import Condition
from dsl.catalog import SERVICE, TASK
from dsl.program.ir import Program
from dsl.program.parts import Part
from dsl.terms import Cap
from runtime.arbitrate import Limit, Sent, arbitrate, reach
from runtime.engines.base import Arrays, Engine
from runtime.openings import is_before_holiday
from runtime.outcomes import STEP
from runtime.relational.sql import case, col, named, num, paren, table, text

_REFUSED = {"r": "BIGINT", "one": "INTEGER"}
_ROWS, _SENT = ("g", "p", "day", "flags"), ("g", "sort", "day")
_SAME = "t.campaign = s.campaign AND t.step = s.step"


def apply_caps(engine: Engine, program: Program, parts: Sequence[Part], dated: list[Condition]) -> None:
    """`capped`: r and rule of what a cap refuses among `rendered_ok` (the columns of `gated`). Tasks meet none."""
    messages = exp.select("*").from_(table("rendered_ok")).where(exp.NEQ(this=col("channel"), expression=text(TASK)))
    engine.view("asking", messages)
    days = [day for (day,) in engine.rows(exp.select("day").distinct().from_(table("asking")).order_by("day"))]
    limits, asks = limits_of(program, parts, dated, days)
    _contested(engine, limits)
    service = case([(exp.EQ(this=col("kind"), expression=text(SERVICE)), num(0))], num(1))
    ranked = exp.select("r", "g", "p", named(_days("day"), "day"), named(_flags(len(dated)), "flags"))
    ranked = ranked.from_(table("contested"))
    ranked = ranked.order_by("g", exp.Ordered(this=service), "priority DESC", "at", "send_id")
    sorts = _sorts(engine, program)
    past = exp.select("g", "sort", named(_days("local_date"), "day")).from_(table("past_sends", "s"))
    past = past.join(table("recipients", "q"), on="q.recipient = s.recipient")
    past = past.join(table("past_sorts", "t"), on=f"{_SAME} AND s.kind IS NOT DISTINCT FROM t.kind")
    if days:
        earliest = min((reach(limit.cap, _number(days[0]))[0] for limit in limits), default=0)
        past = past.where(exp.GTE(this=_days("local_date"), expression=num(earliest)))
    kernel = partial(_refused, sorts, limits, asks, [part.kind for part in parts])
    engine.grouped("refused", _REFUSED, [ranked, past.order_by("g", "local_date", "sort")], "g", kernel)
    engine.insert("limits", {"one": "INTEGER", "rule": "VARCHAR"}, [(n, one.rule) for n, one in enumerate(limits)])
    ruled = exp.select("r.r", "l.rule").from_(table("refused", "r")).join(table("limits", "l"), on="l.one = r.one")
    engine.create("capped", ruled)


def _refused(
    sorts: list[Sent],
    limits: list[Limit],
    asks: list[list[int]],
    kinds: list[str],
    keys: Any,
    pieces: Sequence[Callable[[], Arrays]],
) -> dict[str, Any]:
    """The candidates that a cap refuses, each with the number of the first. pieces: what is ranked, and what was sent before."""
    found, before = (piece() for piece in pieces)
    rows, sent = ([got[name] for name in names] for got, names in ((found, _ROWS), (before, _SENT)))
    answers = arbitrate(rows, sent, sorts, limits, asks, kinds)
    refused = answers >= 0
    return {"r": found["r"][refused], "one": answers[refused]}


def _sorts(engine: Engine, program: Program) -> list[Sent]:
    """`past_sorts`: campaign, step and kind of past sends, numbered; what is told of each.

    A campaign's own caps count its entries: a step of the ledger is some campaign's, none of these.
    """
    numbers = {campaign.name: number for number, campaign in enumerate(program.campaigns)}
    seen = exp.select("campaign", "step", "kind").distinct().from_(table("past_sends"))
    found = engine.rows(seen.order_by("campaign", "step", "kind"))
    columns = {"campaign": "VARCHAR", "step": "VARCHAR", "kind": "VARCHAR", "sort": "INTEGER"}
    engine.insert("past_sorts", columns, [(*one, at) for at, one in enumerate(found)])
    return [(numbers.get(campaign, -1) if step == STEP else -1, kind) for campaign, step, kind in found]


def limits_of(
    program: Program, parts: Sequence[Part], dated: list[Condition], days: list[date]
) -> tuple[list[Limit], list[list[int]]]:
    """Every cap once, and by part those that hold it: of an entry its campaign's first, then its policy's.

    dated: the conditions of caps in the order of the flags. days: the local dates on which anything could be sent.
    """
    flags = {when: number for number, when in enumerate(dated)}
    limits: list[Limit] = []
    by_policy: dict[str, list[int]] = {}
    for policy in program.policies:
        by_policy[policy.name] = list(range(len(limits), len(limits) + len(policy.caps)))
        for spec in policy.caps:
            flag = flags[spec.cap.when] if spec.cap.when is not None else None
            more = _more(spec.cap, days, program.brand.holidays)
            limits.append(Limit(spec.cap, None, spec.at, flag, frozenset(spec.cap.exempt), more))
    asks = []
    for number, part in enumerate(parts):
        caps = part.campaign.caps if part.is_entry else ()
        own = list(range(len(limits), len(limits) + len(caps)))
        for spec in caps:
            flag = flags[spec.cap.when] if spec.cap.when is not None else None
            limits.append(Limit(spec.cap, number, spec.at, flag))
        mine = own + [one for one in by_policy[part.campaign.policy] if part.kind not in limits[one].exempt]
        asks.append([one for one in mine if not limits[one].cap.kinds or part.kind in limits[one].cap.kinds])
    return limits, asks


def _more(cap: Cap, days: list[date], country: str | None) -> dict[int, int]:
    """What is added to a cap before holidays, by local date."""
    found: dict[int, int] = {}
    for extra in cap.extras:
        for day in days:
            if is_before_holiday(day, extra.days, country):
                number = _number(day)
                found[number] = found.get(number, 0) + extra.count
    return found


def _flags(count: int) -> exp.Expr:
    """The answers of dated conditions as bits of one number."""
    found: exp.Expr = num(0)
    for at in range(count):
        found = exp.BitwiseOr(this=found, expression=paren(case([(col(f"q{at}"), num(1 << at))], num(0))))
    return exp.cast(paren(found), "BIGINT")


def _contested(engine: Engine, limits: list[Limit]) -> None:
    """`recipients`: those with more than one candidate, or with past sends, numbered; `contested`: their candidates.

    A single candidate without a past meets no cap but one of zero.
    """
    waiting = table("asking")
    if any(limit.cap.count == 0 for limit in limits):
        several = exp.select("recipient").distinct().from_(waiting.copy())
    else:
        several = exp.select("recipient").from_(waiting.copy()).group_by("recipient").having("count(*) > 1")
    known = exp.select("recipient").from_(table("past_sends"))
    both = exp.union(several, known.where("recipient IN (SELECT recipient FROM asking)"))
    engine.create(
        "recipients",
        exp.select("recipient", named("row_number() OVER ()", "g")).from_(both.subquery("b")),
    )
    query = exp.select("w.*", "q.g").from_(table("asking", "w"))
    engine.view("contested", query.join(table("recipients", "q"), on="q.recipient = w.recipient"))


def _number(day: date) -> int:
    return (day - date(1970, 1, 1)).days


def _days(column: str) -> exp.Expr:
    """Days since 1970 of a date."""
    return exp.cast(exp.func("DATEDIFF", col(column), exp.cast(text("1970-01-01"), "DATE"), text("day")), "BIGINT")
