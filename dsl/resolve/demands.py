"""What policies demand: of a message, of a customer's consent, of what stands behind a campaign."""

from __future__ import annotations

from dataclasses import replace

from dsl import catalog
from dsl.model import Consent, FieldDef, Mention, Placed, Required
from dsl.resolve.notes import note
from dsl.resolve.scope import Block as Statements
from dsl.resolve.scope import Scope
from dsl.resolve.starts import days_of
from dsl.rules import names, values
from dsl.syntax import expr as ast
from dsl.syntax import tree
from dsl.types import Type

_CONSENT = ("consent", "consent_sensitive")
_EVERYWHERE = (*catalog.CHANNELS,)


def demands(
    scope: Scope, block: Statements, fields: dict[str, FieldDef], unasked: tuple[str, ...]
) -> tuple[tuple[Placed[Required], ...], tuple[Placed[Consent], ...]]:
    """What messages must have, and what customers must have agreed to. `unasked`: kinds that need no consent."""
    required: dict[Required, Placed[Required]] = {}
    consents: dict[bool, Placed[Consent]] = {}
    for statement in block.all("policy_require"):
        of = note(scope, statement)
        _clauses_fit(scope, statement)
        clauses = {str(part.kind): part for part in statement.parts if isinstance(part, tree.Clause)}
        for inner in (one for one in statement.inner if one.kind.startswith("require_")):
            place = scope.place(inner.span)
            if inner.kind == "require_consent" and any(isinstance(part, ast.Name) for part in inner.parts):
                consent = _consent(scope, inner, fields)
                if consent and consent.sensitive in consents:
                    first = consents[consent.sensitive].place
                    scope.tell(names.stated_twice(place, "require consent", first))
                elif consent:
                    consents[consent.sensitive] = Placed(replace(consent, exempt=unasked), place, of)
                continue
            one = _requirement(scope, inner, clauses)
            if one.what in _CONSENT:
                one = replace(one, exempt=unasked)
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
        if kinds & {"require_consent", "require_record"}:
            word = "when copy mentions" if mentioning else "on"
            help = "Require it in a line of its own: it binds every channel, whatever the copy says."
            scope.tell(values.note_does_not_fit(place, word, help))
        elif mentioning and kinds & {"require_signature", "require_opt_out"}:
            help = "Require signature and opt_out in a line of their own: they are asked whatever the copy says."
            scope.tell(values.note_does_not_fit(place, "when copy mentions", help))


def _requirement(scope: Scope, inner: tree.Statement, clauses: dict[str, tree.Clause]) -> Required:
    what, confirm, name = inner.kind.removeprefix("require_"), "", ""
    texts: tuple[str, ...] = ()
    earlier: tuple[str, ...] = ()
    if what in ("fact", "record"):
        (named_by,) = inner.parts
        assert isinstance(named_by, ast.Name)
        name = named_by.text
    elif what == "runs":
        (length,) = inner.parts
        assert isinstance(length, ast.Literal)
        name = str(days_of(scope, length) or 0)
    elif what == "consent" and inner.parts:
        what = "consent_sensitive"
    elif what in ("words", "opt_out"):
        lists = [tuple(str(one.value) for one in part.items) for part in inner.parts if isinstance(part, tree.Texts)]
        texts, earlier = (*lists, (), ())[:2]
    elif what == "element":
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
    phrases: tuple[str, ...] = ()
    if "mentioning" in clauses and what not in ("signature", "opt_out"):
        words = {part.terminal for part in clauses["mentioning"].parts if isinstance(part, tree.Keyword)}
        mentions = tuple(one for one in ("rate", "amount") if one.upper() in words)
        phrases = tuple(str(part.value) for part in clauses["mentioning"].parts if isinstance(part, ast.Literal))
    return Required(what, channels, mentions, confirm, phrases, texts, earlier, name)


def _channel(scope: Scope, name: ast.Name) -> str:
    return scope.builtin("channel", "channels", name, catalog.CHANNELS) or name.text


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
