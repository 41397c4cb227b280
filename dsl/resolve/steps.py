"""What follows a campaign's entry: steps, answers to replies, exits and the goal."""

from __future__ import annotations

from dataclasses import replace

from dsl import behaviour as b
from dsl import catalog
from dsl.diagnostics import Place
from dsl.model import Goal, Message, Placed, Reply, Step
from dsl.resolve.conditions import Conditions
from dsl.resolve.messages import confirmation, said
from dsl.resolve.scope import Block, Scope
from dsl.resolve.windows import kind, window
from dsl.rules import names, values
from dsl.syntax import expr as ast
from dsl.syntax import tree


def steps(scope: Scope, block: Block, conditions: Conditions, campaign_kind: str) -> tuple[Step, ...]:
    """`conditions` knows the campaign's arms."""
    found: dict[str, Step] = {}
    first: dict[str, Place | None] = {catalog.ENTRY: None}
    for statement in block.all("step"):
        name = statement.parts[0]
        assert isinstance(name, ast.Name)
        if name.text in first:
            place = scope.place(name.span)
            scope.tell(names.declared_twice(place, "step", name.text, first[name.text], "campaign"))
        first.setdefault(name.text, scope.place(name.span))
        step = _step(scope, statement, conditions, campaign_kind)
        if step:
            found.setdefault(name.text, step)
    return tuple(found.values())


def _step(scope: Scope, statement: tree.Statement, conditions: Conditions, campaign_kind: str) -> Step | None:
    name, after, *clauses = statement.parts
    assert isinstance(name, ast.Name) and isinstance(after, ast.Literal)
    length = conditions.length(after)
    inner = Block(scope, statement, "step_")
    guards = {part.kind: guard(part.parts[0], conditions) for part in clauses if isinstance(part, tree.Clause)}
    own, line = inner.part("step_kind"), inner.one("step_window")
    own_kind = kind(scope, own) if isinstance(own, ast.Name) else campaign_kind
    messages = said(scope, statement.inner, conditions, f"step `{name.text}`")
    _one_way(scope, messages)
    confirm = confirmation(scope, statement.inner, conditions)
    own_window = window(scope, line, conditions.names.calendars) if line else None
    if not any(one.kind in ("message", "task") for one in statement.inner):
        scope.tell(names.not_stated(scope.place(name.span), f"The step `{name.text}`", 'message sms { text "…" }'))
    if length is None or own_kind is None or not messages or None in guards.values():
        return None
    return Step(
        name.text,
        length,
        guards.get("provided"),
        guards.get("unless"),
        own_kind,
        own_window,
        messages,
        confirm,
        scope.place(statement.span),
    )


def _one_way(scope: Scope, messages: tuple[Message, ...]) -> None:
    """A step is a task or a message: one line of the plan each."""
    tasks = [one for one in messages if one.channel == catalog.TASK]
    if tasks and len(tasks) < len(messages):
        other = next(one for one in messages if one.channel != catalog.TASK)
        first, second = sorted((tasks[0].place, other.place), key=lambda place: place.span.start)
        scope.tell(names.stated_twice(second, "message or task", first))


def replies(scope: Scope, block: Block, conditions: Conditions) -> tuple[Reply, ...]:
    found: dict[str, Reply] = {}
    first: dict[str, Place] = {}
    for statement in block.all("reply"):
        text, place = statement.parts[0], scope.place(statement.span)
        assert isinstance(text, ast.Literal)
        key = str(text.value).strip()
        if key in first:
            scope.tell(names.declared_twice(scope.place(text.span), "answer to", key, first[key]))
        first.setdefault(key, scope.place(text.span))
        if not key:
            help = 'Write the words that are answered, as `on reply "1"`.'
            scope.tell(values.number_does_not_fit(scope.place(text.span), "A reply without words has no answer", help))
        messages = said(scope, statement.inner, conditions, f'answer to "{key}"')
        _one_way(scope, messages)
        if not statement.inner:
            scope.tell(names.not_stated(scope.place(text.span), f'The answer to "{key}"', 'message sms { text "…" }'))
        if messages and key not in found:
            found[key] = Reply(key, messages, place)
    return tuple(found.values())


def exits(scope: Scope, block: Block, conditions: Conditions) -> tuple[Placed[b.Condition], ...]:
    found = []
    for statement in block.all("campaign_exit"):
        built = guard(statement.parts[0], conditions)
        if built is not None:
            found.append(Placed(built, scope.place(statement.span)))
    return tuple(found)


def guard(written: object, conditions: Conditions) -> b.Condition | None:
    """A test of what happened since the entry, which can be asked again just before a message goes."""
    names = replace(conditions.names, since_entry=True)
    return replace(conditions, names=names).condition(written)  # type: ignore[arg-type]


def goal(scope: Scope, block: Block, conditions: Conditions) -> Goal | None:
    statement = block.one("campaign_goal")
    if statement is None:
        return None
    selection, within = statement.parts
    assert isinstance(selection, ast.Selection) and isinstance(within, ast.Literal)
    of, length = conditions.selection(selection), conditions.length(within)
    return Goal(of, length, scope.place(statement.span)) if of and length else None
