"""Messages, confirmations and tasks as written → what is said, on which channel, to whom."""

from __future__ import annotations

from collections.abc import Sequence

from dsl import catalog
from dsl.diagnostics import Place
from dsl.model import Message
from dsl.resolve.conditions import Conditions
from dsl.resolve.scope import Scope
from dsl.rules import names, values
from dsl.syntax import expr as ast
from dsl.syntax import tree
from dsl.terms import Card, Element, Suggestion

_MOST_STEPS = 10  # of a process: more cannot be counted in one character


def one_fallback(scope: Scope, messages: Sequence[Message], whole: bool, what: str) -> None:
    """Exactly one message without a condition, so that everyone gets one and nobody could get two. `whole`: all were read."""
    fallbacks = [message for message in messages if message.when is None]
    for again in fallbacks[1:]:
        # A task beside a message is told by whoever takes only one of the two.
        if (again.channel == catalog.TASK) == (fallbacks[0].channel == catalog.TASK):
            word = "task" if again.channel == catalog.TASK else "message"
            scope.tell(names.stated_twice(again.place, word, fallbacks[0].place))
    if messages and not fallbacks and whole:
        said = f"For customers whom none of its conditions fits, the {what}"
        scope.tell(names.not_stated(messages[-1].place, said, "message sms { … }"))


def said(scope: Scope, statements: Sequence[tree.Statement], conditions: Conditions, what: str) -> tuple[Message, ...]:
    """The messages among statements, or their one task."""
    written = [one for one in statements if one.kind in ("message", "task")]
    built = [task(scope, one) if one.kind == "task" else message(scope, one, conditions) for one in written]
    found = tuple(one for one in built if one is not None)
    one_fallback(scope, found, len(found) == len(written), what)
    return found


def confirmation(scope: Scope, statements: Sequence[tree.Statement], conditions: Conditions) -> Message | None:
    written = [one for one in statements if one.kind == "confirm"]
    for again in written[1:]:
        scope.tell(names.stated_twice(scope.place(again.span), "confirm", scope.place(written[0].span)))
    return message(scope, written[0], conditions) if written else None


def task(scope: Scope, statement: tree.Statement) -> Message:
    """What a member of staff is asked to do."""
    text, *to = statement.parts
    assert isinstance(text, ast.Literal)
    assignee = str(to[0].value) if to and isinstance(to[0], ast.Literal) else None
    element = Element("text", str(text.value))
    return Message(catalog.TASK, (element,), (scope.place(text.span),), scope.place(statement.span), to=assignee)


def message(scope: Scope, statement: tree.Statement, conditions: Conditions) -> Message | None:
    channel, *more = statement.parts
    assert isinstance(channel, ast.Name)
    otherwise = next((_channel(scope, part.parts[0]) for part in more if isinstance(part, tree.Clause)), None)
    tests = [conditions.condition(part) for part in more if not isinstance(part, tree.Clause)]  # type: ignore[arg-type]
    way = _channel(scope, channel)
    elements, places = _elements(scope, statement)
    cards = [one for one in statement.inner if one.kind == "message_item_card"]
    for again in cards[1:]:
        scope.tell(names.stated_twice(scope.place(again.span), "card", scope.place(cards[0].span)))
    built = Message(
        way,
        elements,
        places,
        scope.place(statement.span),
        tests[0] if tests else None,
        otherwise,
        _card(scope, cards[0]) if cards else None,
        tuple(_suggestions(statement)),
        _verify(scope, statement),
    )
    return None if None in tests else built


def _channel(scope: Scope, name: object) -> str:
    assert isinstance(name, ast.Name)
    return scope.builtin("channel", "channels", name, catalog.CHANNELS) or name.text


def _elements(scope: Scope, statement: tree.Statement) -> tuple[tuple[Element, ...], tuple[Place, ...]]:
    """The elements with a place for each text; the steps of a process are an element each."""
    elements: list[Element] = []
    places: list[Place] = []
    first: dict[str, Place] = {}
    for item in statement.inner:
        if item.kind not in ("message_item", "message_item_process"):
            continue
        role, *texts = (part for part in item.parts if not isinstance(part, tree.Clause))
        assert isinstance(role, tree.Keyword)
        name, place = role.terminal.lower(), scope.place(item.span)
        if name in first:
            scope.tell(names.stated_twice(place, name, first[name]))
            continue
        first[name] = place
        if len(texts) > _MOST_STEPS:
            help = "Say the few steps that a customer takes."
            scope.tell(values.number_does_not_fit(place, f"A process has at most {_MOST_STEPS} steps", help))
        for text in texts[:_MOST_STEPS]:
            assert isinstance(text, ast.Literal)
            elements.append(Element(name, str(text.value)))  # type: ignore[arg-type]
            places.append(scope.place(text.span))
    return tuple(elements), tuple(places)


def _card(scope: Scope, statement: tree.Statement) -> Card:
    found: dict[str, str] = {}
    first: dict[str, Place] = {}
    for item in statement.inner:
        role, text = item.parts
        assert isinstance(role, tree.Keyword) and isinstance(text, ast.Literal)
        name = role.terminal.lower()
        if name in found:
            scope.tell(names.stated_twice(scope.place(item.span), name, first[name]))
        found.setdefault(name, str(text.value))
        first.setdefault(name, scope.place(item.span))
    return Card(**found)


def _suggestions(statement: tree.Statement) -> list[Suggestion]:
    found = []
    for item in statement.inner:
        if item.kind.startswith("message_item_suggest"):
            label = item.parts[0]
            assert isinstance(label, ast.Literal)
            found.append(Suggestion(str(label.value), "link" if item.kind.endswith("link") else "reply"))
    return found


def _verify(scope: Scope, statement: tree.Statement) -> str | None:
    """How the page behind the message's one link asks who the customer is."""
    clauses = [part for item in statement.inner for part in item.parts if isinstance(part, tree.Clause)]
    ways = [part.parts[0] for part in clauses]
    found = [
        scope.builtin("way to verify", "verifications", way, catalog.VERIFICATIONS)
        for way in ways
        if isinstance(way, ast.Name)
    ]
    for again in clauses[1:]:
        scope.tell(names.stated_twice(scope.place(again.span), "verify", scope.place(clauses[0].span)))
    return found[0] if found else None
