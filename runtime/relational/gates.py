"""The gates before caps: who can be reached, when, and who is only watched. Each candidate gets its first obstacle."""

from __future__ import annotations

from decimal import Decimal

from sqlglot import exp

from dsl.catalog import SERVICE
from dsl.identity import BUCKETS, CONTROL_SALT, arm_salt, holdout_salt
from dsl.program.ir import Program
from runtime.engines.base import Engine
from runtime.openings import Openings, Slot
from runtime.outcomes import STEP
from runtime.relational.identity import bucket, send_id
from runtime.relational.match import OPTED_OUT, Matching
from runtime.relational.sql import case, cast, col, instant, micros, num, sure, table, text

_PLACES = ("start_at", "expire_at", "window_at", "at")
_CAMPAIGNS = {
    "n": "INTEGER",
    "campaign": "VARCHAR",
    "kind": "VARCHAR",
    "channel": "VARCHAR",
    "priority": "INTEGER",
    "expire": "BIGINT",
    **dict.fromkeys(_PLACES, "VARCHAR"),
}


def pass_gates(engine: Engine, program: Program, matching: Matching, openings: Openings, at: int, until: int) -> None:
    """`gated`: every candidate with reason and rule of its first obstacle (NULL: none), the instant and local date, send_id."""
    _campaigns(engine, program)
    _reach(engine, program, matching, at)
    _slots(engine, program, openings)
    _experiment(engine, program, matching, until)


def _campaigns(engine: Engine, program: Program) -> None:
    rows = [
        (
            number,
            one.name,
            one.kind,
            one.messages[0].channel,
            one.priority,
            one.expire,
            one.start_at,
            one.expire_at,
            one.window_at,
            one.at,
        )
        for number, one in enumerate(program.campaigns)
    ]
    engine.insert("campaigns", _CAMPAIGNS, rows)


def _reach(engine: Engine, program: Program, matching: Matching, at: int) -> None:
    """`reached`: r (a number for each candidate), the customer's columns, and the first obstacle up to reachability."""
    lacking = _lacking_consent(program)
    expiry = exp.Least(
        this=exp.Coalesce(
            this=exp.paren(exp.Add(this=col("started", "k"), expression=col("expire", "p"))),
            expressions=[col("end", "u")],
        ),
        expressions=[col("end", "u")],
    )
    null = exp.null()
    tests: list[tuple[exp.Expr, str, str, exp.Expr]] = [
        (exp.not_(exp.Is(this=col("left_rule", "k"), expression=null)), "expired", "left", col("left_rule", "k")),
        (exp.GTE(this=num(at), expression=expiry), "expired", "late", col("expire_at", "p")),
        (exp.not_(exp.Is(this=lacking, expression=null)), "suppressed", "no_consent", lacking),
        (matching.features.aggregate(OPTED_OUT), "suppressed", "opted_out", col("at", "p")),
        (exp.Is(this=col("phone", "w"), expression=null), "suppressed", "no_address", col("at", "p")),
        (exp.not_(col("owner", "w")), "suppressed", "duplicate_address", col("at", "p")),
    ]
    own = [exp.alias_(col(f"f_{spec.name}", "w"), f"f_{spec.name}") for spec in program.customer]
    query = exp.select(
        exp.alias_(exp.cast("row_number() OVER ()", "BIGINT"), "r"),
        col("n", "k"),
        col("key", "w"),
        col("zone", "w"),
        col("phone", "w"),
        col("occurrence", "k"),
        col("started", "k"),
        exp.alias_(expiry.copy(), "expiry"),
        exp.alias_(exp.Greatest(this=col("started", "k"), expressions=[num(at)]), "after"),
        *own,
        exp.alias_(case((test.copy(), text(outcome)) for test, outcome, _, _ in tests), "outcome"),
        exp.alias_(case((test.copy(), text(reason)) for test, _, reason, _ in tests), "reason"),
        exp.alias_(case((test.copy(), rule.copy()) for test, _, _, rule in tests), "rule"),
        *(col(f"w{at}", "w") for at in range(matching.features.words)),
        exp.alias_(col("arm", "w"), "arm"),
        exp.alias_(_chosen(program, matching), "m"),
    ).from_(table("candidates", "k"))
    query = query.join(_armed(program, matching).subquery("w"), on="w.id = k.id AND w.arm_of = k.n")
    query = query.join(table("campaigns", "p"), on="p.n = k.n")
    engine.create("reached", query.join(table("runs", "u"), on="u.n = k.n AND u.zone = w.zone"))


def _lacking_consent(program: Program) -> exp.Expr:
    """The source line of the first consent that the campaign's policy requires and the customer has not given."""
    policies = {policy.name: policy for policy in program.policies}
    several = []
    for number, campaign in enumerate(program.campaigns):
        stated = policies[campaign.policy].consents
        needed = [one for one in stated if campaign.sensitive or not one.sensitive]
        consents = [one for one in needed if campaign.kind not in one.exempt]
        if consents:
            given = [(exp.not_(sure(col(f"f_{one.field}", "w"))), text(one.at)) for one in consents]
            several.append((exp.EQ(this=col("n", "k"), expression=num(number)), exp.paren(case(given))))
    return cast(exp.paren(case(several)) if several else exp.null(), "VARCHAR")


def _armed(program: Program, matching: Matching) -> exp.Select:
    """What is known of each candidate's customer, with the arm that the campaign (`arm_of`) has for them."""
    arms = []
    for number, campaign in enumerate(program.campaigns):
        if campaign.arms:
            drawn, end, pairs = bucket(arm_salt(campaign.name), col("key", "w")), Decimal(0), []
            for arm in campaign.arms:
                end += arm.share
                pairs.append((_below(drawn.copy(), end), text(arm.name)))
            arms.append((exp.EQ(this=col("n", "k"), expression=num(number)), exp.paren(case(pairs))))
    own = cast(case(arms) if arms else exp.null(), "VARCHAR")
    query = exp.select("w.*", exp.alias_(col("n", "k"), "arm_of"), exp.alias_(own, "arm"))
    query = query.from_(matching.wide().subquery("w"))
    return query.join(exp.select("id", "n").distinct().from_(table("candidates")).subquery("k"), on="k.id = w.id")


def _chosen(program: Program, matching: Matching) -> exp.Expr:
    """The number of the message: the first whose condition holds, else the one without."""
    several = []
    for number, campaign in enumerate(program.campaigns):
        fallback = next(at for at, message in enumerate(campaign.messages) if message.when is None)
        tests = [(matching.test(one.when), num(at)) for at, one in enumerate(campaign.messages) if one.when is not None]
        several.append((exp.EQ(this=col("n", "k"), expression=num(number)), exp.paren(case(tests, num(fallback)))))
    return cast(case(several, num(0)), "INTEGER")


def _slots(engine: Engine, program: Program, openings: Openings) -> None:
    """`slots`: for each campaign, zone and instant that is asked about, the first opening from there on."""
    asked = exp.select("n", "zone", "after").distinct().from_(table("reached")).where("outcome IS NULL")
    rows = []
    for number, zone, after in engine.rows(asked.order_by("n", "zone", "after")):
        found = openings.first(Slot(program.campaigns[number].name), zone, instant(after))
        rows.append((number, zone, after, micros(found[0]) if found else None, found[1] if found else None))
    columns = {"n": "INTEGER", "zone": "VARCHAR", "after": "BIGINT", "at": "BIGINT", "day": "DATE"}
    engine.insert("slots", columns, rows)


def _experiment(engine: Engine, program: Program, matching: Matching, until: int) -> None:
    none = exp.or_(
        exp.Is(this=col("at", "s"), expression=exp.null()), exp.GTE(this=col("at", "s"), expression=col("expiry", "r"))
    )
    later = exp.GTE(this=col("at", "s"), expression=num(until))
    watched = exp.and_(
        exp.NEQ(this=col("kind", "p"), expression=text(SERVICE)),
        _below(bucket(CONTROL_SALT, col("key", "r")), program.brand.control),
    )
    held = [
        (
            exp.EQ(this=col("n", "r"), expression=num(n)),
            _below(bucket(holdout_salt(one.name), col("key", "r")), one.holdout),
        )
        for n, one in enumerate(program.campaigns)
        if one.holdout
    ]
    open_ = exp.Is(this=col("outcome", "r"), expression=exp.null())
    tests: list[tuple[exp.Expr, ...]] = [
        (exp.not_(open_), col("outcome", "r"), col("reason", "r"), col("rule", "r")),
        (none, text("expired"), text("no_opening"), col("window_at", "p")),
        (later, text("deferred"), text("horizon"), col("window_at", "p")),
        *_blocks(program, matching),
        (watched, text("control"), text("global"), col("at", "p")),
        (exp.paren(case(held, exp.false())), text("control"), text("holdout"), col("at", "p")),
    ]
    identity = send_id(
        col("campaign", "p"), STEP, col("key", "r"), col("occurrence", "r"), col("channel", "p"), "message"
    )
    query = exp.select(
        "r.* EXCLUDE (outcome, reason, rule)", "p.campaign", "p.kind", "p.channel", "p.priority", "p.start_at", "s.day"
    )
    query = query.select(exp.alias_(col("at", "s"), "at"), exp.alias_(identity, "send_id"))
    dated = [exp.alias_(matching.then(when, col("day", "s")), f"q{at}") for at, when in enumerate(matching.dated)]
    query = query.select(*dated)
    names = ("outcome", "reason", "rule")
    query = query.select(
        *(exp.alias_(case((t[0].copy(), t[at].copy()) for t in tests), name) for at, name in enumerate(names, 1))
    )
    query = query.from_(table("reached", "r")).join(table("campaigns", "p"), on="p.n = r.n")
    same = "s.n = r.n AND s.zone = r.zone AND s.after = r.after"
    engine.create("gated", query.join(table("slots", "s"), on=same, join_type="left"))


def _blocks(program: Program, matching: Matching) -> list[tuple[exp.Expr, ...]]:
    policies = {policy.name: policy for policy in program.policies}
    found: list[tuple[exp.Expr, ...]] = []
    for number, campaign in enumerate(program.campaigns):
        for spec in policies[campaign.policy].blocks:
            if campaign.kind in spec.block.kinds:
                mine = exp.EQ(this=col("n", "r"), expression=num(number))
                held = exp.and_(mine, matching.then(spec.block.when, col("day", "s")))
                found.append((held, text("suppressed"), text("blocked"), text(spec.at)))
    return found


def _below(number: exp.Expr, share: Decimal) -> exp.Expr:
    return exp.LT(this=number, expression=num(int(share * BUCKETS)))
