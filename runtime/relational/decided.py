"""What becomes of each candidate, as views over what the gates, the copy, the caps and the limits have said of it.

Written down they would be the widest table of a run by far, and nobody asks for all of it: whoever asks joins what it needs. Only
on a cluster a join costs more than its rows written down.
"""

from __future__ import annotations

from sqlglot import exp

from dsl.catalog import TASK
from dsl.program.ir import Program
from runtime.engines.base import Engine
from runtime.outcomes import COLUMNS
from runtime.relational.limits import held_and_paced
from runtime.relational.moments import timestamp
from runtime.relational.sql import case, cast, col, decimal, named, negated, num, paren, table, text, union
from runtime.relational.variables import CODE, CONFIRM_CODE

_KEPT = (
    *("r", "p", "n", "m", "id", "key", "occurrence", "started", "zone", "recipient", "channel", "arm"),
    *("send_id", "fallback", "confirm", "confirm_id"),
)
_OF_PARTS = ("campaign", "step", "kind")
_OF_MESSAGES = ("line", "verify", "assignee")
_OF_TEXTS = ("text", "rich", "confirm_text", "guard", "segments", CODE, CONFIRM_CODE)
_MADE = ("gated", "unfit", "texts", "capped", "limited")  # by a pass, for each of its candidates or some of them
_BEFORE = "first_"


def keep(engine: Engine) -> None:
    """What the first pass has made stays, under names of its own."""
    if engine.embedded:
        for name in _MADE:
            engine.rename(name, _BEFORE + name)


def tell(engine: Engine, program: Program, at: int, later: bool = False) -> None:
    """`ended`: what becomes of every candidate; `decided`: and what it is told; `coded`: the links that are said; `outcomes`: the
    columns of runtime/outcomes.py. Of the first pass; or, later, of both, where `keep` was called between them.
    """
    held_and_paced(engine)
    if engine.embedded:
        names = ("", _BEFORE) if later else ("",)
        if later:
            held_and_paced(engine, _BEFORE)
        else:
            engine.drop(*(_BEFORE + name for name in _MADE))  # an earlier run's
        engine.view("ended", union([_ended(before) for before in names]))
        engine.view("decided", union([_decided(program, before) for before in names]))
    else:  # rows that travel to be joined do so once
        (engine.append if later else engine.create)("decided", _decided(program, ""))
        engine.view("ended", exp.select("*").from_(table("decided")))
    engine.view("outcomes", _outcomes(at))
    engine.view("coded", _coded())


def write_down(engine: Engine) -> None:
    """`outcomes` as rows, for a ledger: it asks for them several times, and what is written once more from it has to be the same
    files, whose bytes depend on whether their rows come from a table."""
    engine.create("told", exp.select("*").from_(table("outcomes")))
    engine.view("outcomes", exp.select("*").from_(table("told")))


def cost_of(program: Program, of: str) -> exp.Expr:
    """Segments by the channel's price, and at least once; by other channels than sms its price once. Tasks cost nothing.

    of: whose channel it is. Where the text is not known yet nobody asks what it costs.
    """
    prices = []
    for channel, price in program.brand.costs.items():
        if channel != TASK:
            one = decimal(price, COLUMNS["cost"])
            times = exp.Greatest(
                this=exp.Coalesce(this=col("segments", "t"), expressions=[num(1)]), expressions=[num(1)]
            )
            cost = exp.Mul(this=times, expression=paren(one)) if channel == "sms" else one
            prices.append((exp.EQ(this=col("channel", of), expression=text(channel)), cost))
    return cast(case(prices, exp.null()), COLUMNS["cost"])


def _ended(before: str) -> exp.Select:
    """Every candidate with the first thing that stopped it, or its send."""
    null = exp.null()
    open_ = exp.Is(this=col("outcome", "g"), expression=null)
    refused, full, back = (
        negated(exp.Is(this=col(*of), expression=null)) for of in (("reason", "t"), ("r", "c"), ("r", "h"))
    )
    tests = [
        (negated(open_), col("outcome", "g"), col("reason", "g"), col("rule", "g")),
        (refused, text("suppressed"), col("reason", "t"), col("rule", "t")),
        (full, text("suppressed"), text("cap"), col("rule", "c")),
        (back, col("outcome", "h"), col("reason", "h"), col("rule", "h")),
        (exp.true(), text("send"), null, col("start_at", "y")),
    ]
    outcome, reason, rule = (case((t[0].copy(), t[at].copy()) for t in tests) for at in (1, 2, 3))
    # What a budget or a pace holds back waits for another opening; what is paced goes later in its own.
    later = exp.Coalesce(this=col("at", "p"), expressions=[col("at", "g")])
    when = case([(back.copy(), col("at", "h"))], later)
    day = case([(back.copy(), col("day", "h"))], col("day", "g"))
    query = exp.select(
        *(col(name, "g") for name in _KEPT),
        *(named(when, "sent_at"), named(day, "day")),
        *(col(name, "y") for name in _OF_PARTS),
        *(col(name, "w") for name in _OF_MESSAGES),
        *(named(outcome, "o"), named(reason, "why"), named(rule, "by")),
    ).from_(table(f"{before}gated", "g"), copy=False)
    query = query.join(table("parts", "y"), on="y.p = g.p", copy=False)
    query = query.join(table("messages", "w"), on="w.p = g.p AND w.m = g.m", copy=False)
    for name, alias in (("unfit", "t"), ("capped", "c"), ("held", "h"), ("paced", "p")):
        query = query.join(table(before + name, alias), on=f"{alias}.r = g.r", join_type="left", copy=False)
    return query


def _decided(program: Program, before: str) -> exp.Select:
    """The same with what is said of it, which is wide: asked for by few."""
    query = exp.select("e.*", *(col(name, "t") for name in _OF_TEXTS), named(cost_of(program, "e"), "cost"))
    query = query.from_(_ended(before).subquery("e", copy=False), copy=False)
    return query.join(table(f"{before}texts", "t"), on="t.r = e.r", join_type="left", copy=False)


def _outcomes(at: int) -> exp.Select:
    """`decided` in the columns of runtime/outcomes.py."""
    sent = exp.EQ(this=col("o", "d"), expression=text("send"))
    timed = exp.In(this=col("o", "d"), expressions=[text(name) for name in ("send", "control", "deferred")])
    of_sends = ("segments", "cost", "send_id", "text", "rich", "fallback", "confirm_id", "confirm_text", "guard")
    values: dict[str, exp.Expr] = {
        **{
            name: col(name, "d")
            for name in ("campaign", "step", "occurrence", "zone", "recipient", "kind", "channel", "arm")
        },
        "customer": col("key", "d"),
        "outcome": col("o", "d"),
        "reason": col("why", "d"),
        "rule": col("by", "d"),
        "started_at": timestamp(col("started", "d")),
        "at": case([(timed, timestamp(col("sent_at", "d")))]),
        "local_date": case([(timed.copy(), col("day", "d"))]),
        **{name: case([(sent.copy(), col(name, "d"))]) for name in of_sends},
        "confirm_channel": case([(sent.copy(), col("confirm", "d"))]),
        **{
            name: case([(sent.copy(), col(own, "d"))])
            for name, own in zip(("message", "verify", "assignee"), _OF_MESSAGES, strict=True)
        },
        "decided_at": timestamp(num(at)),
    }
    shown = [named(cast(values[name], type), name) for name, type in COLUMNS.items()]
    return exp.select(*shown).from_(table("decided", "d"), copy=False)


def _coded() -> exp.Query:
    """Each message and each confirmation that says its link, with its first code."""
    nothing = cast(exp.null(), "VARCHAR")
    of = [("send_id", CODE, col("verify"), exp.false()), ("confirm_id", CONFIRM_CODE, nothing, exp.true())]
    said = []
    for id, code, verify, confirms in of:
        query = exp.select("campaign", "step", named(col(id), "send_id"), named(verify, "verify"))
        query = query.select(named(confirms, "confirms"), named(col(code), "code"), named(num(0), "attempt"))
        said.append(query.from_(table("decided")).where("o = 'send'", f"{code} IS NOT NULL"))
    return union(said)
