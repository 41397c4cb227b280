"""What is due, and what keeps it from going: the ledger's sends, asked again as a run would ask them now.

Asked again are exits, `if` and `unless`, consent, refusals, the address and who shares it, expiry, and the window, which a late
release may have missed. Not asked again are audience, caps, budget and experiments: those were decided.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime

from sqlglot import exp

from dsl.catalog import OPT_OUT_EVENT
from dsl.program.ir import Program
from runtime.engines.base import Engine
from runtime.execute import Session
from runtime.ledger.ledger import Ledger
from runtime.ledger.store import held
from runtime.ledger.tables import EVENT, RELEASES, RUNS, STANDING
from runtime.openings import Openings, Slot
from runtime.outcomes import STEP
from runtime.place import Place
from runtime.relational import candidates, gates, hours, kept, zones
from runtime.relational.match import Matching
from runtime.relational.moments import timestamp
from runtime.relational.reach import reach
from runtime.relational.sql import (
    both,
    case,
    cast,
    col,
    either,
    micros,
    named,
    negated,
    num,
    paren,
    sure,
    table,
    text,
)

MESSAGE, CONFIRMATION = "message", "confirmation"
RELEASED, SENDING, CANCELLED = "released", "sending", "cancelled"
_JUDGED = {"send_id": "VARCHAR", "reason": "VARCHAR", "rule": "VARCHAR", "confirmed": "BOOLEAN"}


def find(ledger: Ledger, at: datetime) -> tuple[int, int]:
    """`due`: the sends whose instant has come and that have not gone, but for those of paused campaigns; how many.

    And, as `beside`, those that have gone and whose confirmation has not: how many.
    """
    settled = exp.select("send_id").from_(held(RELEASES))
    settled = settled.where(f"role = '{MESSAGE}' AND state <> '{SENDING}'")
    began = exp.select("send_id").from_(held(RELEASES)).where(f"role = '{MESSAGE}' AND state = '{SENDING}'")
    query = exp.select("s.*", "r.program").from_(held(STANDING, "s")).join(held(RUNS, "r"), on="r.run = s.run")
    query = query.select(named(exp.In(this=col("send_id", "s"), query=began.subquery()), "began"))
    gone = exp.select("send_id").from_(held(RELEASES)).where(f"role = '{MESSAGE}' AND state = '{RELEASED}'")
    left = exp.select("send_id").from_(held(RELEASES)).where(f"role = '{CONFIRMATION}' AND state = '{SENDING}'")
    beside = both(
        exp.In(this=col("send_id", "s"), query=gone.subquery()),
        sure(exp.In(this=col("confirm_id", "s"), query=left.subquery())),
    )
    query = query.select(named(beside, "beside"))
    query = query.where(
        both(
            "s.outcome = 'send'",
            exp.LTE(this=col("at", "s"), expression=timestamp(num(micros(at)))),
            either(negated(exp.In(this=col("send_id", "s"), query=settled.subquery())), paren(beside.copy())),
            negated(_paused(ledger)),
        )
    )
    ledger.engine.create("due", query.order_by("s.at", "s.send_id"))
    counts = exp.select("count(*) FILTER (WHERE NOT beside)", "count(*) FILTER (WHERE beside)")
    ((count, more),) = ledger.engine.rows(counts.from_(table("due")))
    return int(count), int(more)


def waiting(ledger: Ledger, at: datetime) -> dict[str, int]:
    """By paused campaign, how many sends would be due."""
    settled = exp.select("send_id").from_(held(RELEASES)).where(f"role = '{MESSAGE}'")
    query = exp.select("s.campaign", "count(*)").from_(held(STANDING, "s")).where(_paused(ledger))
    due = exp.LTE(this=col("at", "s"), expression=timestamp(num(micros(at))))
    gone = exp.In(this=col("send_id", "s"), query=settled.subquery())
    query = query.where(both("s.outcome = 'send' AND s.run > 0", due, negated(gone)))
    return dict(ledger.engine.rows(query.group_by("s.campaign").order_by("s.campaign")))


def _paused(ledger: Ledger) -> exp.Expr:
    """Whether a row `s` is of a campaign that is held back, under whichever of its names."""
    names = ledger.paused_names()
    return exp.In(this=col("campaign", "s"), expressions=[text(one) for one in names]) if names else exp.false()


def judge(ledger: Ledger, data: Place, at: datetime) -> None:
    """`judged`: of each due send the reason why it may not go, if there is one. InputError where that cannot be told."""
    engine = ledger.engine
    engine.insert("judged", _JUDGED, [])
    programs = engine.rows(exp.select("program").distinct().from_(table("due")).order_by("program"))
    for (hash,) in programs:
        _judge(ledger, ledger.program(hash), data, at)


def _judge(ledger: Ledger, program: Program, data: Place, at: datetime) -> None:
    """Those that were decided by one program, as that program asks."""
    engine, now = ledger.engine, micros(at)
    program = _knowing(ledger, program)
    session = Session(program, data, engine, ledger.kept, ledger.state)
    session.read(at)
    matching, openings = Matching(program), Openings(program)
    days = zones.today(engine, at)
    matching.run(engine, now, session.events)
    hours.none(engine)  # when it goes was decided
    candidates.prepare(engine, program, openings, days)
    gates.prepare(engine, matching)
    engine.create("candidates", _candidates(program))
    reach(engine, program, matching, now, col("m", "k"))
    _close(engine, openings, program, at)
    engine.append("judged", _reasons(ledger, program))


def _knowing(ledger: Ledger, program: Program) -> Program:
    """An older program, which takes campaigns that were added or renamed since for retired ones."""
    known = {name for one in program.campaigns for name in (one.name, one.formerly) if name}
    there = {name for (name,) in ledger.engine.rows(exp.select("campaign").distinct().from_(held(STANDING)))}
    return program.model_copy(update={"retired": tuple(sorted({*program.retired, *(there - known)}))})


def _candidates(program: Program) -> exp.Select:
    """The due sends as candidates: an entry keeps its audience's answer, a step and an answer are asked theirs again."""
    entry = exp.EQ(this=col("step", "d"), expression=text(STEP))
    name = named(kept.renamed(program, col("campaign")), "name")
    entries = exp.select(name, "customer", "occurrence", "outcome", "started_at", '"at"', "run").from_(held(STANDING))
    latest = "row_number() OVER (PARTITION BY name, customer, occurrence ORDER BY outcome = 'send' DESC, run DESC) = 1"
    parent = exp.select("*").from_(entries.where(f"step = '{STEP}'").subquery("n")).qualify(latest)
    began = exp.Coalesce(this=col("started_at", "e"), expressions=[col("started_at", "d")])
    follows = exp.Coalesce(this=col("at", "e"), expressions=[col("started_at", "d")])
    query = exp.select(
        *("d.send_id", "p.p", "p.n", "c.id", "d.occurrence"),
        named(_micros(col("started_at", "d")), "started"),
        named(_micros(case([(entry.copy(), col("started_at", "d"))], began)), "entered"),
        named(_micros(case([(entry.copy(), col("started_at", "d"))], follows)), "since"),
        named(negated(entry), "open"),
        named(exp.Coalesce(this=col("m", "y"), expressions=[num(0)]), "m"),
    ).from_(table("due", "d"))
    query = query.join(table("parts", "p"), on="p.campaign = d.campaign AND p.step = d.step")
    query = query.join(table("customers", "c"), on="c.key = d.customer")
    # Two messages may stand on one line: of those the first on the channel that was chosen, and each send once.
    query = query.join(table("messages", "y"), on="y.p = p.p AND y.line = d.message", join_type="left")
    best = "row_number() OVER (PARTITION BY d.send_id ORDER BY y.channel = d.channel DESC, y.m) = 1"
    same = "e.name = d.campaign AND e.customer = d.customer AND e.occurrence = d.occurrence"
    query = query.join(parent.subquery("e"), on=same, join_type="left")
    query = query.where(exp.EQ(this=col("program", "d"), expression=text(program.hash))).qualify(best)
    number = named(cast(exp.Window(this=exp.RowNumber()), "BIGINT"), "r")
    return exp.select("*", number).from_(query.subquery("q"))


def _micros(instant: exp.Expr) -> exp.Expr:
    return exp.func("epoch_us", instant, dialect="duckdb")


def _close(engine: Engine, openings: Openings, program: Program, at: datetime) -> None:
    """`closed`: the due sends whose window has ended meanwhile."""
    mine = exp.EQ(this=col("program"), expression=text(program.hash))
    query = exp.select("send_id", "campaign", "step", "zone", "local_date", '"at"').from_(table("due")).where(mine)
    groups: dict[tuple[str, str, str, date], list[tuple[str, datetime]]] = defaultdict(list)
    for send_id, campaign, step, zone, day, sent in engine.rows(query):
        groups[campaign, step, zone, day].append((send_id, sent.replace(tzinfo=UTC)))
    late: list[tuple[str]] = []
    for (campaign, step, zone, day), sends in groups.items():
        opened = openings.on(Slot(campaign, step), zone, day)
        for send_id, sent in sends:
            ends = [one.end for one in opened if one.start <= sent < one.end]
            if not ends or at >= ends[0]:
                late.append((send_id,))
    engine.insert("closed", {"send_id": "VARCHAR"}, late)


def _reasons(ledger: Ledger, program: Program) -> exp.Select:
    """One row for each due send of a program. Whoever is not in the data any more is not written to.

    A refusal counts once it is taken in, whatever its clock says: a gateway's may run before ours.
    """
    null = exp.null()
    elsewhere = either(
        "x.recipient IS DISTINCT FROM d.recipient",
        "x.channel IS DISTINCT FROM d.channel",
    )
    tests = [
        (exp.Is(this=col("r", "x"), expression=null), text("left"), exp.null()),
        (negated(exp.Is(this=col("outcome", "x"), expression=null)), col("reason", "x"), col("rule", "x")),
        (_refused(ledger), text("opted_out"), exp.null()),
        (elsewhere, text("no_address"), exp.null()),
        (negated(exp.Is(this=col("send_id", "l"), expression=null)), text("no_opening"), col("window_at", "p")),
    ]
    reason, rule = (case([(one[0].copy(), one[at].copy()) for one in tests], null) for at in (1, 2))
    query = exp.select(
        "d.send_id",
        named(cast(reason, "VARCHAR"), "reason"),
        named(cast(rule, "VARCHAR"), "rule"),
        named("x.confirm IS NOT NULL", "confirmed"),
    ).from_(table("due", "d"))
    query = query.join(table("candidates", "k"), on="k.send_id = d.send_id", join_type="left")
    query = query.join(table("reached", "x"), on="x.r = k.r", join_type="left")
    query = query.join(table("parts", "p"), on="p.p = k.p", join_type="left")
    query = query.join(table("closed", "l"), on="l.send_id = d.send_id", join_type="left")
    return query.where(exp.EQ(this=col("program", "d"), expression=text(program.hash)))


def _refused(ledger: Ledger) -> exp.Expr:
    """Whether the customer of a due send `d` is known to have refused."""
    name = EVENT + OPT_OUT_EVENT
    if name not in ledger.store.tables:
        return exp.false()
    return exp.In(this=col("customer", "d"), query=exp.select("customer").from_(held(name)).subquery())
