"""What follows an entry: the steps that are due, and the replies that want an answer."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import partial

from sqlglot import exp

from dsl.catalog import REPLY_EVENT, TO_PHONES, answer
from dsl.program.parts import Part
from runtime.engines.base import Engine, Rows
from runtime.outcomes import FINAL, STEP
from runtime.relational.candidates import COLUMNS
from runtime.relational.match import Matching
from runtime.relational.sql import case, col, either, every, named, negated, num, paren, table, text

_FINAL = ", ".join(f"'{name}'" for name in sorted(FINAL))


def entered_before(engine: Engine) -> None:
    """`entered`: the entries that the ledger has sent: n, id, occurrence, when it started and was sent."""
    query = (
        exp.select("k.n", "c.id", "d.occurrence", "d.started_at AS started", "d.at")
        .from_(table("decisions", "d"))
        .join(table("names", "k"), on="k.campaign = d.campaign")
    )
    query = query.join(table("customers", "c"), on="c.key = d.customer")
    engine.create("entered", query.where(f"d.step = '{STEP}' AND d.outcome = 'send' AND d.at IS NOT NULL"))


def entered_now(engine: Engine, campaigns: Iterable[int]) -> None:
    """The same of the entries that this run sends, from its first pass. campaigns: the numbers of those that have steps."""
    shown = ["n", "id", "occurrence", "started", "sent_at AS at"]
    mine = exp.In(this=col("n"), expressions=[num(n) for n in campaigns])
    engine.create("entered", exp.select(*shown).from_(table("ended")).where("o = 'send' AND p = n", mine))


def steps(engine: Engine, matching: Matching, at: int, until: int) -> exp.Query | None:
    """The steps that are candidates after `entered`, in candidates.COLUMNS; None where no campaign has any."""
    several = [(number, part) for number, part in enumerate(matching.parts) if _is_step(part)]
    if not several:
        return None
    numbers = {campaign.name: number for number, campaign in enumerate(matching.program.campaigns)}
    rows = [
        (p, numbers[part.campaign.name], part.campaign.name, part.step, part.after, part.campaign.expire)
        for p, part in several
    ]
    columns = {"p": "INTEGER", "n": "INTEGER", "campaign": "VARCHAR", "step": "VARCHAR"}
    engine.insert("steps", {**columns, "after": "BIGINT", "expire": "BIGINT"}, rows)
    due = "(e.at + t.after)"
    begun = [f"COALESCE(d.started_at, {due}) AS started", "e.started AS entered", "e.at AS since"]
    query = exp.select("t.p", "t.n", "e.id", "e.occurrence", *begun, "d.customer IS NOT NULL AS open")
    query = query.from_(table("entered", "e")).join(table("steps", "t"), on="t.n = e.n")
    query = query.join(table("customers", "c"), on="c.id = e.id")
    query = query.join(table("runs", "r"), on="r.n = e.n AND r.zone = c.zone")
    same = "d.campaign = t.campaign AND d.step = t.step AND d.customer = c.key AND d.occurrence = e.occurrence"
    query = query.join(table("decisions", "d"), on=same, join_type="left")
    live = f'(t.expire IS NULL OR {due} > {at} - t.expire) AND {due} < {until} AND {due} < r."end"'
    known = f"d.customer IS NOT NULL AND d.outcome NOT IN ({_FINAL})"
    engine.create("due", query.where(f"({known}) OR (d.customer IS NULL AND {live})"))
    # What the ledger holds open is decided anew, whatever its `if` says by now; the rest has to hold.
    pairs = [(exp.EQ(this=col("p", "d"), expression=num(p)), goes(matching, part, "d")) for p, part in several]
    held = either(col("open", "d"), paren(case(pairs, exp.false())))
    found = exp.select(*(col(name, "d") for name in COLUMNS)).from_(table("due", "d"))
    return found.join(matching.wide("due").subquery("w"), on="w.id = d.id").where(held)


def goes(matching: Matching, part: Part, source: str) -> exp.Expr:
    """Whether a step's `if` holds and its `unless` does not, since the send that it follows."""
    since = col("since", source)
    tests: list[exp.Expr] = []
    if part.provided is not None:
        tests.append(paren(matching.test(part.provided, since)))
    if part.unless is not None:
        tests.append(negated(paren(matching.test(part.unless, since))))
    return paren(every(tests))


def answers(engine: Engine, matching: Matching, at: int, until: int) -> exp.Query | None:
    """One answer for each text that a campaign answers, an open one before a new one, the earliest reply first."""
    several = [(p, part) for p, part in enumerate(matching.parts) if not part.is_entry and not _is_step(part)]
    if not several:
        return None
    wanted: dict[str, list[int]] = {}
    for p, part in several:
        wanted.setdefault(plain(part.step.removeprefix(answer(""))), []).append(p)
    numbers = {campaign.name: number for number, campaign in enumerate(matching.program.campaigns)}
    rows = [
        (p, numbers[part.campaign.name], part.campaign.name, part.step, part.campaign.expire) for p, part in several
    ]
    columns = {"p": "INTEGER", "n": "INTEGER", "campaign": "VARCHAR", "step": "VARCHAR", "expire": "BIGINT"}
    engine.insert("answers", columns, rows)
    source = table(f"event_{REPLY_EVENT}")
    texts = exp.select("p_text").distinct().from_(source.copy()).where(f"at <= {at} AND p_text IS NOT NULL")
    engine.mapped("said", {"p": "INTEGER", "raw": "VARCHAR"}, texts.order_by("p_text"), partial(_wanted, wanted))
    _answered(engine, at)
    known = "d.campaign = a.campaign AND d.step = a.step AND d.customer = c.key"
    open_ = exp.select("a.p", "a.n", "c.id", "d.occurrence", "d.started_at AS started", "true AS open")
    open_ = open_.from_(table("answers", "a")).join(
        table("decisions", "d"), on="d.campaign = a.campaign AND d.step = a.step"
    )
    open_ = open_.join(table("customers", "c"), on="c.key = d.customer").where(f"d.outcome NOT IN ({_FINAL})")
    new = exp.select("a.p", "a.n", "c.id", named(col("eid", "e"), "occurrence"), "e.at AS started", "false AS open")
    new = new.from_(table("answered", "e")).join(table("answers", "a"), on="a.p = e.p AND a.campaign = e.campaign")
    new = new.join(table("customers", "c"), on="c.id = e.id")
    new = new.join(table("runs", "r"), on="r.n = a.n AND r.zone = c.zone")
    new = new.join(table("decisions", "d"), on=f"{known} AND d.occurrence = e.eid", join_type="left")
    live = f'(a.expire IS NULL OR e.at > {at} - a.expire) AND e.at < {until} AND e.at < r."end"'
    both = exp.union(open_, new.where(f"d.customer IS NULL AND {live}"), distinct=False)
    first = "row_number() OVER (PARTITION BY p, id ORDER BY open DESC, started, occurrence) = 1"
    shown = ["p", "n", "id", "occurrence", "started", "started AS entered", "started AS since", "open"]
    return exp.select(*shown).from_(both.subquery("b")).qualify(first)


def _answered(engine: Engine, at: int) -> None:
    """`answered`: the replies that say a wanted text (p), each with the campaign of the latest message to a phone before it."""
    replies = exp.select("s.p", "e.id", "e.eid", "e.at", "c.key").from_(table(f"event_{REPLY_EVENT}", "e"))
    replies = replies.join(table("said", "s"), on="s.raw = e.p_text").join(table("customers", "c"), on="c.id = e.id")
    phones = exp.In(this=col("channel", "d"), expressions=[text(name) for name in TO_PHONES])
    query = exp.select("r.p", "r.id", "r.eid", "r.at", "d.campaign")
    query = query.from_(replies.where(f"e.at <= {at}").subquery("r"))
    query = query.join(table("decisions", "d"), on="d.customer = r.key AND d.at < r.at").where(
        "d.outcome = 'send'", phones
    )
    last = ", ".join(f"d.{name} DESC" for name in ("at", "campaign", "step", "occurrence"))
    engine.create("answered", query.qualify(f"row_number() OVER (PARTITION BY r.p, r.id, r.eid ORDER BY {last}) = 1"))


def _wanted(wanted: dict[str, list[int]], texts: Rows) -> Rows:
    """Each text that asks for an answer, with the answer's part."""
    return ((p, raw) for (raw,) in texts for p in wanted.get(plain(raw), ()))


def plain(said: str) -> str:
    """Width, case and blanks around a reply mean nothing."""
    return unicodedata.normalize("NFKC", said).strip().casefold()


def _is_step(part: Part) -> bool:
    return any(one.name == part.step for one in part.campaign.steps)
