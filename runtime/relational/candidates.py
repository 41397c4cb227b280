"""Candidates: what the ledger left open, and what starts now. One for each campaign and customer."""

from __future__ import annotations

from sqlglot import exp

from dsl.program.ir import CampaignSpec, Program
from dsl.terms import Reaches
from runtime.engines.base import Engine
from runtime.openings import Openings
from runtime.outcomes import FINAL
from runtime.relational.conditions import condition
from runtime.relational.match import Matching
from runtime.relational.sql import FALSE, case, cast, col, every, micros, num, table, text, union

_COLUMNS = {"n": "INTEGER", "id": "BIGINT", "occurrence": "VARCHAR", "started": "BIGINT", "left_rule": "VARCHAR"}


def find(
    engine: Engine, program: Program, matching: Matching, openings: Openings, zones: list[str], at: int, until: int
) -> None:
    """`candidates`: n, id, occurrence, started, and `left_rule` where the audience holds no more. `until` = at + horizon."""
    runs = [
        (number, zone, *(micros(end) for end in openings.runs(campaign.name, zone)))
        for number, campaign in enumerate(program.campaigns)
        for zone in zones
    ]
    engine.insert("runs", {"n": "INTEGER", "zone": "VARCHAR", "begin": "BIGINT", "end": "BIGINT"}, runs)
    engine.insert(
        "names", {"n": "INTEGER", "campaign": "VARCHAR"}, [(n, one.name) for n, one in enumerate(program.campaigns)]
    )
    _open(engine, program, matching)
    engine.create("fresh", _fresh())
    pieces: list[exp.Query] = [exp.select(*_COLUMNS).from_(table("open_now"))]
    for number, campaign in enumerate(program.campaigns):
        if campaign.start.op == "once":
            pieces.append(_once(number, campaign, at, until))
        else:
            pieces.append(_crossing(number, campaign, campaign.start.start, at))
    engine.create("candidates", union(pieces))


def _open(engine: Engine, program: Program, matching: Matching) -> None:
    """`open_now`: the ledger's open occurrences of campaigns and customers that there are."""
    query = exp.select("n", "id", "occurrence", exp.alias_(col("started_at", "o"), "started")).from_(
        table("opens", "o")
    )
    query = query.join(table("names", "k"), on="k.campaign = o.campaign").join(
        table("customers", "c"), on="c.key = o.customer"
    )
    engine.create("open_known", query)
    pieces = []
    for (number,) in engine.rows(exp.select("n").distinct().from_(table("open_known")).order_by("n")):
        audience = program.campaigns[number].audience
        rule = case((exp.not_(exp.paren(matching.test(line.when))), text(line.at)) for line in audience)
        rows = (
            exp.select("*")
            .from_(table("open_known"))
            .where(exp.EQ(this=col("n"), expression=num(number)))
            .subquery("o")
        )
        wide = matching.wide().subquery("w")
        shown = [col("n", "o"), col("id", "o"), col("occurrence", "o"), col("started", "o")]
        left = exp.alias_(cast(rule if audience else exp.null(), "VARCHAR"), "left_rule")
        pieces.append(exp.select(*shown, left).from_(rows).join(wide, on="w.id = o.id"))
    if pieces:
        engine.create("open_now", union(pieces))
    else:
        engine.insert("open_now", _COLUMNS, [])


def _fresh() -> exp.Select:
    """Matches without an open occurrence, with the customer's past in the campaign."""
    query = exp.select("m.n", "m.id", "c.key", "c.zone", "k.campaign", "r.begin", '"r"."end"')
    query = query.select(exp.alias_("COALESCE(f.n, 0)", "finals"), "f.last").from_(table("matched", "m"))
    query = query.join(table("customers", "c"), on="c.id = m.id").join(table("names", "k"), on="k.n = m.n")
    query = query.join(table("runs", "r"), on="r.n = m.n AND r.zone = c.zone")
    query = query.join(table("finals", "f"), on="f.campaign = k.campaign AND f.customer = c.key", join_type="left")
    query = query.join(table("open_known", "o"), on="o.n = m.n AND o.id = m.id", join_type="left")
    return query.where("o.id IS NULL")


def _once(number: int, campaign: CampaignSpec, at: int, until: int) -> exp.Select:
    first = exp.Greatest(this=num(at), expressions=[col("begin")])
    if campaign.again is None:
        allowed = exp.EQ(this=col("finals"), expression=num(0))
        started: exp.Expr = first
    else:
        allowed = exp.true()  # type: ignore[assignment]
        rearmed = exp.Coalesce(
            this=exp.paren(exp.Add(this=col("last"), expression=num(campaign.again))), expressions=[num(at)]
        )
        started = exp.Greatest(this=num(at), expressions=[col("begin"), rearmed])
    tests = [
        exp.EQ(this=col("n"), expression=num(number)),
        allowed,
        exp.LT(this=started.copy(), expression=num(until)),
        exp.LT(this=started.copy(), expression=col("end")),
    ]
    entry = cast(exp.paren(exp.Add(this=col("finals"), expression=num(1))), "VARCHAR")
    return _candidate(entry, started).from_(table("fresh")).where(every(tests))


def _crossing(number: int, campaign: CampaignSpec, start: Reaches, at: int) -> exp.Query:
    """The earliest live event that lifts the count from N - 1 to N: the event N - 1 back lies in the window, the one N back
    does not. Both are lags, so that no state has to be kept between runs."""
    assert campaign.expire is not None, "CAMP403"
    of, oldest = start.of, at - campaign.expire
    mine = exp.select("*").from_(table("fresh")).where(exp.EQ(this=col("n"), expression=num(number))).subquery("m")
    tests: list[exp.Expr] = [exp.LTE(this=col("at", "e"), expression=num(at))]
    if of.last is not None:
        tests.append(exp.GT(this=col("at", "e"), expression=num(oldest - of.last)))
    if of.where is not None:
        tests.append(condition(of.where, lambda test: FALSE.copy(), exp.null()))
    over = "OVER (PARTITION BY e.id ORDER BY e.at, e.eid)"
    lags = [
        exp.alias_(f"lag(e.at, {start.times - back}) {over}", name) for back, name in ((1, "nearer"), (0, "farther"))
    ]
    events = (
        exp.select("m.*", "e.at", "e.eid", *lags).from_(table(f"event_{of.event}", "e")).join(mine, on="m.id = e.id")
    )
    events = events.where(every(tests))
    edge = exp.Sub(this=col("at"), expression=num(of.last)) if of.last is not None else num(-(1 << 62))
    inside = exp.GT(this=col("nearer"), expression=edge.copy())
    outside = exp.or_(exp.Is(this=col("farther"), expression=exp.null()), exp.LTE(this=col("farther"), expression=edge))
    live: list[exp.Expr | str] = [exp.GT(this=col("at"), expression=num(oldest)), "at >= begin", 'at < "end"']
    again = (
        exp.false()
        if campaign.again is None
        else exp.GTE(this=col("at"), expression=exp.paren(exp.Add(this=col("last"), expression=num(campaign.again))))
    )
    rearmed = exp.or_(exp.EQ(this=col("finals"), expression=num(0)), again)
    final = exp.In(this=col("outcome"), expressions=[text(name) for name in sorted(FINAL)])
    decided = exp.select("customer", "occurrence").from_(table("decisions"))
    decided = decided.where(exp.and_(exp.EQ(this=col("campaign"), expression=text(campaign.name)), final))
    crossed = exp.select("*").from_(events.subquery("x")).where(exp.and_(inside, outside, rearmed, *live))
    query = exp.select("x.*").from_(crossed.subquery("x"))
    query = query.join(decided.subquery("d"), on="d.customer = x.key AND d.occurrence = x.eid", join_type="left")
    query = query.where("d.customer IS NULL").qualify("row_number() OVER (PARTITION BY x.id ORDER BY x.at, x.eid) = 1")
    return _candidate(col("eid"), col("at")).from_(query.subquery("y"))


def _candidate(occurrence: exp.Expr, started: exp.Expr) -> exp.Select:
    nothing = exp.alias_(cast(exp.null(), "VARCHAR"), "left_rule")
    return exp.select(
        col("n"), col("id"), exp.alias_(occurrence, "occurrence"), exp.alias_(started, "started"), nothing
    )
