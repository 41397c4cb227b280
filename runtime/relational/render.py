"""The final texts, how many segments they take, and whether a variable has completed a banned word."""

from __future__ import annotations

from sqlglot import exp

from dsl.program.ir import Program
from dsl.program.judged import bans_of
from dsl.program.parts import Part
from dsl.render.segments import BASIC, EXTENDED
from dsl.templates import copy
from runtime.engines.base import Engine
from runtime.relational.copy import Copy
from runtime.relational.folded import Folded, folded, shown, templates
from runtime.relational.identity import link_code
from runtime.relational.links import holds
from runtime.relational.lookup import Lookup
from runtime.relational.match import Matching
from runtime.relational.refusable import urgent
from runtime.relational.refused import APART, ASTRAL, conclude, count, look
from runtime.relational.rich import card_and_buttons, guard
from runtime.relational.sql import (
    both,
    call,
    case,
    cast,
    col,
    concat,
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
from runtime.relational.variables import CODE, CONFIRM_CODE, CONFIRM_LINK, LINK, Variables, of

# Characters whose length in segments an expression can tell: the rest is counted one by one in Python.
_BASIC = "^[" + "".join(f"\\x{{{ord(char):x}}}" for char in BASIC) + "]*$"
_GSM = frozenset(BASIC + EXTENDED)
# `beside`: the words of the card; `sized`: whether segments are counted, which are missing where only Python can tell.
_RENDERED = {
    "r": "BIGINT",
    "p": "INTEGER",
    "day": "DATE",
    "sized": "BOOLEAN",
    **dict.fromkeys(("text", "rich", "beside", "confirm_text", "guard", CODE, CONFIRM_CODE), "VARCHAR"),
    "segments": "INTEGER",
    "suspect": "BOOLEAN",
}


class Rendering:
    """`texts`: r, what is said, how many segments it takes, the codes of its links, and what it is refused for: reason and rule;
    `unfit`: r, reason and rule of those that are refused.

    First of those that caps, budgets and paces have to know; then of the rest of what is sent, which nothing refuses.
    `source` has the columns of `gated`.
    """

    def __init__(self, engine: Engine, program: Program, matching: Matching, source: str) -> None:
        self.engine, self.program, self.matching = engine, program, matching
        pairs = engine.rows(exp.select("p", "m").distinct().from_(table(source)).order_by("p", "m"))
        self.variables = Variables(
            {("customer", spec.name): (col(f"f_{spec.name}"), spec.base) for spec in program.customer}
        )
        for p, m in pairs:
            self.variables.collect(p, _said(program, matching.parts[p], m))
        self.parts = {p for p, _ in pairs}
        self.linked = {p for p, m in pairs if _linked(program, matching.parts[p], m)}
        self.variables.build(engine, source, (p for p, _ in pairs))
        urgent(engine, program, matching.parts, pairs, self.variables)
        self._write("urgent")
        engine.create("texts", conclude(self.program, self.matching))
        engine.create("unfit", exp.select("r", "reason", "rule").from_(table("texts")).where("reason IS NOT NULL"))

    def rest(self, sent: exp.Select) -> None:
        """Of what is sent, the texts that are not written out yet. sent: r. Then nobody asks for what they are made of."""
        self._rest(sent)
        self.engine.drop(*("variables", "written", "rendered", "counted", "bans", "late", "early_texts"))

    def _rest(self, sent: exp.Select) -> None:
        early = exp.In(this=col("r"), query=exp.select("r").from_(table("urgent")).subquery())
        self.engine.create("late", exp.select("r").from_(sent.subquery("s")).where(negated(early)))
        if not self.engine.rows(exp.select("1").from_(table("late")).limit(1)):
            return
        self._write("late")
        concluded = conclude(self.program, self.matching)
        self.engine.rename("texts", "early_texts")  # the fewer: they are copied, and not what is written now
        self.engine.create("texts", concluded)
        refused = self.engine.rows(exp.select("r").from_(table("texts")).where("reason IS NOT NULL").limit(1))
        if refused:
            raise AssertionError("a text is refused that nothing should refuse: the run is wrong")
        self.engine.append("texts", exp.select("*").from_(table("early_texts")))

    def _write(self, which: str) -> None:
        """`rendered`, `counted` and `bans` of the rows of a table."""
        engine, program, matching = self.engine, self.program, self.matching
        mine = exp.In(this=col("r"), query=exp.select("r").from_(table(which)).subquery())
        ids = {CODE: "send_id", CONFIRM_CODE: "confirm_id"}
        codes = (named(cast(of(_code(id), self.linked, self.parts), "VARCHAR"), name) for name, id in ids.items())
        shown = exp.select("variables.*", *codes).from_(table("variables"))
        engine.create("written", shown.join(table("link_key"), join_type="cross").where(mine))
        pairs = engine.rows(exp.select("p", "m").distinct().from_(table("written")).order_by("p", "m"))
        pieces = [
            _message(program, matching.parts[p], m, matching.lookup, self.variables, _rows(program, p, m))
            for p, m in pairs
        ]
        if pieces:
            engine.create("rendered", union(pieces))
        else:
            engine.insert("rendered", _RENDERED, [])
        count(engine)
        look(engine, program, matching)


def _rows(program: Program, p: int, m: int) -> exp.Select:
    """With the addresses behind the links of the message and of its confirmation."""
    mine = both(exp.EQ(this=col("p"), expression=num(p)), exp.EQ(this=col("m"), expression=num(m)))
    before, _, after = (program.brand.link or "").partition("{{ code }}")
    links = (
        named(concat([text(before), col(code), text(after)]), name)
        for name, code in ((LINK, CODE), (CONFIRM_LINK, CONFIRM_CODE))
    )
    return exp.select("*", *links).from_(table("written")).where(mine)


def _code(send: str) -> exp.Expr:
    return paren(case([(exp.Is(this=col(send), expression=exp.null()), exp.null())], link_code(col(send), "0")))


def _linked(program: Program, part: Part, m: int) -> bool:
    """Whether a message says its link, or one of its buttons opens it."""
    button = any(one.action == "link" for one in part.messages[m].suggestions)
    return button or any(one.path == (LINK,) for one in shown(_said(program, part, m)))


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
        case([(by_card.copy(), call("concat_ws", call("chr", num(APART)), *words))], exp.null())
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
    inner = inner.select(*map(col, (CODE, CONFIRM_CODE)), copy=False)
    inner = inner.from_(rows.subquery("t", copy=False), copy=False)
    inner = lookup.joined(inner, _said(program, part, m), campaign.product)
    size = case([(col("sized"), _segments(own))], exp.null())
    address, codes = (
        program.brand.link if _linked(program, part, m) else None,
        {CODE: ("text", "rich"), CONFIRM_CODE: ("confirm_text",)},
    )
    columns = [named(cast(size, "INTEGER"), "segments")]
    columns += [
        named(cast(case([(holds(address, col(code), said), col(code))]) if address else exp.null(), "VARCHAR"), code)
        for code, said in codes.items()
    ]
    plain = (col(name) for name in _RENDERED if name not in ("segments", *codes))
    return exp.select(*plain, *columns).from_(inner.subquery("t", copy=False), copy=False)


def _whole(words: exp.Expr) -> exp.Expr:
    """Words of a card as they are looked through: what parts them from others is read as another separator in them."""
    return exp.func("REPLACE", words, call("chr", num(APART)), call("chr", num(APART - 1)))


def _segments(parts: Folded) -> exp.Expr:
    """How many segments a text takes; NULL where characters of two units decide, which Python counts."""
    length = exp.Length(this=col("text"))
    pairs = []
    always = "".join(part.text for part in parts if isinstance(part, copy.Text))
    if set(always) <= _GSM:
        plain = exp.RegexpLike(this=col("text"), expression=text(_BASIC))
        pairs.append((plain, _fill(length, 160, 153)))
        pairs.append((exp.RegexpLike(this=col("text"), expression=text(r"[\^{}\\\[~\]|€\f]")), exp.null()))
    pairs.append((exp.RegexpLike(this=col("text"), expression=text(ASTRAL)), exp.null()))
    return cast(case(pairs, _fill(length, 70, 67)), "INTEGER")


def _fill(length: exp.Expr, alone: int, joined: int) -> exp.Expr:
    several = exp.IntDiv(this=paren(exp.Add(this=length.copy(), expression=num(joined - 1))), expression=num(joined))
    return case([(exp.LTE(this=length.copy(), expression=num(alone)), num(1))], several)
