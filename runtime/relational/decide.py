"""Every decision of a run, in two passes: what enters or follows from the ledger; then steps that follow what the first sends."""

from __future__ import annotations

from collections.abc import Callable, Collection

from sqlglot import exp

from dsl.catalog import TASK
from dsl.program.ir import Program
from runtime.engines.base import Engine
from runtime.openings import Openings
from runtime.outcomes import COLUMNS, KEY
from runtime.relational import candidates, follow, gates, hours
from runtime.relational.caps import apply_caps
from runtime.relational.limits import apply_limits
from runtime.relational.match import Matching
from runtime.relational.moments import timestamp
from runtime.relational.render import Rendering
from runtime.relational.sql import both, case, cast, col, decimal, named, negated, num, paren, table, text, union
from runtime.response import Response

# What caps, budgets and paces look at; and what a decision is told with.
_LEFT = ("r", "p", "n", "channel", "recipient", "day", "at", "send_id", "hour", "zone", "expiry")
_LEFT_OF_PARTS = ("step", "kind", "priority")
_KEPT = (
    *("p", "n", "m", "id", "key", "occurrence", "started", "zone", "recipient", "channel", "arm"),
    *("send_id", "fallback", "confirm", "confirm_id"),
)
_KEPT_OF_PARTS = ("campaign", "step", "kind")


def decide(
    engine: Engine,
    matching: Matching,
    openings: Openings,
    zones: list[str],
    events: dict[str, str],
    at: int,
    until: int,
    progress: Callable[[str], None],
) -> tuple[Response, ...]:
    """`outcomes`: the columns of runtime/outcomes.py, in no order of their own. `until` = at + horizon.

    What the run has learned of how messages are answered, where it was asked.
    """
    program = matching.program
    matching.run(engine, at, events)
    matching.lookup.build(engine, events, at)
    responses = hours.build(engine, program, matching.parts, events, zones, at)
    candidates.prepare(engine, program, openings, zones)
    gates.prepare(engine, matching, responses)
    found = [candidates.entries(engine, program, openings, zones, at, until)]
    follow.entered_before(engine)
    found += [
        one for one in (follow.steps(engine, matching, at, until), follow.answers(engine, matching, at, until)) if one
    ]
    engine.create("candidates", _numbered(union(found)))
    count = _pass(engine, program, matching, openings, at, until, progress)
    engine.create("outcomes", _outcomes(at))
    if any(campaign.steps for campaign in program.campaigns):
        follow.entered_now(engine)
        later = follow.steps(engine, matching, at, until)
        assert later is not None
        engine.create("candidates", _numbered(later))
        if _count(engine):  # most steps are due beyond the horizon of the run that enters
            _remember(engine)
            progress("following up")
            count += _pass(engine, program, matching, openings, at, until, progress)
            engine.append("outcomes", _outcomes(at))
    _check_law(engine, count)
    return tuple(responses.values())


def answers(
    engine: Engine,
    matching: Matching,
    openings: Openings,
    zones: list[str],
    events: dict[str, str],
    at: int,
    until: int,
    without: Collection[str],
) -> None:
    """`outcomes` of nothing but answers to replies. without: campaigns that give none."""
    program = matching.program
    matching.run(engine, at, events)
    matching.lookup.build(engine, events, at)
    hours.none(engine)  # an answer has no window
    candidates.prepare(engine, program, openings, zones)
    gates.prepare(engine, matching)
    found = follow.answers(engine, matching, at, until)
    assert found is not None
    query = exp.select("a.*").from_(found.subquery("a")).join(table("names", "k"), on="k.n = a.n")
    silent = exp.In(this=col("campaign", "k"), expressions=[text(one) for one in sorted(without)])
    engine.create("candidates", _numbered(query.where(negated(silent)) if without else query))
    count = _pass(engine, program, matching, openings, at, until, lambda stage: None)
    engine.create("outcomes", _outcomes(at))
    _check_law(engine, count)


def _pass(
    engine: Engine,
    program: Program,
    matching: Matching,
    openings: Openings,
    at: int,
    until: int,
    progress: Callable[[str], None],
) -> int:
    """`decided`: what becomes of the `candidates`; their number."""
    progress("scheduling")
    gates.pass_gates(engine, program, matching, openings, at, until)
    progress("rendering")
    engine.view("waiting", exp.select("*").from_(table("gated")).where("outcome IS NULL"))
    rendering = Rendering(engine, program, matching, "waiting")
    progress("applying caps")
    cost = named(_cost(program, "w"), "cost")
    fine = exp.select(*(col(name, "w") for name in _LEFT), cost).from_(table("waiting", "w"))
    fine = fine.select(*(col(name, "y") for name in _LEFT_OF_PARTS))
    fine = fine.select(*(col(f"q{at}", "w") for at in range(len(matching.dated))))
    fine = fine.join(table("parts", "y"), on="y.p = w.p")
    fine = fine.join(table("texts", "t"), on="t.r = w.r", join_type="left").where("t.reason IS NULL")
    engine.create("rendered_ok", fine)
    apply_caps(engine, program, matching.parts, matching.dated)
    apply_limits(engine, program, openings)
    sent = exp.select("k.r").from_(table("rendered_ok", "k"))
    for name, alias in (("capped", "c"), ("held", "h")):
        sent = sent.join(table(name, alias), on=f"{alias}.r = k.r", join_type="left")
    rendering.rest(sent.where("c.r IS NULL AND h.r IS NULL"))
    engine.view("decided", _decided(program))
    return _count(engine)


def _count(engine: Engine) -> int:
    ((count,),) = engine.rows(exp.select("count(*)").from_(table("candidates")))
    return int(count)


def _numbered(found: exp.Query) -> exp.Select:
    """With `r`: here, while the rows are narrow, since numbering makes an engine go through them one after the other."""
    number = named(exp.cast("row_number() OVER ()", "BIGINT"), "r")
    return exp.select("*", number).from_(found.subquery("f", copy=False), copy=False)


def _cost(program: Program, of: str) -> exp.Expr:
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


def _decided(program: Program) -> exp.Select:
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
    query = exp.select(*(col(name, "g") for name in _KEPT), "t.* EXCLUDE (r, reason, rule)")
    query = query.select(named(_cost(program, "g"), "cost"))
    query = query.select(named(when, "sent_at"), named(day, "day"), *(col(name, "y") for name in _KEPT_OF_PARTS))
    query = query.select(named(outcome, "o"), named(reason, "why"), named(rule, "by"))
    query = query.from_(table("gated", "g")).join(table("parts", "y"), on="y.p = g.p")
    for name, alias in (("texts", "t"), ("capped", "c"), ("held", "h"), ("paced", "p")):
        query = query.join(table(name, alias), on=f"{alias}.r = g.r", join_type="left")
    return query


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
            name: case([(sent.copy(), col(own, "y"))])
            for name, own in (("message", "line"), ("verify", "verify"), ("assignee", "assignee"))
        },
        "decided_at": timestamp(num(at)),
    }
    shown = [named(cast(values[name], type), name) for name, type in COLUMNS.items()]
    query = exp.select(*shown).from_(table("decided", "d"))
    return query.join(table("messages", "y"), on="y.p = d.p AND y.m = d.m")


def _remember(engine: Engine) -> None:
    """What the first pass sends counts in the second as the ledger's sends do."""
    sent = both("outcome = 'send'", exp.NEQ(this=col("channel"), expression=text(TASK)))
    spent = exp.select("campaign", 'epoch_us("at") AS at', "cost").from_(table("outcomes")).where(sent)
    engine.append("past_spent", spent)
    sends = (
        exp.select("recipient", "campaign", "step", "kind", "local_date").from_(table("outcomes")).where(sent.copy())
    )
    engine.append("past_sends", sends.where("recipient IS NOT NULL"))


def _check_law(engine: Engine, before: int) -> None:
    """Candidates = outcomes, each candidate once. A breach is a bug of ours, and nothing may be written."""
    after, keys = engine.rows(exp.select("count(*)", f"count(DISTINCT ({', '.join(KEY)}))").from_(table("outcomes")))[0]
    if not before == after == keys:
        raise AssertionError(f"{before} candidates, {after} outcomes of {keys} decisions: the run is wrong")
