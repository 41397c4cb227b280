"""What is asked of each candidate (`k`) about its customer (`w`): whether they are still meant and agree, and their words."""

from __future__ import annotations

from decimal import Decimal

from sqlglot import exp

from dsl.identity import BUCKETS, arm_salt, framed
from dsl.program.ir import ConsentSpec, Program
from dsl.program.parts import Part
from runtime.relational import follow
from runtime.relational.cases import by_part
from runtime.relational.identity import bucket
from runtime.relational.match import Matching
from runtime.relational.sql import case, cast, col, day, every, named, negated, num, paren, sure, table, text


def left(matching: Matching) -> exp.Expr:
    """The line by which a customer is no longer meant: only what is open in the ledger can come here without its audience."""

    def answer(part: Part) -> exp.Expr | None:
        if part.is_entry:
            lines = [(negated(paren(matching.test(line.when))), text(line.at)) for line in part.campaign.audience]
            return case(lines) if lines else None
        if part.provided is None and part.unless is None:
            return None
        return case([(negated(follow.goes(matching, part, "k")), text(part.at))])

    return cast(case([(col("open", "k"), by_part(matching.parts, answer))], exp.null()), "VARCHAR")


def exited(matching: Matching) -> exp.Expr:
    """The first `exit when` that holds since the entry began."""

    def answer(part: Part) -> exp.Expr | None:
        lines = [(matching.test(line.when, col("entered", "k")), text(line.at)) for line in part.campaign.exits]
        return case(lines) if lines else None

    return by_part(matching.parts, answer)


def lacking_consent(program: Program, matching: Matching) -> exp.Expr:
    """The source line of the first consent that the policy requires of this campaign and kind and the customer has not given."""
    policies = {policy.name: policy for policy in program.policies}

    def answer(part: Part) -> exp.Expr | None:
        needed = [
            one for one in policies[part.campaign.policy].consents if part.campaign.sensitive or not one.sensitive
        ]
        asked = [one for one in needed if part.kind not in one.exempt]
        return case([(_refused(one), text(one.at)) for one in asked]) if asked else None

    return by_part(matching.parts, answer)


def _refused(consent: ConsentSpec) -> exp.Expr:
    today = col("today", "w")
    tests: list[exp.Expr] = [negated(sure(col(f"f_{consent.field}", "w")))]
    if consent.since is not None:
        tests.append(exp.GTE(this=today, expression=day(consent.since)))
    if consent.until is not None:
        tests.append(exp.LTE(this=today.copy(), expression=day(consent.until)))
    return every(tests)


def with_customers(matching: Matching) -> exp.Select:
    """Every candidate (`k`) with what is known of its customer (`w`) and the arm that its campaign has for them."""
    arms = []
    for number, campaign in enumerate(matching.program.campaigns):
        if campaign.arms:
            number_of, end, shares = bucket(text(framed(arm_salt(campaign.name))), col("key", "w")), Decimal(0), []
            for arm in campaign.arms:
                end += arm.share
                shares.append((below(number_of.copy(), end), text(arm.name)))
            arms.append((exp.EQ(this=col("n", "k"), expression=num(number)), paren(case(shares))))
    query = exp.select().from_(table("candidates", "k"), copy=False)
    wide = matching.wide("candidates")
    if not arms:  # nobody is drawn: each customer is looked up once, whatever campaigns they are candidates of
        plain = exp.select("*", named(cast(exp.null(), "VARCHAR"), "arm")).from_(wide.subquery("c", copy=False))
        return query.join(plain.subquery("w", copy=False), on="w.id = k.id", copy=False)
    drawn = exp.select("w.*", named(col("n", "k"), "arm_of"), named(cast(case(arms), "VARCHAR"), "arm"))
    pairs = exp.select("id", "n").distinct().from_(table("candidates")).subquery("k")
    drawn = drawn.from_(wide.subquery("w")).join(pairs, on="k.id = w.id")
    return query.join(drawn.subquery("w", copy=False), on="w.id = k.id AND w.arm_of = k.n", copy=False)


def chosen(matching: Matching) -> exp.Expr:
    """The number of the message: the first whose condition holds, else the one without."""

    def answer(part: Part) -> exp.Expr | None:
        fallback = next(m for m, message in enumerate(part.messages) if message.when is None)
        tests = [(matching.test(one.when), num(m)) for m, one in enumerate(part.messages) if one.when is not None]
        return case(tests, num(fallback)) if tests or fallback else None

    found = by_part(matching.parts, answer, "INTEGER")
    return exp.Coalesce(this=found, expressions=[num(0)])


def below(number: exp.Expr, share: Decimal) -> exp.Expr:
    """Whether a bucket lies in a share."""
    return exp.LT(this=number, expression=num(int(share * BUCKETS)))
