"""The gates before caps: who is still meant, who can be reached, when, and who is only watched; the first obstacle counts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from sqlglot import exp

from dsl.catalog import SERVICE
from dsl.identity import BUCKETS, CONTROL_SALT, framed, holdout_salt
from dsl.program.ir import Program
from dsl.program.parts import Part
from runtime.engines.base import Engine, Rows
from runtime.openings import Openings, Slot
from runtime.relational.cases import Obstacle, by_part, first_obstacle, told
from runtime.relational.hours import numbered, usual
from runtime.relational.identity import bucket, send_id
from runtime.relational.known import below
from runtime.relational.match import Matching
from runtime.relational.reach import reach
from runtime.relational.sql import (
    both,
    case,
    cast,
    col,
    either,
    instant,
    micros,
    named,
    negated,
    num,
    paren,
    table,
    text,
)
from runtime.response import Asked, Response, asked

_PARTS = {
    "p": "INTEGER",
    "n": "INTEGER",
    "campaign": "VARCHAR",
    "step": "VARCHAR",
    "kind": "VARCHAR",
    "priority": "INTEGER",
    "expire": "BIGINT",
    "confirm": "VARCHAR",
    "best": "INTEGER",
    "usual": "INTEGER",  # the best hour of whoever has not clicked
    "holdout": "INTEGER",  # of an entry, how many of the buckets
    "salt": "VARCHAR",  # framed, as digests ask for it: it is the same for all of a part's candidates
    "framed": "VARCHAR",  # campaign and step, likewise
    **dict.fromkeys(("start_at", "expire_at", "window_at", "campaign_at"), "VARCHAR"),
}
_ASKED = ("kind", "holdout", "salt", "framed", "window_at", "campaign_at")  # of parts, by the gates
_MESSAGES = {
    "p": "INTEGER",
    "m": "INTEGER",
    "channel": "VARCHAR",
    "otherwise": "VARCHAR",
    "must_confirm": "BOOLEAN",
    "must_confirm_at": "VARCHAR",
    "line": "VARCHAR",
    "verify": "VARCHAR",
    "assignee": "VARCHAR",
}


def prepare(engine: Engine, matching: Matching, responses: Mapping[Asked, Response] | None = None) -> None:
    """`parts` and `messages`: what the gates ask of each part and each of its messages. responses: what best hours hang on."""
    numbers = {campaign.name: number for number, campaign in enumerate(matching.program.campaigns)}
    best = numbered(matching.parts)
    parts = [
        (
            p,
            numbers[part.campaign.name],
            part.campaign.name,
            part.step,
            part.kind,
            part.campaign.priority,
            part.campaign.expire,
            part.confirm.channel if part.confirm else None,
            best[question] if (question := asked(part.campaign, part.window)) else None,
            usual(responses or {}, part),
            int(part.campaign.holdout * BUCKETS) if part.is_entry and part.campaign.holdout else None,
            framed(holdout_salt(part.campaign.name)),
            framed(part.campaign.name, part.step),
            part.at,
            part.campaign.expire_at,
            part.window_at,
            part.campaign.at,
        )
        for p, part in enumerate(matching.parts)
    ]
    engine.insert("parts", _PARTS, parts)
    messages = [
        (p, m, one.channel, one.otherwise, one.must_confirm, one.must_confirm_at, one.at, one.verify, one.to)
        for p, part in enumerate(matching.parts)
        for m, one in enumerate(part.messages)
    ]
    engine.insert("messages", _MESSAGES, messages)


def pass_gates(engine: Engine, program: Program, matching: Matching, openings: Openings, at: int, until: int) -> None:
    """`gated`: every candidate with reason and rule of its first obstacle (NULL: none), the instant and local date, send_id."""
    reach(engine, program, matching, at)
    _slots(engine, matching, openings)
    _experiment(engine, program, matching, until)


def _slots(engine: Engine, matching: Matching, openings: Openings) -> None:
    """`slots`: for each part, zone, hour and instant that is asked about, the first opening from there on."""
    asked = exp.select("p", "zone", "after", "hour").distinct().from_(table("reached")).where("outcome IS NULL")
    columns = {"p": "INTEGER", "zone": "VARCHAR", "after": "BIGINT", "hour": "INTEGER", "at": "BIGINT", "day": "DATE"}
    names = [(part.campaign.name, part.step) for part in matching.parts]
    kernel = partial(_opened, openings, names)
    engine.mapped("slots", columns, asked.order_by("p", "zone", "after", "hour"), kernel)


def _opened(openings: Openings, names: list[tuple[str, str]], asked: Rows) -> Rows:
    for p, zone, after, hour in asked:
        found = openings.first(Slot(*names[p], hour), zone, instant(after))
        yield p, zone, after, hour, micros(found[0]) if found else None, found[1] if found else None


def _experiment(engine: Engine, program: Program, matching: Matching, until: int) -> None:
    opened, null = col("at", "s"), exp.null()
    none = either(exp.Is(this=col("at"), expression=null), exp.GTE(this=col("at"), expression=col("expiry")))
    later = exp.GTE(this=col("at"), expression=num(until))
    watched = both(
        exp.EQ(this=col("p"), expression=col("n")),  # an entry: whoever has entered goes on
        exp.NEQ(this=col("kind"), expression=text(SERVICE)),
        below(bucket(text(framed(CONTROL_SALT)), col("key")), program.brand.control),
    )
    # A salt is a column like the customer's key: one expression for all campaigns, asked of those that hold somebody out.
    drawn = exp.LT(this=bucket(col("salt"), col("key")), expression=col("holdout"))
    held = case([(exp.Is(this=col("holdout"), expression=null), exp.false())], drawn)
    stopped = negated(exp.Is(this=col("was"), expression=null))
    blocked = negated(exp.Is(this=col("blocked"), expression=null))
    open_ = [exp.Is(this=col("outcome", "k"), expression=null), negated(exp.Is(this=opened.copy(), expression=null))]
    block = case([(both(*open_), _blocked(program, matching))], null)
    tests: list[Obstacle] = [
        (stopped, col("was"), col("why"), col("by")),
        (none, text("expired"), text("no_opening"), col("window_at")),
        (later, text("deferred"), text("horizon"), col("window_at")),
        (blocked, text("suppressed"), text("blocked"), col("blocked")),
        (watched, text("control"), text("global"), col("campaign_at")),
        (paren(held), text("control"), text("holdout"), col("campaign_at")),
    ]
    renamed = [named(col(old, "k"), new) for old, new in (("outcome", "was"), ("reason", "why"), ("rule", "by"))]
    query = exp.select("k.* EXCLUDE (outcome, reason, rule, after)", *renamed, "s.day", named(opened.copy(), "at"))
    query = query.select(*(col(name, "y") for name in _ASKED), copy=False)
    query = query.select(named(cast(block, "VARCHAR"), "blocked"), copy=False)
    query = query.from_(table("reached", "k"), copy=False).join(table("parts", "y"), on="y.p = k.p", copy=False)
    same = "s.p = k.p AND s.zone = k.zone AND s.after = k.after AND s.hour IS NOT DISTINCT FROM k.hour"
    query = query.join(table("slots", "s"), on=same, join_type="left", copy=False)
    engine.view("scheduled", query)
    judged = exp.select("*", first_obstacle(test for test, *_ in tests)).from_(table("scheduled"), copy=False)
    key = [col(name) for name in ("framed", "key", "occurrence")]
    confirmation = send_id(*(one.copy() for one in key), col("confirm"), "confirmation")
    gated = exp.select(f"* EXCLUDE (was, why, by, blocked, stopped, {', '.join(_ASKED)})", *told(tests))
    gated = gated.select(
        named(_where(exp.Is(this=col("stopped"), expression=null), send_id(*key, col("way"), "message")), "send_id"),
        named(_where(negated(exp.Is(this=col("confirm"), expression=null)), confirmation), "confirm_id"),
        *(named(matching.then(when, col("day")), f"q{at}") for at, when in enumerate(matching.dated)),
        copy=False,
    )
    engine.create("gated", gated.from_(judged.subquery("j", copy=False), copy=False))
    engine.drop("scheduled", "reached")


def _where(test: exp.Expr, value: exp.Expr) -> exp.Expr:
    """Identities are digests, which cost: they are made where they are needed."""
    return cast(case([(test, value)], exp.null()), "VARCHAR")


def _blocked(program: Program, matching: Matching) -> exp.Expr:
    """The first `block` of the policy that holds on the local date."""
    policies = {policy.name: policy for policy in program.policies}

    def answer(part: Part) -> exp.Expr | None:
        blocks = [one for one in policies[part.campaign.policy].blocks if part.kind in one.block.kinds]
        tests = [(matching.then(one.block.when, col("day", "s")), text(one.at)) for one in blocks]
        return case(tests) if tests else None

    return by_part(matching.parts, answer)
