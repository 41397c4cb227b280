"""The final texts, how many segments they take, and whether a variable has completed a banned word."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import partial

from sqlglot import exp

from dsl.lexicon import lexicon
from dsl.program.ir import BanSpec, Program
from dsl.program.judged import bans_of, judged, said
from dsl.program.parts import Part
from dsl.render.segments import BASIC, EXTENDED, segments
from dsl.templates import copy
from runtime.engines.base import Engine, Rows
from runtime.relational.copy import Copy
from runtime.relational.folded import Folded, folded, templates
from runtime.relational.identity import link_code
from runtime.relational.lookup import Lookup
from runtime.relational.match import Matching
from runtime.relational.rich import card_and_buttons, guard
from runtime.relational.sql import (
    both,
    call,
    case,
    cast,
    col,
    concat,
    day,
    every,
    named,
    negated,
    num,
    paren,
    sure,
    table,
    text,
    union,
)
from runtime.relational.suspicion import suspicion
from runtime.relational.variables import CONFIRM_LINK, LINK, Variables

# Characters whose length in segments an expression can tell: the rest is counted one by one in Python.
_BASIC = "^[" + "".join(f"\\x{{{ord(char):x}}}" for char in BASIC) + "]*$"
_ASTRAL = r"[\x{10000}-\x{10ffff}]"
_GSM = frozenset(BASIC + EXTENDED)
_FEW = 200  # texts that are read one by one sooner than all of them together
_APART = 31  # the unit separator: between the words of a card, where they are looked through
# `beside`: the words of the card; `sized`: whether segments are counted, which are missing where only Python can tell.
_RENDERED = {
    "r": "BIGINT",
    "p": "INTEGER",
    "day": "DATE",
    "sized": "BOOLEAN",
    **dict.fromkeys(("text", "rich", "beside", "confirm_text", "guard"), "VARCHAR"),
    "segments": "INTEGER",
    "suspect": "BOOLEAN",
}


def render(engine: Engine, program: Program, matching: Matching, source: str) -> None:
    """`texts`: r, text, rich, confirm_text, guard, segments and, where what is said is refused, reason and rule.

    `source` has the columns of `gated`.
    """
    pairs = engine.rows(exp.select("p", "m").distinct().from_(table(source)).order_by("p", "m"))
    variables = Variables({("customer", spec.name): (col(f"f_{spec.name}"), spec.base) for spec in program.customer})
    for p, m in pairs:
        part = matching.parts[p]
        button = any(one.action == "link" for one in part.messages[m].suggestions)
        variables.collect(p, _said(program, part, m), button)
    variables.build(
        engine,
        source,
        {LINK: _link(program, "send_id"), CONFIRM_LINK: _link(program, "confirm_id")},
        (p for p, _ in pairs),
    )
    pieces = [_message(program, matching.parts[p], m, matching.lookup, variables, _rows(p, m)) for p, m in pairs]
    if pieces:
        engine.create("rendered", union(pieces))
    else:
        engine.insert("rendered", _RENDERED, [])
    _count(engine)
    _look(engine, program, matching)
    _conclude(engine, program, matching)


def _rows(p: int, m: int) -> exp.Select:
    mine = both(exp.EQ(this=col("p"), expression=num(p)), exp.EQ(this=col("m"), expression=num(m)))
    return exp.select("*").from_(table("variables")).where(mine)


def _link(program: Program, send: str) -> exp.Expr:
    """The address behind a message's or a confirmation's link."""
    before, _, after = (program.brand.link or "").partition("{{ code }}")
    shown = concat([text(before), link_code(col(send), "0"), text(after)])
    return paren(case([(exp.Is(this=col(send), expression=exp.null()), exp.null())], shown))


def _said(program: Program, part: Part, m: int) -> Folded:
    """Everything that a message says, with its card, its buttons and its confirmation."""
    written = [*templates(part.messages[m]), *([part.confirm.template] if part.confirm else [])]
    return tuple(one for template in written for one in folded(program, part.campaign, template))


def _message(
    program: Program, part: Part, m: int, lookup: Lookup, variables: Variables, rows: exp.Select
) -> exp.Select:
    """What one message of a part says to each of its customers: _RENDERED."""
    campaign, message = part.campaign, part.messages[m]
    held, given = {**variables.held, **lookup.held()}, variables.given() | lookup.given(campaign.product)
    link = col(LINK)

    def rendered(template: str, of: exp.Expr = link) -> exp.Expr:
        return cast(Copy(held, of, given).text(folded(program, campaign, template)), "VARCHAR")

    card = card_and_buttons(message, rendered, link) if message.channel == "rcs" or message.otherwise == "rcs" else None
    by_card = exp.EQ(this=col("channel"), expression=text("rcs"))
    rich = exp.null() if card is None else case([(by_card, card)], exp.null())
    words = [_whole(rendered(one)) for one in list(templates(message))[1:]] if card is not None else []
    beside = (
        case([(by_card.copy(), call("concat_ws", call("chr", num(_APART)), *words))], exp.null())
        if words
        else exp.null()
    )
    confirmed = negated(exp.Is(this=col("confirm"), expression=exp.null()))
    echo = (
        case([(confirmed, rendered(part.confirm.template, col(CONFIRM_LINK)))], exp.null())
        if part.confirm
        else exp.null()
    )
    sized = exp.In(this=text("sms"), expressions=[col("channel"), col("fallback")])
    asks = guard(part)
    shown = {
        "text": rendered(message.template),
        "rich": rich,
        "beside": beside,
        "confirm_text": echo,
        "guard": asks or exp.null(),
    }
    policy = next(one for one in program.policies if one.name == campaign.policy)
    own = folded(program, campaign, message.template)
    spoken = [folded(program, campaign, one) for one in templates(message)] if card is not None else [own]
    spoken += [folded(program, campaign, part.confirm.template)] if part.confirm else []
    suspect = suspicion(bans_of(policy, campaign), Copy(held, link, given), spoken)
    inner = exp.select(col("r"), col("p"), col("day"), named(sure(sized), "sized"))
    inner = inner.select(named(cast(suspect, "BOOLEAN"), "suspect"), copy=False)
    inner = inner.select(*(named(cast(value, "VARCHAR"), name) for name, value in shown.items()), copy=False)
    inner = inner.from_(rows.subquery("t", copy=False), copy=False)
    inner = lookup.joined(inner, _said(program, part, m), campaign.product)
    size = case([(col("sized"), _segments(own))], exp.null())
    columns = [named(cast(size, "INTEGER"), "segments")]
    plain = (col(name) for name in _RENDERED if name != "segments")
    return exp.select(*plain, *columns).from_(inner.subquery("t", copy=False), copy=False)


def _whole(words: exp.Expr) -> exp.Expr:
    """Words of a card as they are looked through: what parts them from others is read as another separator in them."""
    return exp.func("REPLACE", words, call("chr", num(_APART)), call("chr", num(_APART - 1)))


def _segments(parts: Folded) -> exp.Expr:
    """How many segments a text takes; NULL where characters of two units decide, which Python counts."""
    length = exp.Length(this=col("text"))
    pairs = []
    always = "".join(part.text for part in parts if isinstance(part, copy.Text))
    if set(always) <= _GSM:
        plain = exp.RegexpLike(this=col("text"), expression=text(_BASIC))
        pairs.append((plain, _fill(length, 160, 153)))
        pairs.append((exp.RegexpLike(this=col("text"), expression=text(r"[\^{}\\\[~\]|€\f]")), exp.null()))
    pairs.append((exp.RegexpLike(this=col("text"), expression=text(_ASTRAL)), exp.null()))
    return cast(case(pairs, _fill(length, 70, 67)), "INTEGER")


def _fill(length: exp.Expr, alone: int, joined: int) -> exp.Expr:
    several = exp.IntDiv(this=paren(exp.Add(this=length.copy(), expression=num(joined - 1))), expression=num(joined))
    return case([(exp.LTE(this=length.copy(), expression=num(alone)), num(1))], several)


def _count(engine: Engine) -> None:
    """`counted`: the segments of texts that only a count by character can tell."""
    unknown = exp.select("r", "text").from_(table("rendered")).where("sized AND segments IS NULL").order_by("r")
    engine.mapped("counted", {"r": "BIGINT", "segments": "INTEGER"}, unknown, _counted)


def _counted(texts: Rows) -> Rows:
    return ((r, segments(shown)) for r, shown in texts)


def _look(engine: Engine, program: Program, matching: Matching) -> None:
    """`bans`: what really says a banned word outside of every excuse, with the rule."""
    policies = {policy.name: policy for policy in program.policies}
    columns = ("r", "p", "day", "text", "beside", "confirm_text")
    suspects = exp.select(*columns).from_(table("rendered")).where("suspect").order_by("r")
    bans = [bans_of(policies[part.campaign.policy], part.campaign) for part in matching.parts]
    kernel = partial(_judged, bans, program.brand.link)
    engine.mapped("bans", {"r": "BIGINT", "rule": "VARCHAR"}, suspects, kernel)


def _judged(bans: list[tuple[BanSpec, ...]], link: str | None, suspects: Rows) -> Rows:
    """bans: by part."""
    by_bans: dict[tuple[BanSpec, ...], list[tuple[int, date, str]]] = {}
    for r, p, sent, shown, beside, echo in suspects:
        mine = by_bans.setdefault(bans[p], [])
        every = [shown, *(beside or "").split(chr(_APART)), echo or ""]
        mine += [(r, sent, judged(one, link)) for one in every if one]
    for held, rows in by_bans.items():
        yield from _breaking(held, rows)


def _breaking(bans: tuple[BanSpec, ...], rows: list[tuple[int, date, str]]) -> Iterator[tuple[int, str]]:
    """Each row that breaks a ban in force, with the rule of the first."""
    if len(rows) > _FEW:
        may = lexicon(tuple(spec.ban for spec in bans)).suspects([text for _, _, text in rows])
        rows = [rows[at] for at in may]
    first: dict[int, int] = {}
    for r, sent, shown in rows:
        for number, _ in said(bans, shown):
            if bans[number].in_force(sent):
                first[r] = min(number, first.get(r, number))
    return ((r, bans[number].at) for r, number in sorted(first.items()))


def _conclude(engine: Engine, program: Program, matching: Matching) -> None:
    taken = exp.Coalesce(this=col("segments", "t"), expressions=[col("segments", "k")])
    long = _too_long(program, matching)
    word = negated(exp.Is(this=col("rule", "b"), expression=exp.null()))
    there = [negated(exp.Is(this=col(name), expression=exp.null())) for name in ("long", "ban")]
    reason = case([(there[0], text("too_long")), (there[1], text("banned_word"))], exp.null())
    rule = exp.Coalesce(this=col("long"), expressions=[col("ban")])
    query = exp.select("t.* EXCLUDE (segments, suspect, sized, beside, day)", "t.day", named(taken, "segments"))
    query = query.select(named(case([(word, col("rule", "b"))], exp.null()), "ban"))
    query = query.from_(table("rendered", "t")).join(table("counted", "k"), on="k.r = t.r", join_type="left")
    query = query.join(table("bans", "b"), on="b.r = t.r", join_type="left")
    judged = exp.select("*", named(cast(long, "VARCHAR"), "long")).from_(query.subquery("q"))
    shown = exp.select("r", "text", "rich", "confirm_text", "guard", "segments")
    shown = shown.select(named(reason, "reason"), named(rule, "rule"))
    engine.create("texts", shown.from_(judged.subquery("j")))


def _units() -> exp.Expr:
    """UTF-16 units of the text: characters, and one more for each that takes two."""
    long = call("regexp_replace", col("text"), text(_ASTRAL.replace("[", "[^", 1)), text(""), text("g"))
    return paren(exp.Add(this=exp.Length(this=col("text")), expression=exp.Length(this=long)))


def _too_long(program: Program, matching: Matching) -> exp.Expr:
    """The line of the least limit in force on the day that the text does not keep."""
    policies = []
    for policy in program.policies:
        limits = [(one.segments, one.at, one.since, one.until) for one in policy.dated_limits]
        limits += [] if policy.limit is None else [(policy.limit, policy.limit_at, None, None)]
        mine = [p for p, part in enumerate(matching.parts) if part.campaign.policy == policy.name]
        tests = []
        for most, rule, since, until in sorted(limits, key=lambda one: one[:2]):
            held: list[exp.Expr] = [exp.GT(this=col("segments"), expression=num(most))]
            held += [exp.GTE(this=col("day"), expression=day(since))] if since is not None else []
            held += [exp.LTE(this=col("day"), expression=day(until))] if until is not None else []
            tests.append((every(held), text(rule)))
        for one in policy.lengths:
            held = [exp.GT(this=_units(), expression=num(one.characters))]
            # Where segments are not counted, nor are these.
            held += [negated(exp.Is(this=col("segments"), expression=exp.null()))]
            held += [exp.GTE(this=col("day"), expression=day(one.since))] if one.since is not None else []
            held += [exp.LTE(this=col("day"), expression=day(one.until))] if one.until is not None else []
            tests.append((every(held), text(one.at)))
        if mine and tests:
            policies.append((exp.In(this=col("p"), expressions=[num(p) for p in mine]), paren(case(tests))))
    return paren(case(policies, exp.null()))
