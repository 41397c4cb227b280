"""`test` blocks: a customer, what happened, and what is expected of the campaigns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeGuard

from dsl import catalog
from dsl.behaviour import Plain
from dsl.model import Expectation, FieldDef, Happened, Trial
from dsl.resolve.conditions import Conditions
from dsl.resolve.scope import Block, Scope
from dsl.rules import names, values
from dsl.source import Span
from dsl.syntax import expr as ast
from dsl.syntax import tree
from dsl.types import comparable


def trial(
    scope: Scope, declaration: tree.Declaration, conditions: Conditions, campaigns: Mapping[str, frozenset[str]]
) -> Trial | None:
    """`campaigns`: the steps of every campaign that is declared, with mistakes or without."""
    block = Block(scope, declaration, "test_")
    assert declaration.title is not None
    moment = block.part("test_at")
    if moment is None:
        block.lacks("The test", "at 2026-03-04T16:30")
    customers: list[dict[str, Plain]] = []
    happened: list[Happened] = []
    expected: list[Expectation] = []
    mistakes = len(scope.found)
    for statement in declaration.statements:
        if statement.kind == "test_customer":
            customers.append(_record(scope, statement, conditions.names.fields, conditions, "field"))
        elif statement.kind in ("test_event", "test_sent"):
            one = _happened(scope, statement, conditions, campaigns, len(customers) - 1)
            happened += [one] if one else []
        elif statement.kind.startswith("expect_"):
            expected.append(_expectation(scope, statement, campaigns))
    if not customers:
        block.lacks("The test", 'customer { phone "13800000001" }')
    if not expected:
        block.lacks("The test", "expect no send of CAMPAIGN")
    if not isinstance(moment, tree.Moment) or not customers or len(scope.found) > mistakes:
        return None
    place = scope.place(declaration.title.span)
    return Trial(str(declaration.title.value), moment.value, tuple(customers), tuple(happened), tuple(expected), place)


def _record(
    scope: Scope, statement: tree.Statement, known: Mapping[str, FieldDef], conditions: Conditions, what: str
) -> dict[str, Plain]:
    found: dict[str, Plain] = {}
    first: dict[str, Span] = {}
    for entry in statement.inner:
        name, value = entry.parts
        assert isinstance(name, ast.Name) and isinstance(value, ast.Literal)
        first.setdefault(name.text, name.span)
        field, typed = known.get(name.text), conditions.literal(value)
        if field is None:
            scope.unknown(what, name.text, name.span, known)
        elif first[name.text] != name.span:
            scope.tell(names.stated_twice(scope.place(name.span), name.text, scope.place(first[name.text])))
        elif typed is None:
            continue
        elif not comparable(field.type, typed[1]):
            help = f"`{name.text}` is declared as {field.type}."
            scope.tell(values.units_differ(scope.place(value.span), field.type, typed[1], help))
        elif field.type.base == "choice" and typed[0].text not in field.type.options:
            scope.tell(values.not_an_option(scope.place(value.span), typed[0].text, field.type.options))
        else:
            found[name.text] = typed[0].value
    return found


def _happened(
    scope: Scope,
    statement: tree.Statement,
    conditions: Conditions,
    campaigns: Mapping[str, frozenset[str]],
    customer: int,
) -> Happened | None:
    name, *_, ago = statement.parts
    assert isinstance(name, ast.Name) and isinstance(ago, ast.Literal)
    length = conditions.length(ago)
    sent = statement.kind == "test_sent"
    if sent and name.text not in campaigns:
        scope.unknown("campaign", name.text, name.span, campaigns)
        return None
    events = conditions.names.events
    if not sent and name.text not in events:
        scope.unknown("event", name.text, name.span, events)
        return None
    what = f"property of {name.text}"
    said = {} if sent else _record(scope, statement, events[name.text].properties, conditions, what)
    step = _part_of(scope, statement, name.text, campaigns)
    return Happened(max(customer, 0), name.text, length, said, sent, step) if length else None


def _expectation(scope: Scope, statement: tree.Statement, campaigns: Mapping[str, frozenset[str]]) -> Expectation:
    campaign, *rest = statement.parts
    assert isinstance(campaign, ast.Name)
    if campaign.text not in campaigns:
        scope.unknown("campaign", campaign.text, campaign.span, campaigns)
    named = next((part.parts[0] for part in rest if _is(part, "on_channel")), None)
    ways = (*catalog.CHANNELS, catalog.TASK)
    channel = scope.builtin("channel", "channels", named, ways) if isinstance(named, ast.Name) else None
    why = next((part for part in rest if isinstance(part, ast.Name)), None)
    reason = scope.builtin("reason", "reasons", why, catalog.REASONS) if why else None
    moment = next((part.value for part in rest if isinstance(part, tree.Moment)), None)
    words = next((str(part.value) for part in rest if isinstance(part, ast.Literal)), None)
    sends = statement.kind == "expect_send"
    return Expectation(
        campaign.text,
        sends,
        reason,
        moment,
        words,
        scope.place(statement.span),
        _part_of(scope, statement, campaign.text, campaigns),
        channel,
    )


def _part_of(scope: Scope, statement: tree.Statement, campaign: str, campaigns: Mapping[str, frozenset[str]]) -> str:
    """The step that `step NAME` or `on reply "…"` says; the entry where neither does."""
    for part in statement.parts:
        if isinstance(part, tree.Clause) and part.kind in ("of_step", "of_reply"):
            (written,) = part.parts
            assert isinstance(written, (ast.Name, ast.Literal))
            said = written.text if isinstance(written, ast.Name) else str(written.value).strip()
            what, begin = ("step", "") if isinstance(written, ast.Name) else ("answer", catalog.answer(""))
            known = campaigns.get(campaign, {begin + said})
            if begin + said not in known:
                steps = [one for one in known if not one.startswith(catalog.answer(""))]
                answers = [one.removeprefix(begin) for one in known if one.startswith(catalog.answer(""))]
                scope.unknown(f"{what} of {campaign}", said, written.span, answers if begin else steps)
            return begin + said
    return catalog.ENTRY


def _is(part: tree.Part, kind: str) -> TypeGuard[tree.Clause]:
    return isinstance(part, tree.Clause) and part.kind == kind
