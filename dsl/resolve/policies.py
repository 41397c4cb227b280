"""Policies."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from dsl import catalog
from dsl.model import Placed, Policy
from dsl.resolve.conditions import Conditions
from dsl.resolve.demands import demands
from dsl.resolve.notes import dated, note
from dsl.resolve.numbers import whole
from dsl.resolve.scope import Block as Statements
from dsl.resolve.scope import Scope
from dsl.resolve.starts import days_of
from dsl.resolve.windows import cap, kinds
from dsl.rules import names
from dsl.syntax import expr as ast
from dsl.syntax import tree
from dsl.terms import Ban, Block, Cap, Extra, Hours, Links, Quiet, Refusal

_REFUSALS = ("policy_characters", "policy_together", "policy_products")


def policy(scope: Scope, declaration: tree.Declaration, conditions: Conditions) -> Policy:
    assert declaration.name is not None
    block = Statements(scope, declaration, "policy_")
    _stated_once(scope, block)
    marks = block.one("policy_marks")
    for statement in (*block.all("policy_exempt"), *block.all("policy_extra"), *block.all("policy_marks")):
        note(scope, statement, binds=False)
    caps = [_cap(scope, statement, conditions) for statement in block.all("cap")]
    limits = [_limit(scope, statement) for statement in block.all("policy_limit")]
    extras = tuple(more for statement in block.all("policy_extra") if (more := _extra(scope, statement)))
    uncounted, unasked = (_exempt(scope, block, what) for what in ("CAP", "CONSENT"))
    required, consents = demands(scope, block, conditions.names.fields, unasked)
    bases = block.part("policy_extends")
    return Policy(
        declaration.name.text,
        str(declaration.title.value) if declaration.title else declaration.name.text,
        tuple(_quiet(scope, statement) for statement in block.all("policy_quiet")),
        required,
        consents,
        tuple(_ban(scope, statement) for statement in block.all("policy_ban")),
        tuple(one for one in limits if one is not None),
        tuple(replace(one, value=_with(one.value, uncounted, extras)) for one in caps if one is not None),
        _marks(marks),
        scope.place(declaration.name.span),
        tuple(one for statement in block.all("policy_block") if (one := _block(scope, statement, conditions))),
        tuple(Placed(base.text, scope.place(base.span)) for base in bases.items)
        if isinstance(bases, tree.Names)
        else (),
        marks is not None,
        _label(scope, block, "policy_jurisdiction"),
        _label(scope, block, "policy_vendor"),
        tuple(one for statement in block.all("policy_words") for one in _words(scope, statement)),
        tuple(most for statement in block.all("policy_longest") if (most := _limit(scope, statement)) is not None),
        tuple(_links(scope, one) for one in block.statements if one.kind in ("policy_links", "policy_unlinked")),
        tuple(_refusal(scope, one) for one in block.statements if one.kind in _REFUSALS),
        _records(scope, block),
    )


def _stated_once(scope: Scope, block: Statements) -> None:
    """Quiet hours of every day and limits: several only where each has dates of its own."""
    for kind in ("policy_quiet", "policy_limit", "policy_longest"):
        written = [one for one in block.all(kind) if not any(isinstance(part, tree.Days) for part in one.parts)]
        undated = [one for one in written if not any(part.kind in ("note_from", "note_until") for part in one.inner)]
        for again in undated[1:]:
            word = "limit" if kind == "policy_longest" else kind.removeprefix("policy_")
            scope.tell(names.stated_twice(scope.place(again.span), word, scope.place(undated[0].span)))


def _label(scope: Scope, block: Statements, kind: str) -> str:
    statement = block.one(kind)
    if statement is None:
        return ""
    note(scope, statement, binds=False)
    (text,) = statement.parts
    assert isinstance(text, ast.Literal)
    return str(text.value)


def _quiet(scope: Scope, statement: tree.Statement) -> Placed[Quiet]:
    """Days without hours are quiet all day."""
    span, hours, holidays = statement.span, Hours(0, 1440), False
    days: tuple[int, ...] = ()
    for part in statement.parts:
        if isinstance(part, tree.Hours):
            hours = Hours(part.begin, part.end)
            span = part.span if len(statement.parts) == 1 else span
        elif isinstance(part, tree.Days):
            days, holidays = part.days, part.holidays
    return Placed(Quiet(hours, days, holidays), scope.place(span), note(scope, statement))


def _limit(scope: Scope, statement: tree.Statement) -> Placed[int] | None:
    (limit,) = statement.parts
    assert isinstance(limit, ast.Literal)
    count, of = whole(scope, limit, least=1), note(scope, statement)
    return Placed(count, scope.place(limit.span), of) if count is not None else None


def _cap(scope: Scope, statement: tree.Statement, conditions: Conditions) -> Placed[Cap] | None:
    built, of = cap(scope, statement, conditions), note(scope, statement)
    if built is None:
        return None
    return Placed(replace(built.value, when=dated(built.value.when, of)), built.place, of)


def _exempt(scope: Scope, block: Statements, what: str) -> tuple[str, ...]:
    """The kinds that are free of caps, or of consent."""
    found: set[str] = set()
    for statement in block.all("policy_exempt"):
        words = {part.terminal for part in statement.parts if isinstance(part, tree.Keyword)}
        if what in words:
            found |= set(_named(scope, statement) or ())
    return tuple(sorted(found))


def _with(cap: Cap, exempt: tuple[str, ...], extras: tuple[Extra, ...]) -> Cap:
    """A cap with what its policy says of kinds that are exempt, and adds before holidays."""
    mine = (one for one in extras if cap.kinds and {*cap.kinds} <= {*one.kinds} and one.period == cap.period)
    return replace(cap, exempt=exempt, extras=tuple(mine))


def _named(scope: Scope, statement: tree.Statement) -> tuple[str, ...] | None:
    """The kinds that a statement lists."""
    listed = next(part for part in statement.parts if isinstance(part, tree.Names))
    return kinds(scope, listed.items)


def _block(scope: Scope, statement: tree.Statement, conditions: Conditions) -> Placed[Block] | None:
    named, when = _named(scope, statement), conditions.condition(statement.parts[1])  # type: ignore[arg-type]
    of = note(scope, statement)
    test = dated(when, of) if when is not None else None
    return Placed(Block(named, test), scope.place(statement.span), of) if named and test is not None else None


def _extra(scope: Scope, statement: tree.Statement) -> Extra | None:
    many, _, period, length = statement.parts
    assert isinstance(many, ast.Literal) and isinstance(period, tree.Keyword) and isinstance(length, ast.Literal)
    count, named, days = whole(scope, many, least=1), _named(scope, statement), days_of(scope, length)
    if count is None or named is None or days is None:
        return None
    unit = period.terminal.lower()
    return Extra(count, named, "day" if unit == "day" else "week" if unit == "week" else "month", days)


def _ban(scope: Scope, statement: tree.Statement) -> Placed[Ban]:
    words, *more = statement.parts
    because = next(part for part in more if isinstance(part, ast.Literal))
    say = next((str(one.parts[0].value) for one in more if isinstance(one, tree.Clause) and one.kind == "instead"), "")  # type: ignore[union-attr]
    lists: dict[str, list[str]] = {"": [], "lifted": []}
    fact = next(
        (one.parts[0].text for one in more if isinstance(one, tree.Clause) and isinstance(one.parts[0], ast.Name)), ""
    )
    for part in more:
        texts, kind = (part.parts[0], part.kind) if isinstance(part, tree.Clause) else (part, "")
        if isinstance(texts, tree.Texts):
            lists[kind] += [str(text.value) for text in texts.items]
    assert isinstance(words, tree.Texts)
    return Placed(
        Ban(
            tuple(sorted({str(text.value) for text in words.items} - {""})),
            tuple(sorted({*lists[""]} - {""})),
            str(because.value),
            tuple(sorted({*lists["lifted"]} - {""})),
            say,
            fact,
        ),
        scope.place(statement.span),
        note(scope, statement),
    )


def _links(scope: Scope, statement: tree.Statement) -> Placed[Links]:
    """Hosts as they are compared: in small letters, without what stands before and after them in an address."""
    written = [str(text.value) for part in statement.parts if isinstance(part, tree.Texts) for text in part.items]
    hosts = tuple(sorted({text.strip().lower().split("://")[-1].split("/")[0] for text in written} - {""}))
    never = statement.kind == "policy_unlinked"
    return Placed(Links(hosts, never), scope.place(statement.span), note(scope, statement))


def _refusal(scope: Scope, statement: tree.Statement) -> Placed[Refusal]:
    what: Literal["characters", "together", "products"]
    what = statement.kind.removeprefix("policy_")  # type: ignore[assignment]
    *texts, because = (part.text if isinstance(part, ast.Name) else str(part.value) for part in statement.parts)  # type: ignore[union-attr]
    return Placed(Refusal(what, because, "".join(texts)), scope.place(statement.span), note(scope, statement))


def _records(scope: Scope, block: Statements) -> tuple[Placed[tuple[str, str]], ...]:
    """Each name once."""
    found: dict[str, Placed[tuple[str, str]]] = {}
    for statement in block.all("policy_record"):
        name, text = statement.parts
        assert isinstance(name, ast.Name) and isinstance(text, ast.Literal)
        note(scope, statement, binds=False)
        place = scope.place(statement.span)
        if name.text in found:
            scope.tell(names.stated_twice(place, "record " + name.text, found[name.text].place))
        found.setdefault(name.text, Placed((name.text, str(text.value).strip()), place))
    return tuple(found.values())


def _words(scope: Scope, statement: tree.Statement) -> list[Placed[str]]:
    (written,) = statement.parts
    assert isinstance(written, tree.Texts)
    of = note(scope, statement, binds=False)
    words = [(str(text.value).strip(), scope.place(text.span)) for text in written.items]
    return [Placed(word, place, of) for word, place in words if word]


def _marks(statement: tree.Statement | None) -> tuple[str, str, str]:
    if statement is None:
        return catalog.COMMA, catalog.FULL_STOP, catalog.ARROW
    comma, stop, *arrow = (str(part.value) for part in statement.parts if isinstance(part, ast.Literal))
    return comma, stop, arrow[0] if arrow else catalog.ARROW
