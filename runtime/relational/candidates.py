"""Candidates: what the ledger left open, and what starts now. One for each campaign and customer."""

from __future__ import annotations

from sqlglot import exp

from dsl.program.ir import CampaignSpec, Program
from dsl.terms import Reaches, SumReaches
from runtime.engines.base import Engine
from runtime.openings import Openings
from runtime.outcomes import FINAL, STEP
from runtime.relational.sql import both, case, cast, col, either, micros, named, num, paren, table, text, union
from runtime.relational.starts import occurrences

# `p`: the part, in the order of dsl/program/parts.py, where an entry has its campaign's number n. entered: the start of the entry
# that it belongs to; since: the send that it follows; both are its own start where there is none.
COLUMNS = {
    "p": "INTEGER",
    "n": "INTEGER",
    "id": "BIGINT",
    "occurrence": "VARCHAR",
    "started": "BIGINT",
    "entered": "BIGINT",
    "since": "BIGINT",
    "open": "BOOLEAN",
}


def prepare(engine: Engine, program: Program, openings: Openings, zones: list[str]) -> None:
    """`runs`: of each campaign and zone the first instant, and the first after it; `names`: the campaigns' numbers."""
    runs = [
        (number, zone, *(micros(end) for end in openings.runs(campaign.name, zone)))
        for number, campaign in enumerate(program.campaigns)
        for zone in zones
    ]
    engine.insert("runs", {"n": "INTEGER", "zone": "VARCHAR", "begin": "BIGINT", "end": "BIGINT"}, runs)
    engine.insert(
        "names", {"n": "INTEGER", "campaign": "VARCHAR"}, [(n, one.name) for n, one in enumerate(program.campaigns)]
    )


def entries(engine: Engine, program: Program, openings: Openings, zones: list[str], at: int, until: int) -> exp.Query:
    """Who enters: COLUMNS. `until` = at + horizon."""
    _open(engine)
    engine.create("fresh", _fresh(zones))
    pieces: list[exp.Query] = [exp.select(*COLUMNS).from_(table("open_now"))]
    once = [(number, one.again) for number, one in enumerate(program.campaigns) if one.start.op == "once"]
    if once:
        engine.insert("onces", {"n": "INTEGER", "again": "BIGINT"}, once)
        pieces.append(_once(at, until))
    if len(once) < len(program.campaigns):
        engine.create("settled", _settled())
    for number, campaign in enumerate(program.campaigns):
        if campaign.start.op != "once":
            started = occurrences(engine, number, campaign, openings, zones, at, until)
            pieces.append(_earliest(number, campaign, started, at, until))
    return union(pieces)


def _open(engine: Engine) -> None:
    """`open_now`: the ledger's open occurrences of campaigns and customers that there are."""
    begun = [named(col("started_at", "o"), name) for name in ("started", "entered", "since")]
    query = exp.select(named(col("n"), "p"), "n", "id", "occurrence", *begun, named(exp.true(), "open"))
    query = query.from_(table("opens", "o")).join(table("names", "k"), on="k.campaign = o.campaign")
    engine.create("open_now", query.join(table("customers", "c"), on="c.key = o.customer"))


def _fresh(zones: list[str]) -> exp.Select:
    """Matches without an open occurrence, with the customer's past in the campaign. A zone of all is looked up for nobody."""
    alone = zones[0] if len(zones) == 1 else None
    zone = named(cast(text(alone), "VARCHAR"), "zone") if alone else col("zone", "c")
    past = exp.select("k.n", "c.id", named(col("n", "f"), "finals"), "f.last").from_(table("finals", "f"))
    past = past.join(table("names", "k"), on="k.campaign = f.campaign")
    past = past.join(table("customers", "c"), on="c.key = f.customer")
    query = exp.select(
        "m.n",
        named(cast(col("id", "m"), "BIGINT"), "id"),
        zone,
        "r.begin",
        '"r"."end"',
        named("COALESCE(p.finals, 0)", "finals"),
        "p.last",
    )
    query = query.from_(table("matched", "m"))
    if alone is None:
        query = query.join(table("customers", "c"), on="c.id = m.id")
    same = text(alone) if alone else col("zone", "c")
    query = query.join(table("runs", "r"), on=both("r.n = m.n", exp.EQ(this=col("zone", "r"), expression=same)))
    query = query.join(past.subquery("p"), on="p.n = m.n AND p.id = m.id", join_type="left")
    query = query.join(table("open_now", "o"), on="o.n = m.n AND o.id = m.id", join_type="left")
    return query.where("o.id IS NULL")


def _settled() -> exp.Select:
    """The occurrences that have come to their end, by campaign and customer."""
    own = exp.EQ(this=col("step", "s"), expression=text(STEP))
    final = exp.In(this=col("outcome", "s"), expressions=[text(name) for name in sorted(FINAL)])
    query = exp.select("k.n", "c.id", "s.occurrence").from_(table("decisions", "s"))
    query = query.join(table("names", "k"), on="k.campaign = s.campaign")
    return query.join(table("customers", "c"), on="c.key = s.customer").where(both(own, final))


def _once(at: int, until: int) -> exp.Select:
    """Who enters what starts once: at the first run that meets them, and with `again` once more so long after the last time."""
    again, first = col("again", "o"), exp.Greatest(this=num(at), expressions=[col("begin", "f")])
    rearmed = exp.Coalesce(this=paren(exp.Add(this=col("last", "f"), expression=again)), expressions=[num(at)])
    started = case(
        [(exp.Is(this=again.copy(), expression=exp.null()), first)],
        exp.Greatest(this=num(at), expressions=[col("begin", "f"), rearmed]),
    )
    fresh = exp.select("f.n", "f.id", "f.finals", named(started, "started"), named(col("end", "f"), "ends"), "o.again")
    fresh = fresh.from_(table("fresh", "f")).join(table("onces", "o"), on="o.n = f.n")
    entry = cast(paren(exp.Add(this=col("finals"), expression=num(1))), "VARCHAR")
    query = _candidate(entry, col("started")).from_(fresh.subquery("x"))
    return query.where(f"(again IS NOT NULL OR finals = 0) AND started < {until} AND started < ends")


def _earliest(number: int, campaign: CampaignSpec, started: exp.Query, at: int, until: int) -> exp.Query:
    """Of everything that could start the campaign for a customer the earliest that is live, not final and armed again."""
    live: list[exp.Expr | str] = [
        exp.LT(this=col("started"), expression=num(until)),
        "started >= begin",
        'started < "end"',
    ]
    if campaign.expire is not None:
        live.append(exp.GT(this=col("started"), expression=num(at - campaign.expire)))
    first = exp.EQ(this=col("finals"), expression=num(0))
    armed: exp.Expr = exp.true()
    if campaign.again is not None:
        rearmed = paren(exp.Add(this=col("last"), expression=num(campaign.again)))
        armed = either(first, exp.GTE(this=col("started"), expression=rearmed))
    elif isinstance(campaign.start, (Reaches, SumReaches)):
        armed = first  # without a window of its own it never re-arms
    decided = exp.select("id", "occurrence").from_(table("settled"))
    decided = decided.where(exp.EQ(this=col("n"), expression=num(number)))
    query = exp.select("x.*").from_(started.subquery("x", copy=False), copy=False)
    same = "d.id = x.id AND d.occurrence = x.occurrence"
    query = query.join(decided.subquery("d", copy=False), on=same, join_type="left", copy=False)
    query = query.where(both("d.id IS NULL", armed, *live), copy=False)
    query = query.qualify("row_number() OVER (PARTITION BY x.id ORDER BY x.started, x.occurrence) = 1", copy=False)
    return _candidate(col("occurrence"), col("started")).from_(query.subquery("y", copy=False), copy=False)


def _candidate(occurrence: exp.Expr, started: exp.Expr) -> exp.Select:
    begun = [named(started.copy(), name) for name in ("started", "entered", "since")]
    return exp.select(
        named(col("n"), "p"),
        col("n"),
        col("id"),
        named(occurrence, "occurrence"),
        *begun,
        named(exp.false(), "open"),
    )
