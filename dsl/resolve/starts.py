"""What starts a campaign for a customer."""

from __future__ import annotations

from decimal import Decimal

from dsl import behaviour as b
from dsl.model import Placed
from dsl.quantities import Duration
from dsl.resolve.conditions import Conditions
from dsl.resolve.numbers import whole
from dsl.resolve.scope import Block, Scope
from dsl.rules import values
from dsl.syntax import expr as ast
from dsl.syntax import tree
from dsl.terms import BeforeDate, BeforeHoliday, Happens, Monthly, Once, Pattern, Reaches, Start, SumReaches, Weekly
from dsl.types import Type, comparable

KINDS = (
    "start_once",
    "start_reaches",
    "start_pattern",
    "start_monthly",
    "start_weekly",
    "start_before_date",
    "start_before_holiday",
)


def start(scope: Scope, block: Block, conditions: Conditions) -> Placed[Start] | None:
    statement = block.one(*KINDS)
    if statement is None:
        return None
    found = _start(scope, statement, conditions)
    return Placed(found, scope.place(statement.span)) if found else None


def _start(scope: Scope, statement: tree.Statement, conditions: Conditions) -> Start | None:
    match statement.kind, statement.parts:
        case "start_once", _:
            return Once()
        case "start_reaches", (ast.Aggregate() as trigger, ast.Literal() as limit):
            return _reaches(scope, trigger, limit, conditions)
        case "start_pattern", (ast.Selection() | ast.Followed() as pattern,):
            built = conditions.pattern(pattern)
            return Happens(built.of) if isinstance(built, b.Did) else Pattern(built) if built else None
        case "start_monthly", (ast.Literal() as number,):
            day = whole(scope, number, least=1)
            if day is not None and day > 31:
                why = "No month has so many days"
                return scope.tell(
                    values.number_does_not_fit(scope.place(number.span), why, "Write a day from 1 to 31.")
                )
            return Monthly(day) if day else None
        case "start_weekly", (tree.Weekday(day),):
            return Weekly(day)
        case "start_before_date", (ast.Literal() as length, ast.Name() as name):
            return _before_date(scope, length, name, conditions)
        case "start_before_holiday", (ast.Literal() as length, *named):
            days = days_of(scope, length)
            name_ = str(named[0].value) if named and isinstance(named[0], ast.Literal) else None
            return BeforeHoliday(days, name_) if days is not None else None
    raise AssertionError(f"no start is a {statement.kind}")


def _reaches(scope: Scope, trigger: ast.Aggregate, limit: ast.Literal, conditions: Conditions) -> Start | None:
    place = scope.place(limit.span)
    if trigger.function not in ("count", "sum"):
        help = "As `start when count(app_view in last 7 days) reaches 4`."
        return scope.tell(
            values.number_does_not_fit(scope.place(trigger.span), "Only a count or a sum can be reached", help)
        )
    built, target = conditions.aggregate(trigger), conditions.literal(limit)
    if built is None or target is None:
        return None
    if not comparable(built[1], target[1]):
        return scope.tell(values.units_differ(place, built[1], target[1]))
    if isinstance(built[0], b.Sum):
        if Decimal(target[0].text) <= 0:
            return scope.tell(
                values.number_does_not_fit(
                    place, "Everyone's sum is zero from the start: nobody would reach it", "Write an amount above zero."
                )
            )
        return SumReaches(built[0].property, built[0].of, target[0].text)
    times = whole(scope, limit, least=1)
    return Reaches(built[0].of, times) if times is not None else None


def _before_date(scope: Scope, length: ast.Literal, name: ast.Name, conditions: Conditions) -> Start | None:
    days = days_of(scope, length)
    field = conditions.names.fields.get(name.text)
    if field is None:
        return scope.unknown("field", name.text, name.span, conditions.names.fields)
    if field.type.base != "date":
        help = "Name a field of the customer that is a `date`."
        return scope.tell(values.units_differ(scope.place(name.span), Type("date"), field.type, help))
    return BeforeDate(name.text, days) if days is not None else None


def days_of(scope: Scope, literal: ast.Literal) -> int | None:
    assert isinstance(literal.value, Duration)
    size = literal.value.microseconds
    if size is None or size % b.DAY or not 0 < size <= 366 * b.DAY:
        why = "Whole days are counted before a date, a year at most"
        return scope.tell(values.length_does_not_fit(scope.place(literal.span), why, "Write days, as `3 days before`."))
    return size // b.DAY
