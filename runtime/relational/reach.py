"""Who is still meant, has agreed and can be reached; the first obstacle counts."""

from __future__ import annotations

from sqlglot import exp

from dsl.program.ir import Program
from runtime.engines.base import Engine
from runtime.relational import channels, known
from runtime.relational.cases import Obstacle, first_obstacle, told
from runtime.relational.match import OPTED_OUT, Matching
from runtime.relational.sql import both, case, cast, col, named, negated, num, paren, table, text

_OF_PARTS = ("expire", "expire_at", "campaign_at", "best", "usual")
_CARRIED = ("r", "p", "n", "m", "occurrence", "started", "entered", "since", "way", "confirm", "expiry")


def reach(engine: Engine, program: Program, matching: Matching, at: int, message: exp.Expr | None = None) -> None:
    """`reached`: r (the candidate's number), what is asked later of its customer, and the first obstacle up to reachability.

    What its part says of it stays in `parts`: there are many candidates and few parts.
    message: the number of each candidate `k`'s message, where it was chosen before.
    """
    kept = ["id", "key", "zone", "arm", *matching.later]
    flags = (f"f_{name}" for name in program.brand.reach.values())
    several = list(dict.fromkeys([*kept, "phone", "owner", *flags]))
    wide = _channelled(program, _wide(engine, program, matching, several, message))
    null, here = exp.null(), col("campaign_at")
    there = {name: negated(exp.Is(this=col(name), expression=null)) for name in ("left_rule", "exit_rule", "lacking")}
    unsure = both("must_confirm", exp.Is(this=col("confirm"), expression=null))
    expired, suppressed = text("expired"), text("suppressed")
    tests: list[Obstacle] = [
        (there["left_rule"], expired, text("left"), col("left_rule")),
        (there["exit_rule"], expired, text("exit"), col("exit_rule")),
        (exp.GTE(this=num(at), expression=col("expiry")), expired, text("late"), col("expire_at")),
        (there["lacking"], suppressed, text("no_consent"), col("lacking")),
        (col("opted_out"), suppressed, text("opted_out"), here),
        (exp.Is(this=col("way"), expression=null), suppressed, text("no_address"), here),
        (channels.shared(col("way")), suppressed, text("duplicate_address"), here),
        (unsure, suppressed, text("no_confirmation"), col("must_confirm_at")),
    ]
    judged = exp.select("*", first_obstacle(test for test, *_ in tests)).from_(
        wide.subquery("x", copy=False), copy=False
    )
    channel = exp.Coalesce(this=col("way"), expressions=[col("channel")])
    query = exp.select(
        *(col(name, "y") for name in (*_CARRIED, *kept, "fallback")),
        named(channel, "channel"),
        named(channels.recipient(channel.copy()), "recipient"),
        named(exp.Coalesce(this=col("hour", "h"), expressions=[col("usual", "y")]), "hour"),
        named(exp.Greatest(this=col("started"), expressions=[num(at)]), "after"),
        *told(tests),
    ).from_(judged.subquery("y", copy=False), copy=False)
    same = "h.best = y.best AND h.id = y.id"
    engine.create("reached", query.join(table("best_hours", "h"), on=same, join_type="left", copy=False))


def _wide(
    engine: Engine, program: Program, matching: Matching, kept: list[str], message: exp.Expr | None
) -> exp.Select:
    """Each candidate with what is known of its customer, its part, the message that is chosen, and its expiry."""
    # Only what the ledger holds open can have lost its audience: to ask it of every candidate would cost more than all else.
    opened = engine.rows(exp.select("1").from_(table("candidates")).where("open").limit(1))
    query = known.with_customers(matching).select(
        *("k.r", "k.p", "k.n", "k.occurrence", "k.started", "k.entered", "k.since"),
        *(col(name, "w") for name in kept),
        named(message if message is not None else known.chosen(matching), "m"),
        named(known.left(matching) if opened else cast(exp.null(), "VARCHAR"), "left_rule"),
        named(known.exited(matching), "exit_rule"),
        named(known.lacking_consent(program, matching), "lacking"),
        named(matching.features.aggregate(OPTED_OUT), "opted_out"),
        copy=False,
    )
    late = exp.Coalesce(this=paren(exp.Add(this=col("started"), expression=col("expire"))), expressions=[col("end")])
    wide = exp.select(
        *("k.*", "y.channel", "y.otherwise", "y.must_confirm", "y.must_confirm_at"),
        *(col(name, "p") for name in _OF_PARTS),
        named(col("confirm", "p"), "asked"),
        named(exp.Least(this=late, expressions=[col("end")]), "expiry"),
    )
    wide = wide.from_(query.subquery("k", copy=False), copy=False).join(table("parts", "p"), on="p.p = k.p", copy=False)
    wide = wide.join(table("messages", "y"), on="y.p = k.p AND y.m = k.m", copy=False)
    return wide.join(table("runs", "u"), on="u.n = k.n AND u.zone = k.zone", copy=False)


def _channelled(program: Program, wide: exp.Select) -> exp.Select:
    """With `way`, the first of the channels that reaches the customer, and what goes beside it: `fallback`, `confirm`."""
    null = exp.null()
    ways = [(channels.reaches(program, col(name)), col(name)) for name in ("channel", "otherwise")]
    confirm = case([(channels.meets(program, col("asked")), col("asked"))], null)
    other = both("way = channel", channels.meets(program, col("otherwise")))
    chosen = exp.select("*", named(cast(case(ways, null), "VARCHAR"), "way"))
    chosen = chosen.select(named(cast(confirm, "VARCHAR"), "confirm"), copy=False)
    chosen = chosen.from_(wide.subquery("x", copy=False), copy=False)
    fallback = named(cast(case([(other, col("otherwise"))], null), "VARCHAR"), "fallback")
    return exp.select("*", fallback).from_(chosen.subquery("x", copy=False), copy=False)
