"""The final texts, how many segments they take, and whether a variable has completed a banned word."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from sqlglot import exp

from dsl.program.ir import CampaignSpec, Fact, PolicySpec, Program
from dsl.render.segments import BASIC, EXTENDED, segments
from dsl.templates import copy
from dsl.templates.fold import fold, texts
from dsl.templates.read import read
from dsl.words import banned
from runtime.engines.base import Engine
from runtime.relational.copy import Copy
from runtime.relational.identity import link_code
from runtime.relational.sql import case, cast, col, concat, num, some, table, text, union

# Characters whose length in segments an expression can tell: the rest is counted one by one in Python.
_BASIC = "^[" + "".join(f"\\x{{{ord(char):x}}}" for char in BASIC) + "]*$"
_ASTRAL = r"[\x{10000}-\x{10ffff}]"
_GSM = frozenset(BASIC + EXTENDED)


def render(engine: Engine, program: Program, source: str) -> None:
    """`texts`: r, text, segments and, where the final text is refused, reason and rule. `source` has r, n, send_id, f_…"""
    pieces = []
    for number, message in engine.rows(exp.select("n", "m").distinct().from_(table(source)).order_by("n", "m")):
        pieces.append(_campaign(program, program.campaigns[number], number, message, source))
    empty = {"r": "BIGINT", "n": "INTEGER", "text": "VARCHAR", "segments": "INTEGER", "suspect": "BOOLEAN"}
    if pieces:
        engine.create("rendered", union(pieces))
    else:
        engine.insert("rendered", empty, [])
    _count(engine)
    _look(engine, program)
    _conclude(engine, program)


def parts(program: Program, campaign: CampaignSpec, message: int) -> tuple[copy.Part, ...]:
    """The campaign's copy with everything filled in that all its messages share."""
    found, refused = read(campaign.messages[message].template)
    assert refused is None, refused
    return fold(found, constants(program, campaign))


def constants(program: Program, campaign: CampaignSpec) -> dict[copy.Path, Any]:
    found: dict[copy.Path, Any] = {
        ("campaign", "begins"): campaign.begins,
        ("campaign", "ends"): campaign.ends,
        ("campaign", "name"): campaign.title,
        ("brand", "name"): program.brand.title,
    }
    product = next((one for one in program.products if one.name == campaign.product), None)
    if product:
        found[("product", "name")] = product.title
        found |= {("product", name): _fact(fact) for name, fact in product.facts.items()}
    return found


def _fact(fact: Fact) -> Any:
    read: Callable[[str], Any] = {"text": str, "length": int}.get(fact.base, Decimal)
    values = tuple(read(value) for value in fact.values)
    return values[0] if len(values) == 1 else values


def _campaign(program: Program, campaign: CampaignSpec, number: int, message: int, source: str) -> exp.Select:
    folded = parts(program, campaign, message)
    fields = {spec.name: spec for spec in program.customer}
    before, _, after = (program.brand.link or "").partition("{{ code }}")
    link = exp.paren(concat([text(before), link_code(col("send_id")), text(after)]))
    shown = Copy(fields, link).text(folded)
    policy = next(one for one in program.policies if one.name == campaign.policy)
    inner = exp.select(col("r"), col("n"), exp.alias_(cast(shown, "VARCHAR"), "text"))
    mine = exp.and_(exp.EQ(this=col("n"), expression=num(number)), exp.EQ(this=col("m"), expression=num(message)))
    inner = inner.from_(table(source)).where(mine)
    columns = [exp.alias_(_segments(folded), "segments"), exp.alias_(_suspect(policy, folded), "suspect")]
    return exp.select(col("r"), col("n"), col("text"), *columns).from_(inner.subquery("t"))


def _segments(folded: tuple[copy.Part, ...]) -> exp.Expr:
    """How many segments a text takes; NULL where characters of two units decide, which Python counts."""
    length = exp.Length(this=col("text"))
    pairs = []
    always = "".join(part.text for part in folded if isinstance(part, copy.Text))
    if set(always) <= _GSM:
        plain = exp.RegexpLike(this=col("text"), expression=text(_BASIC))
        pairs.append((plain, _fill(length, 160, 153)))
        pairs.append((exp.RegexpLike(this=col("text"), expression=text(r"[\^{}\\\[~\]|€\f]")), exp.null()))
    pairs.append((exp.RegexpLike(this=col("text"), expression=text(_ASTRAL)), exp.null()))
    return cast(case(pairs, _fill(length, 70, 67)), "INTEGER")


def _fill(length: exp.Expr, alone: int, joined: int) -> exp.Expr:
    several = exp.IntDiv(
        this=exp.paren(exp.Add(this=length.copy(), expression=num(joined - 1))), expression=num(joined)
    )
    return case([(exp.LTE(this=length.copy(), expression=num(alone)), num(1))], several)


def _suspect(policy: PolicySpec, folded: tuple[copy.Part, ...]) -> exp.Expr:
    """Whether a banned word stands in the text more often than in its fixed parts, which the compiler has judged."""
    tests: list[exp.Expr] = []
    branching = any(isinstance(part, copy.Choice) for part in folded)
    for word in sorted({word for ban in policy.bans for word in ban.ban.words}):
        overlaps = any(word.endswith(word[:size]) for size in range(1, len(word)))
        fixed = 0 if branching or overlaps else sum(run.count(word) for run in texts(folded))
        gone = exp.Length(this=exp.func("REPLACE", col("text"), text(word), text("")))
        times = exp.paren(exp.Sub(this=exp.Length(this=col("text")), expression=gone))
        tests.append(exp.GT(this=times, expression=num(fixed * len(word))))
    return some(tests)


def _count(engine: Engine) -> None:
    """`counted`: the segments of texts that only a count by character can tell."""
    unknown = exp.select("r", "text").from_(table("rendered")).where("segments IS NULL").order_by("r")
    engine.insert(
        "counted", {"r": "BIGINT", "segments": "INTEGER"}, [(r, segments(shown)) for r, shown in engine.rows(unknown)]
    )


def _look(engine: Engine, program: Program) -> None:
    """`bans`: texts in which a banned word really stands outside of every allowed phrase, with the rule."""
    policies = {policy.name: policy for policy in program.policies}
    suspects = exp.select("r", "n", "text").from_(table("rendered")).where("suspect").order_by("r")
    found = []
    for r, number, shown in engine.rows(suspects):
        for spec in policies[program.campaigns[number].policy].bans:
            if any(banned(shown, spec.ban)):
                found.append((r, spec.at))
                break
    engine.insert("bans", {"r": "BIGINT", "rule": "VARCHAR"}, found)


def _conclude(engine: Engine, program: Program) -> None:
    policies = {policy.name: policy for policy in program.policies}
    limits = [
        (number, policy.limit, policy.limit_at)
        for number, campaign in enumerate(program.campaigns)
        if (policy := policies[campaign.policy]).limit is not None
    ]
    engine.insert("limits", {"n": "INTEGER", "most": "INTEGER", "rule": "VARCHAR"}, limits)
    taken = exp.Coalesce(this=col("segments", "t"), expressions=[col("segments", "k")])
    long = exp.GT(this=taken.copy(), expression=col("most", "l"))
    word = exp.not_(exp.Is(this=col("rule", "b"), expression=exp.null()))
    reason = case([(long, text("too_long")), (word, text("banned_word"))], exp.null())
    rule = case([(long.copy(), col("rule", "l")), (word.copy(), col("rule", "b"))], exp.null())
    query = exp.select(
        "t.r", "t.text", exp.alias_(taken, "segments"), exp.alias_(reason, "reason"), exp.alias_(rule, "rule")
    )
    query = query.from_(table("rendered", "t")).join(table("counted", "k"), on="k.r = t.r", join_type="left")
    query = query.join(table("limits", "l"), on="l.n = t.n", join_type="left")
    engine.create("texts", query.join(table("bans", "b"), on="b.r = t.r", join_type="left"))
