"""What a text is refused for: the segments that it takes, its characters, and banned words outside of every excuse."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import partial

from sqlglot import exp

from dsl.lexicon import lexicon
from dsl.program.ir import BanSpec, Program
from dsl.program.judged import bans_of, judged, said
from dsl.render.segments import segments
from runtime.engines.base import Engine, Rows
from runtime.relational.match import Matching
from runtime.relational.sql import call, case, cast, col, day, every, named, negated, num, paren, table, text
from runtime.relational.variables import CODE, CONFIRM_CODE

ASTRAL = r"[\x{10000}-\x{10ffff}]"
APART = 31  # the unit separator: between the words of a card, where they are looked through
_FEW = 200  # texts that are read one by one sooner than all of them together


def count(engine: Engine) -> None:
    """`counted`: the segments of texts that only a count by character can tell."""
    unknown = exp.select("r", "text").from_(table("rendered")).where("sized AND segments IS NULL").order_by("r")
    engine.mapped("counted", {"r": "BIGINT", "segments": "INTEGER"}, unknown, _counted)


def _counted(texts: Rows) -> Rows:
    return ((r, segments(shown)) for r, shown in texts)


def look(engine: Engine, program: Program, matching: Matching) -> None:
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
    for r, p, sent, own, beside, echo in suspects:
        mine = by_bans.setdefault(bans[p], [])
        every = [own, *(beside or "").split(chr(APART)), echo or ""]
        mine += [(r, sent, judged(one, link)) for one in every if one]
    for held, rows in by_bans.items():
        yield from _breaking(held, rows)


def _breaking(bans: tuple[BanSpec, ...], rows: list[tuple[int, date, str]]) -> Iterator[tuple[int, str]]:
    """Each row that breaks a ban in force, with the rule of the first."""
    if len(rows) > _FEW:
        may = lexicon(tuple(spec.ban for spec in bans)).suspects([text for _, _, text in rows])
        rows = [rows[at] for at in may]
    first: dict[int, int] = {}
    for r, sent, words in rows:
        for number, _ in said(bans, words):
            if bans[number].in_force(sent):
                first[r] = min(number, first.get(r, number))
    return ((r, bans[number].at) for r, number in sorted(first.items()))


def conclude(program: Program, matching: Matching) -> exp.Select:
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
    shown = exp.select("r", "text", "rich", "confirm_text", "guard", "segments", CODE, CONFIRM_CODE)
    shown = shown.select(named(reason, "reason"), named(rule, "rule"))
    return shown.from_(judged.subquery("j"))


def _units() -> exp.Expr:
    """UTF-16 units of the text: characters, and one more for each that takes two."""
    long = call("regexp_replace", col("text"), text(ASTRAL.replace("[", "[^", 1)), text(""), text("g"))
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
