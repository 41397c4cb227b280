"""Policies."""

from __future__ import annotations

from dataclasses import replace

from dsl import catalog
from dsl.model import Consent, FieldDef, Mention, Placed, Policy, Required
from dsl.resolve.conditions import Conditions
from dsl.resolve.notes import dated, note
from dsl.resolve.numbers import whole
from dsl.resolve.scope import Block as Statements
from dsl.resolve.scope import Scope
from dsl.resolve.starts import days_of
from dsl.resolve.windows import cap, kinds
from dsl.rules import names, values
from dsl.syntax import expr as ast
from dsl.syntax import tree
from dsl.terms import Ban, Block, Cap, Extra, Hours
from dsl.types import Type

_EVERYWHERE = (*catalog.CHANNELS,)


def policy(scope: Scope, declaration: tree.Declaration, conditions: Conditions) -> Policy:
    assert declaration.name is not None
    block = Statements(scope, declaration, "policy_")
    _stated_once(scope, block)
    marks = block.one("policy_marks")
    for statement in (*block.all("policy_exempt"), *block.all("policy_extra"), *block.all("policy_marks")):
        note(scope, statement, binds=False)
    required, consents = _required(scope, block, conditions.names.fields)
    caps = [_cap(scope, statement, conditions) for statement in block.all("cap")]
    limits = [_limit(scope, statement) for statement in block.all("policy_limit")]
    extras = tuple(more for statement in block.all("policy_extra") if (more := _extra(scope, statement)))
    uncounted, unasked = (_exempt(scope, block, what) for what in ("CAP", "CONSENT"))
    bases = block.part("policy_extends")
    return Policy(
        declaration.name.text,
        str(declaration.title.value) if declaration.title else declaration.name.text,
        tuple(_quiet(scope, statement) for statement in block.all("policy_quiet")),
        required,
        tuple(replace(one, value=replace(one.value, exempt=unasked)) for one in consents),
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
    )


def _stated_once(scope: Scope, block: Statements) -> None:
    """Quiet hours and the limit: several only where each has dates of its own."""
    for kind in ("policy_quiet", "policy_limit"):
        written = block.all(kind)
        undated = [one for one in written if not any(part.kind in ("note_from", "note_until") for part in one.inner)]
        for again in undated[1:]:
            word = kind.removeprefix("policy_")
            scope.tell(names.stated_twice(scope.place(again.span), word, scope.place(undated[0].span)))


def _label(scope: Scope, block: Statements, kind: str) -> str:
    statement = block.one(kind)
    if statement is None:
        return ""
    note(scope, statement, binds=False)
    (text,) = statement.parts
    assert isinstance(text, ast.Literal)
    return str(text.value)


def _quiet(scope: Scope, statement: tree.Statement) -> Placed[Hours]:
    (hours,) = statement.parts
    assert isinstance(hours, tree.Hours)
    return Placed(Hours(hours.begin, hours.end), scope.place(hours.span), note(scope, statement))


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


def _required(
    scope: Scope, block: Statements, fields: dict[str, FieldDef]
) -> tuple[tuple[Placed[Required], ...], tuple[Placed[Consent], ...]]:
    """What messages must have, and what customers must have agreed to."""
    required: dict[Required, Placed[Required]] = {}
    consents: dict[bool, Placed[Consent]] = {}
    for statement in block.all("policy_require"):
        of = note(scope, statement)
        _clauses_fit(scope, statement)
        clauses = {str(part.kind): part for part in statement.parts if isinstance(part, tree.Clause)}
        for inner in (one for one in statement.inner if one.kind.startswith("require_")):
            place = scope.place(inner.span)
            if inner.kind == "require_consent":
                consent = _consent(scope, inner, fields)
                if consent and consent.sensitive in consents:
                    first = consents[consent.sensitive].place
                    scope.tell(names.stated_twice(place, "require consent", first))
                elif consent:
                    consents[consent.sensitive] = Placed(consent, place, of)
                continue
            one = _requirement(scope, inner, clauses)
            if one in required:
                scope.tell(names.stated_twice(place, "require " + one.what, required[one].place))
            required.setdefault(one, Placed(one, place, of))
    return tuple(required.values()), tuple(consents.values())


def _clauses_fit(scope: Scope, statement: tree.Statement) -> None:
    """Consent is asked of a customer, not of a message; signature and opt-out are asked whatever the copy says."""
    kinds = {one.kind for one in statement.inner}
    for part in statement.parts:
        if not isinstance(part, tree.Clause):
            continue
        place, mentioning = scope.place(part.span), part.kind == "mentioning"
        if "require_consent" in kinds:
            word = "when copy mentions" if mentioning else "on"
            help = "Require consent in a line of its own: it binds every channel, whatever the copy says."
            scope.tell(values.note_does_not_fit(place, word, help))
        elif mentioning and kinds & {"require_signature", "require_opt_out"}:
            help = "Require signature and opt_out in a line of their own: they are asked whatever the copy says."
            scope.tell(values.note_does_not_fit(place, "when copy mentions", help))


def _requirement(scope: Scope, inner: tree.Statement, clauses: dict[str, tree.Clause]) -> Required:
    what, confirm = inner.kind.removeprefix("require_"), ""
    if what == "element":
        (element,) = inner.parts
        assert isinstance(element, tree.Keyword)
        what = element.terminal.lower()
    elif what == "confirm":
        (channel,) = inner.parts
        assert isinstance(channel, ast.Name)
        confirm = _channel(scope, channel)
    channels: tuple[str, ...] = (
        catalog.TO_PHONES if what in ("signature", "opt_out", *catalog.ELEMENTS) else _EVERYWHERE
    )
    if "on_channel" in clauses:
        (named,) = clauses["on_channel"].parts
        assert isinstance(named, ast.Name)
        channels = (_channel(scope, named),)
    mentions: tuple[Mention, ...] = ()
    if "mentioning" in clauses and what not in ("signature", "opt_out"):
        words = {part.terminal for part in clauses["mentioning"].parts if isinstance(part, tree.Keyword)}
        mentions = tuple(one for one in ("rate", "amount") if one.upper() in words)
    return Required(what, channels, mentions, confirm)


def _channel(scope: Scope, name: ast.Name) -> str:
    return scope.builtin("channel", "channels", name, catalog.CHANNELS) or name.text


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


def _consent(scope: Scope, requirement: tree.Statement, fields: dict[str, FieldDef]) -> Consent | None:
    name, *sensitive = requirement.parts
    assert isinstance(name, ast.Name)
    field = fields.get(name.text)
    if field is None:
        scope.unknown("field", name.text, name.span, fields)
        return None
    if field.type.base != "flag":
        help = "Name a field of the customer that is a `flag`."
        scope.tell(values.units_differ(scope.place(name.span), Type("flag"), field.type, help))
        return None
    return Consent(name.text, bool(sensitive))


def _ban(scope: Scope, statement: tree.Statement) -> Placed[Ban]:
    words, *allowed, because = statement.parts
    assert isinstance(words, tree.Texts) and isinstance(because, ast.Literal)
    excepted = [str(text.value) for texts in allowed if isinstance(texts, tree.Texts) for text in texts.items]
    return Placed(
        Ban(
            tuple(sorted({str(text.value) for text in words.items} - {""})),
            tuple(sorted(set(excepted) - {""})),
            str(because.value),
        ),
        scope.place(statement.span),
        note(scope, statement),
    )


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
