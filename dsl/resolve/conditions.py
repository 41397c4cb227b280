"""Expressions as written → conditions with linked names and matching units."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from dsl import behaviour as b
from dsl.diagnostics import Diagnostic, Place
from dsl.model import EventDef, FieldDef
from dsl.quantities import Duration, Money, canonical
from dsl.resolve.numbers import fits
from dsl.resolve.scope import Scope
from dsl.rules import values
from dsl.syntax import expr as ast
from dsl.terms import Calendar, Days, YearDays
from dsl.types import ORDERED, Type, comparable

_FLIPPED: dict[str, b.Operator] = {"=": "=", "!=": "!=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}
_DAYS = Type("days")
_Typed = tuple[b.Value, Type]


@dataclass(frozen=True)
class Names:
    """What an expression may mention. Inside a `where`, `inside` is the event whose properties it sees."""

    fields: dict[str, FieldDef]
    events: dict[str, EventDef]
    segments: dict[str, b.Condition]
    calendars: dict[str, Calendar] = field(default_factory=dict)
    lifecycles: dict[str, dict[str, b.Condition]] = field(default_factory=dict)
    inside: EventDef | None = None
    arms: tuple[str, ...] | None = None  # None: not a place that knows arms
    since_entry: bool = False  # a step's `if` and `unless`, an exit: what happened since the campaign was entered


@dataclass(frozen=True)
class Conditions:
    """Every method answers None where it has told a mistake."""

    scope: Scope
    names: Names

    def condition(self, expr: ast.Expr) -> b.Condition | None:
        if self.names.inside and isinstance(expr, (ast.Did, ast.InSegment, ast.Recent, ast.IsName)):
            return self._refuse(values.where_beyond_event(self.scope.place(expr.span)))
        if self.names.since_entry and not isinstance(expr, (ast.Group, ast.Not)):
            return self._since(expr)
        match expr:
            case ast.Group(kind, items):
                built = [self.condition(item) for item in items]
                known = tuple(item for item in built if item is not None)
                if len(known) < len(items):
                    return None
                return b.All(known) if kind == "all" else b.Any(known) if kind == "any" else b.Not(b.Any(known))
            case ast.Not(operand):
                inner = self.condition(operand)
                return b.Not(inner) if inner is not None else None
            case ast.Truth(value, span):
                return self._truth(value, span)
            case ast.Compare():
                return self._compare(expr)
            case ast.Between():
                return self._between(expr)
            case ast.Recent():
                return self._near(expr)
            case ast.Missing(value):
                return self._missing(value)
            case ast.InCalendar():
                return self._in_calendar(expr)
            case ast.IsName(value, name):
                return self._stage(value, name)
            case ast.Did(pattern):
                return self.pattern(pattern)
            case ast.InSegment(name):
                if name.text not in self.names.segments:
                    self.scope.unknown("segment", name.text, name.span, self.names.segments)
                return self.names.segments.get(name.text)

    def _since(self, written: ast.Expr) -> b.Condition | None:
        """`clicked` or `did loan_applied`: since the entry; with a window of its own, in that."""
        if isinstance(written, ast.Truth) and isinstance(written.value, ast.Name):
            event = written.value
            pattern: object = ast.Selection(event, None, None, written.span)
            if event.text not in self.names.events and event.text in self.names.fields:
                return self._refuse(values.guard_beyond_events(self.scope.place(written.span)))
        else:
            pattern = written.pattern if isinstance(written, ast.Did) else None
        if not isinstance(pattern, ast.Selection):
            return self._refuse(values.guard_beyond_events(self.scope.place(written.span)))
        outside = replace(self, names=replace(self.names, since_entry=False))
        of = outside.selection(pattern)
        if of is None:
            return None
        return b.Since(of) if of.last is None else b.Did(of)

    def pattern(self, written: ast.Selection | ast.Followed) -> b.Did | b.Followed | None:
        """`did …` of an event, or of one that is or is not followed by another."""
        if isinstance(written, ast.Selection):
            of = self.selection(written)
            return b.Did(of) if of else None
        first, second = self.selection(written.first), self.selection(written.second)
        within, last = self.length(written.within), None
        if written.second.window is not None:
            place, why = self.scope.place(written.second.window.span), "What follows is looked for `within` a time"
            help = "Write the days that count behind `within`, as `followed by loan within 14 days in last 60 days`."
            return self._refuse(values.length_does_not_fit(place, why, help))
        if written.window is not None:
            last = self._past(written.window)
            if last is None:
                return None
        if first is None or second is None or within is None:
            return None
        return b.Followed(first, second, within, written.negated, last)

    def _past(self, window: ast.Relative) -> int | None:
        """Microseconds of a window of events, which lies in the past."""
        if window.direction == "next":
            place = self.scope.place(window.span)
            why = "An event cannot be known before it happens"
            return self._refuse(values.length_does_not_fit(place, why, "Write `in last`, as `in last 60 days`."))
        return self.length(window.length)

    def selection(self, written: ast.Selection) -> b.Selection | None:
        event = self.names.events.get(written.event.text)
        if event is None:
            self.scope.unknown("event", written.event.text, written.event.span, self.names.events)
            return None
        where = None
        if written.where is not None:
            inner = replace(self.names, inside=event)
            where = Conditions(self.scope, inner).condition(written.where)
            if where is None:
                return None
        if written.window is None:
            return b.Selection(event.name, where)
        last = self._past(written.window)
        return b.Selection(event.name, where, last) if last else None

    def length(self, written: ast.Literal) -> int | None:
        """Microseconds of a length that has some: months do not."""
        assert isinstance(written.value, Duration)
        place, size = self.scope.place(written.span), written.value.microseconds
        if size is None:
            help = "Write days or weeks, as `60 days`: behaviour is counted in days of 24 hours."
            return self._refuse(values.length_does_not_fit(place, "Months differ in length", help))
        if not 0 < size <= 36_525 * b.DAY:
            return self._refuse(
                values.length_does_not_fit(place, "A length of time is more than nothing and at most a century")
            )
        return size

    def _truth(self, value: ast.Value, span: object) -> b.Condition | None:
        typed = self.value(value)
        if typed is None:
            return None
        node, type = typed
        if type.base == "flag" and isinstance(node, (b.Field, b.Property)):
            return b.Holds(node)
        if type.base == "flag" and isinstance(node, b.Constant):
            return b.All(()) if node.value else b.Any(())
        return self._refuse(values.not_a_test(self.scope.place(value.span), type))

    def _compare(self, written: ast.Compare) -> b.Condition | None:
        left, right = self.value(written.left), self.value(written.right)
        if left is None or right is None:
            return None
        operator: b.Operator = _FLIPPED[_FLIPPED[written.operator]]
        if isinstance(left[0], b.Constant) and not isinstance(right[0], b.Constant):
            left, right, operator = right, left, _FLIPPED[operator]
            written = ast.Compare(operator, written.right, written.left, written.span)
        place = self.scope.place(written.right.span)
        if not self._fits(left[1], right, place):
            return None
        if operator not in ("=", "!=") and left[1].base not in ORDERED:
            return self._refuse(values.not_ordered(place, operator, left[1]))
        if isinstance(left[0], b.Aggregate) or isinstance(right[0], b.Aggregate):
            if not isinstance(right[0], b.Constant):
                return self._refuse(values.aggregate_needs_number(place))
            if isinstance(left[0], (b.Count, b.DaysSince)) and not self._whole(right[0], place):
                return None
        return b.Compare(operator, left[0], right[0])

    def _between(self, written: ast.Between) -> b.Condition | None:
        value, low, high = self.value(written.value), self.literal(written.low), self.literal(written.high)
        if value is None or low is None or high is None:
            return None
        for end, node in ((low, written.low), (high, written.high)):
            place = self.scope.place(node.span)
            if not self._fits(value[1], end, place):
                return None
            if value[1].base not in ORDERED:
                return self._refuse(values.not_ordered(place, "in", value[1]))
            if isinstance(value[0], (b.Count, b.DaysSince)) and not self._whole(end[0], place):
                return None
        place = self.scope.place(written.span)
        if low[0].value > high[0].value:  # type: ignore[operator]
            return self._refuse(values.number_does_not_fit(place, "The range ends before it begins", "Swap its ends."))
        return b.Between(value[0], low[0], high[0])

    def _near(self, written: ast.Recent) -> b.Condition | None:
        typed, size = self.value(written.value), self.length(written.window.length)
        if typed is None or size is None:
            return None
        node, type = typed
        place = self.scope.place(written.window.span)
        if type.base != "date" or not isinstance(node, (b.Field, b.Property)):
            help, place = (
                "Ask it of a field that is a date, as `opened_on in last 30 days`.",
                self.scope.place(written.value.span),
            )
            return self._refuse(values.units_differ(place, Type("date"), type, help))
        if size % b.DAY:
            return self._refuse(values.length_does_not_fit(place, "A date has no hours"))
        return b.Near(node, written.window.direction, size // b.DAY)

    def _in_calendar(self, written: ast.InCalendar) -> b.Condition | None:
        typed, name = self.value(written.value), written.calendar
        calendar = self.names.calendars.get(name.text)
        if calendar is None:
            self.scope.unknown("calendar", name.text, name.span, self.names.calendars)
        if typed is None or calendar is None:
            return None
        node, type = typed
        if type.base != "date" or not isinstance(node, (b.Field, b.Property)):
            help = "Ask it of a field that is a date, as `birth_date in spring`."
            return self._refuse(values.units_differ(self.scope.place(written.value.span), Type("date"), type, help))
        match calendar:
            case YearDays(first, last):
                return b.Yearly(node, first, last)
            case Days(first_day, last_day):
                ends = b.Constant("date", first_day.isoformat()), b.Constant("date", last_day.isoformat())
                return b.Between(node, *ends)
        return self._refuse(values.calendar_does_not_fit(self.scope.place(name.span), name.text, "dates"))

    def _stage(self, value: ast.Value, name: ast.Name) -> b.Condition | None:
        """`LIFECYCLE is STAGE`; in messages also `arm is NAME`."""
        if self.names.arms is not None and isinstance(value, ast.Name) and value.text == "arm":
            if name.text in self.names.arms:
                return b.InArm(name.text)
            self.scope.unknown("arm", name.text, name.span, self.names.arms)
            return None
        if not isinstance(value, ast.Name) or value.text not in self.names.lifecycles:
            text = self.scope.source.text[value.span.start : value.span.end]
            self.scope.unknown("lifecycle", text, value.span, self.names.lifecycles)
            return None
        stages = self.names.lifecycles[value.text]
        if name.text not in stages:
            self.scope.unknown(f"stage of {value.text}", name.text, name.span, stages)
        return stages.get(name.text)

    def _missing(self, value: ast.Value) -> b.Condition | None:
        typed = self.value(value)
        if typed is None:
            return None
        node, type = typed
        place = self.scope.place(value.span)
        if not isinstance(node, (b.Field, b.Property)):
            return self._refuse(values.not_a_test(place, type, missing=True))
        if not type.optional:
            self.scope.tell(values.never_missing(place, node.name))
        return b.Missing(node)

    def value(self, written: ast.Value) -> _Typed | None:
        match written:
            case ast.Literal():
                return self.literal(written)
            case ast.Aggregate():
                if self.names.inside:
                    return self._refuse(values.where_beyond_event(self.scope.place(written.span)))
                return self.aggregate(written)
            case ast.Name(text, span):
                event = self.names.inside
                known = event.properties if event else self.names.fields
                if text not in known:
                    self.scope.unknown(f"property of {event.name}" if event else "field", text, span, known)
                    return None
                return (b.Property(text) if event else b.Field(text)), known[text].type

    def aggregate(self, written: ast.Aggregate) -> tuple[b.Aggregate, Type] | None:
        of = self.selection(written.selection)
        if of is None:
            return None
        if written.of is None:
            return (b.Count(of), Type("number")) if written.function == "count" else (b.DaysSince(of), _DAYS)
        name, known = written.of, self.names.events[of.event].properties
        if name.text not in known:
            self.scope.unknown(f"property of {of.event}", name.text, name.span, known)
            return None
        type = known[name.text].type
        if written.function == "latest":
            return b.Latest(name.text, of), replace(type, optional=True)
        if type.base not in ("money", "number"):
            return self._refuse(
                values.units_differ(
                    self.scope.place(name.span), Type("number"), type, "Add up a property of money or numbers."
                )
            )
        return b.Sum(name.text, of), type.required

    def literal(self, written: ast.Literal) -> tuple[b.Constant, Type] | None:
        place, value = self.scope.place(written.span), written.value
        match value:
            case bool():
                return b.Constant("flag", "yes" if value else "no"), Type("flag")
            case Money(amount, currency):
                text = self._exact(place, amount, 2)
                return (b.Constant("money", text), Type("money", currency)) if text else None
            case ast.Percent(share):
                text = self._exact(place, share, 6)
                return (b.Constant("rate", text), Type("rate")) if text else None
            case Decimal():
                text = self._exact(place, value, 6)
                return (b.Constant("number", text), Type("number")) if text else None
            case date():
                return b.Constant("date", value.isoformat()), Type("date")
            case str():
                return b.Constant("text", value), Type("text")
            case Duration(count, unit):
                if unit not in ("DAY", "WEEK"):
                    why = "A value is never counted in hours, minutes or months"
                    return self._refuse(values.length_does_not_fit(place, why, "Write days, as `30 days`."))
                text = self._exact(place, count * (7 if unit == "WEEK" else 1), 0)
                return (b.Constant("number", text), _DAYS) if text else None
        raise AssertionError(f"no literal is a {type(value)}")

    def _exact(self, place: Place, value: Decimal, places: int) -> str | None:
        """The value as every engine keeps it."""
        return canonical(value) if fits(self.scope, place, value, places) else None

    def _fits(self, left: Type, right: tuple[b.Value, Type], place: Place) -> bool:
        if not comparable(left, right[1]):
            self._refuse(values.units_differ(place, left, right[1]))
            return False
        constant = right[0]
        if left.base == "choice" and isinstance(constant, b.Constant) and constant.text not in left.options:
            self._refuse(values.not_an_option(place, constant.text, left.options))
            return False
        return True

    def _whole(self, constant: b.Constant, place: Place) -> bool:
        if not 0 <= Decimal(constant.text) < 1_000_000 or Decimal(constant.text) % 1:
            help = "Write a whole number, from 0 to 999999."
            self._refuse(
                values.number_does_not_fit(place, "Events and days are counted in whole numbers up to 999,999", help)
            )
            return False
        return True

    def _refuse(self, diagnostic: Diagnostic) -> None:
        self.scope.tell(diagnostic)
