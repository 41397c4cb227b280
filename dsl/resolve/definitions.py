"""Calendars, segments and lifecycles, which audiences and windows name; funnels and measures, which reports follow."""

from __future__ import annotations

from collections.abc import Iterator

from dsl import behaviour as b
from dsl.diagnostics import Place
from dsl.model import CalendarDef, Funnel, Lifecycle, Measure, Segment
from dsl.resolve.conditions import Conditions, Names
from dsl.resolve.scope import Scope
from dsl.rules import names, values
from dsl.syntax import expr as ast
from dsl.syntax import tree
from dsl.terms import Calendar, Days, Hours, Window, YearDays

Written = dict[str, tuple[Scope, tree.Declaration]]


def calendar(scope: Scope, declaration: tree.Declaration) -> CalendarDef:
    assert declaration.name is not None
    (part,) = declaration.statements[0].parts
    value: Calendar
    match part:
        case tree.Yearly(first, last):
            value = YearDays(first, last)
        case tree.Window(on, days, hours):
            value = Window(on, tuple(sorted(set(days))), Hours(hours.begin, hours.end))
        case tree.Range(low, high):
            value = Days(low.value, high.value)  # type: ignore[arg-type]
            if value.first > value.last:
                why = "The range ends before it begins"
                scope.tell(values.number_does_not_fit(scope.place(part.span), why, "Swap its ends."))
        case _:
            raise AssertionError(f"no calendar is a {part}")
    return CalendarDef(declaration.name.text, value, scope.place(declaration.name.span))


def funnel(scope: Scope, declaration: tree.Declaration, known: Names) -> Funnel | None:
    assert declaration.name is not None
    *written, length = declaration.statements[0].parts
    conditions = Conditions(scope, known)
    steps = [conditions.selection(one) for one in written if isinstance(one, ast.Selection)]
    assert isinstance(length, ast.Literal)
    within = conditions.length(length)
    if within is None or any(step is None for step in steps):
        return None
    title = str(declaration.title.value) if declaration.title else declaration.name.text
    whole = tuple(step for step in steps if step is not None)
    return Funnel(declaration.name.text, title, whole, within, scope.place(declaration.name.span))


def measure(scope: Scope, declaration: tree.Declaration, known: Names) -> Measure | None:
    assert declaration.name is not None
    *written, length = declaration.statements[0].parts
    conditions = Conditions(scope, known)
    assert isinstance(length, ast.Literal)
    within = conditions.length(length)
    found = [_open(scope, one) and conditions.selection(one) for one in written if isinstance(one, ast.Selection)]
    known_ones = [one for one in found if one]
    if within is None or len(known_ones) < len(found):
        return None
    title = str(declaration.title.value) if declaration.title else declaration.name.text
    counted, among = known_ones[0], known_ones[1] if len(known_ones) > 1 else None
    return Measure(declaration.name.text, title, counted, among, within, scope.place(declaration.name.span))


def _open(scope: Scope, written: ast.Selection) -> bool:
    """A measure looks at the time after a send: a window of the past would mean nothing."""
    if written.window is None:
        return True
    why = "A measure looks at what comes within a time of a send"
    help = "Leave the window out: the time behind `within` says how long."
    scope.tell(values.length_does_not_fit(scope.place(written.window.span), why, help))
    return False


class Groups:
    """Segments and lifecycles, which may name one another: each is built when it is first mentioned.

    `failed`: names of those with a mistake; a mention of them is none of its own.
    """

    def __init__(self, segments: Written, lifecycles: Written, known: Names) -> None:
        self._written = {("segment", name): one for name, one in segments.items()}
        self._written |= {("lifecycle", name): one for name, one in lifecycles.items()}
        self.known = known
        self.segments: dict[str, Segment] = {}
        self.lifecycles: dict[str, Lifecycle] = {}
        self.failed: set[str] = set()
        self._open: list[tuple[str, str]] = []
        for key in self._written:
            self._build(key)

    def _build(self, key: tuple[str, str]) -> None:
        kind, name = key
        scope, declaration = self._written[key]
        assert declaration.name is not None
        place = scope.place(declaration.name.span)
        if name in self.failed or name in (self.segments if kind == "segment" else self.lifecycles):
            return
        if key in self._open:
            scope.tell(names.segment_in_itself(place, name, kind))
            self.failed.add(name)
            return
        self._open.append(key)
        for other in _mentioned(declaration):
            if other in self._written:
                self._build(other)
        self._open.pop()
        if name in self.failed:
            return
        conditions = Conditions(scope.knowing(self.failed), self.known)
        built = (
            self._segment(conditions, declaration) if kind == "segment" else self._lifecycle(conditions, declaration)
        )
        if not built:
            self.failed.add(name)

    def _segment(self, conditions: Conditions, declaration: tree.Declaration) -> bool:
        assert declaration.name is not None
        name = declaration.name.text
        test = conditions.condition(declaration.statements[0].parts[0])  # type: ignore[arg-type]
        if test is None:
            return False
        title = str(declaration.title.value) if declaration.title else name
        self.segments[name] = Segment(name, title, test, conditions.scope.place(declaration.name.span))
        self.known.segments[name] = test
        return True

    def _lifecycle(self, conditions: Conditions, declaration: tree.Declaration) -> bool:
        assert declaration.name is not None
        scope, place = conditions.scope, conditions.scope.place(declaration.name.span)
        written = [statement.parts[0] for statement in declaration.statements]
        lines = [line for line in written if isinstance(line, tree.Tested)]
        if not lines or lines[-1].test is not None:
            return self._not_whole(scope, place, "This lifecycle leaves some customers without a stage")
        stages: dict[str, b.Condition] = {}
        earlier: list[b.Condition] = []
        for line in lines:
            here = scope.place(line.name.span)
            if line.test is None and line is not lines[-1]:
                return self._not_whole(scope, here, "What stands after `otherwise` can never be")
            if line.name.text in stages:
                scope.tell(names.declared_twice(here, "stage", line.name.text, place))
                return False
            test = conditions.condition(line.test) if line.test is not None else b.All(())
            if test is None:
                return False
            stages[line.name.text] = b.All((*(b.Not(one) for one in earlier), test))
            earlier.append(test)
        self.lifecycles[declaration.name.text] = Lifecycle(declaration.name.text, stages, place)
        self.known.lifecycles[declaration.name.text] = stages
        return True

    def _not_whole(self, scope: Scope, place: Place, why: str) -> bool:
        scope.tell(values.stages_not_whole(place, why))
        return False


def _mentioned(declaration: tree.Declaration) -> Iterator[tuple[str, str]]:
    for statement in declaration.statements:
        for part in statement.parts:
            test = part.test if isinstance(part, tree.Tested) else part
            yield from _inside(test)


def _inside(test: object) -> Iterator[tuple[str, str]]:
    match test:
        case ast.InSegment(name):
            yield "segment", name.text
        case ast.IsName(ast.Name(text), _):
            yield "lifecycle", text
        case ast.Not(operand):
            yield from _inside(operand)
        case ast.Group(_, items):
            for item in items:
                yield from _inside(item)
