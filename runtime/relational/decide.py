"""Every decision of a run, in two passes: what enters or follows from the ledger; then steps that follow what the first sends."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from sqlglot import exp

from dsl.catalog import TASK
from dsl.program.ir import Program
from runtime.engines.base import Engine
from runtime.openings import Openings
from runtime.relational import candidates, decided, follow, gates, hours
from runtime.relational.caps import apply_caps
from runtime.relational.limits import apply_limits
from runtime.relational.match import Matching
from runtime.relational.render import Rendering
from runtime.relational.sql import both, col, named, negated, table, text, union
from runtime.response import Response

# What caps, budgets and paces look at; and what a decision is told with.
_LEFT = ("r", "p", "n", "channel", "recipient", "day", "at", "send_id", "hour", "zone", "expiry")
_LEFT_OF_PARTS = ("step", "kind", "priority")


def decide(
    engine: Engine,
    matching: Matching,
    openings: Openings,
    zones: list[str],
    events: dict[str, str],
    at: int,
    until: int,
    progress: Callable[[str], None],
    spare: Iterable[str] = (),
) -> tuple[Response, ...]:
    """`outcomes`: the columns of runtime/outcomes.py, in no order of their own. `until` = at + horizon.

    What the run has learned of how messages are answered, where it was asked.
    spare: tables that nobody asks for once it is known who is a candidate.
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
    engine.drop(*spare)
    count = _pass(engine, program, matching, openings, at, until, progress)
    decided.tell(engine, program, at)
    if any(campaign.steps for campaign in program.campaigns):
        follow.entered_now(engine, (n for n, one in enumerate(program.campaigns) if one.steps))
        later = follow.steps(engine, matching, at, until)
        assert later is not None
        engine.create("candidates", _numbered(later))
        if _count(engine):  # most steps are due beyond the horizon of the run that enters
            _remember(engine, program)
            decided.keep(engine)
            progress("following up")
            count += _pass(engine, program, matching, openings, at, until, progress)
            decided.tell(engine, program, at, later=True)
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
    decided.tell(engine, program, at)
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
    """What runtime/relational/decided.py tells the end of the `candidates` from; their number."""
    progress("scheduling")
    gates.pass_gates(engine, program, matching, openings, at, until)
    progress("rendering")
    engine.view("waiting", exp.select("*").from_(table("gated")).where("outcome IS NULL"))
    rendering = Rendering(engine, program, matching, "waiting")
    progress("applying caps")
    cost = named(decided.cost_of(program, "w"), "cost")
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
    return _count(engine)


def _count(engine: Engine) -> int:
    ((count,),) = engine.rows(exp.select("count(*)").from_(table("candidates")))
    return int(count)


def _numbered(found: exp.Query) -> exp.Select:
    """With `r`: here, while the rows are narrow, since numbering makes an engine go through them one after the other."""
    number = named(exp.cast("row_number() OVER ()", "BIGINT"), "r")
    return exp.select("*", number).from_(found.subquery("f", copy=False), copy=False)


def _remember(engine: Engine, program: Program) -> None:
    """What the first pass sends counts in the second as the ledger's sends do."""
    sent = both("o = 'send'", exp.NEQ(this=col("channel"), expression=text(TASK)))
    limited = [text(one.name) for one in program.campaigns if one.budget is not None or one.pace is not None]
    if limited:  # nobody else asks what was spent, and costs stand beside the texts
        spent = exp.select("campaign", "sent_at AS at", "cost").from_(table("decided")).where(sent)
        engine.append("past_spent", spent.where(exp.In(this=col("campaign"), expressions=limited)))
    sends = exp.select("recipient", "campaign", "step", "kind", "day AS local_date").from_(table("ended"))
    engine.append("past_sends", sends.where(sent.copy(), "recipient IS NOT NULL"))


def _check_law(engine: Engine, before: int) -> None:
    """Candidates = outcomes, each candidate once. A breach is a bug of ours, and nothing may be written."""
    # A part is a step of a campaign: by its number and the customer's it is the key of runtime/outcomes.py, and sooner counted.
    number = "CAST(p AS BIGINT) * 1099511627776 + id"  # more than there are customers
    query = exp.select("count(*)", f"count(DISTINCT {number})").from_(table("decided"))
    ((after, keys),) = engine.rows(query)
    if keys != after:  # somebody is a candidate for the same part twice, at another occurrence
        each = exp.select("p", "id", "occurrence").distinct().from_(table("decided"))
        ((keys,),) = engine.rows(exp.select("count(*)").from_(each.subquery("e")))
    if not before == after == keys:
        raise AssertionError(f"{before} candidates, {after} outcomes of {keys} decisions: the run is wrong")
