"""Conditions over a customer's fields and events, resolved: the one small algebra of audiences, segments and starts.

Plain immutable values without places, so that the model, the program (JSON) and both executors share them. Each node's
`op` tells its kind in JSON. Lengths are microseconds (a day is 24 hours), dates count calendar days, and a test on a
missing value is false (its `Not` is true).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

DAY = 86_400_000_000
Base = Literal["text", "number", "money", "rate", "date", "flag"]
Operator = Literal["=", "!=", "<", "<=", ">", ">="]
Plain = str | Decimal | date | bool


@dataclass(frozen=True)
class Constant:
    """`text` is the canonical spelling of the value: `300000`, `0.038`, `2026-03-01`, `yes`."""

    base: Base
    text: str
    op: Literal["constant"] = "constant"

    @property
    def value(self) -> Plain:
        match self.base:
            case "number" | "money" | "rate":
                return Decimal(self.text)
            case "date":
                return date.fromisoformat(self.text)
            case "flag":
                return self.text == "yes"
        return self.text


@dataclass(frozen=True)
class Field:
    """A field of the customer."""

    name: str
    op: Literal["field"] = "field"


@dataclass(frozen=True)
class Property:
    """A property of the event that a selection's `where` looks at."""

    name: str
    op: Literal["property"] = "property"


@dataclass(frozen=True)
class Selection:
    """Events of one type, passing `where`, at instants in (at - last, at]; all past ones without `last`."""

    event: str
    where: Condition | None = None
    last: int | None = None


@dataclass(frozen=True)
class Count:
    """How many; zero where there are none."""

    of: Selection
    op: Literal["count"] = "count"


@dataclass(frozen=True)
class DaysSince:
    """Whole days of 24 hours since the latest; missing where there are none."""

    of: Selection
    op: Literal["days_since"] = "days_since"


@dataclass(frozen=True)
class Sum:
    """Of a property over the events; missing ones add nothing, and where there are no events it is zero."""

    property: str
    of: Selection
    op: Literal["sum"] = "sum"


@dataclass(frozen=True)
class Latest:
    """A property of the latest event (by instant, then id); missing where there is none."""

    property: str
    of: Selection
    op: Literal["latest"] = "latest"


@dataclass(frozen=True)
class Compare:
    """An aggregate stands left and has a constant on its right."""

    operator: Operator
    left: Value
    right: Value
    op: Literal["compare"] = "compare"


@dataclass(frozen=True)
class Between:
    """Both ends are in."""

    value: Value
    low: Constant
    high: Constant
    op: Literal["between"] = "between"


@dataclass(frozen=True)
class Near:
    """A date field within calendar days of today: last N is (today - N, today], next N is (today, today + N]."""

    field: Field | Property
    direction: Literal["last", "next"]
    days: int
    op: Literal["near"] = "near"


@dataclass(frozen=True)
class Yearly:
    """A date field whose month and day lie in "02-15".."04-10", both in; where `last` < `first` over new year."""

    field: Field | Property
    first: str
    last: str
    op: Literal["yearly"] = "yearly"


@dataclass(frozen=True)
class Missing:
    value: Field | Property
    op: Literal["missing"] = "missing"


@dataclass(frozen=True)
class Holds:
    """A flag that is yes."""

    value: Field | Property
    op: Literal["holds"] = "holds"


@dataclass(frozen=True)
class Did:
    of: Selection
    op: Literal["did"] = "did"


@dataclass(frozen=True)
class Followed:
    """Some event of `first` (in (at - last, at] where `last` is set) is followed by one of `second` within (t, t + within].

    Negated: some event of `first` was not, and its time has run out (t + within <= at).
    """

    first: Selection
    second: Selection
    within: int
    negated: bool = False
    last: int | None = None
    op: Literal["followed"] = "followed"


@dataclass(frozen=True)
class InArm:
    """The customer's arm in the campaign's experiment; asked by its messages only."""

    name: str
    op: Literal["arm"] = "arm"


@dataclass(frozen=True)
class Since:
    """Such an event happened after the campaign was entered: asked by steps and exits, and again before a row is released.

    A step counts from the send that it follows, an exit from the start of the occurrence. `of` has no `last`.
    """

    of: Selection
    op: Literal["since"] = "since"


@dataclass(frozen=True)
class OnDates:
    """The local date of sending lies in these days, both in; None: without that end."""

    first: date | None = None
    last: date | None = None
    op: Literal["on_dates"] = "on_dates"


@dataclass(frozen=True)
class Not:
    item: Condition
    op: Literal["not"] = "not"


@dataclass(frozen=True)
class All:
    items: tuple[Condition, ...]
    op: Literal["all"] = "all"


@dataclass(frozen=True)
class Any:
    items: tuple[Condition, ...]
    op: Literal["any"] = "any"


Aggregate = Count | DaysSince | Sum | Latest
Value = Constant | Field | Property | Count | DaysSince | Sum | Latest
Condition = (
    Compare | Between | Near | Yearly | Missing | Holds | Did | Followed | InArm | Since | OnDates | Not | All | Any
)


def atoms(condition: Condition) -> Iterator[Condition]:
    """The tests that `not`, `all` and `any` join."""
    match condition:
        case Not(item):
            yield from atoms(item)
        case All(items) | Any(items):
            for item in items:
                yield from atoms(item)
        case _:
            yield condition


def fields(condition: Condition) -> Iterator[str]:
    """The customer's fields that it looks at."""
    for atom in atoms(condition):
        match atom:
            case Compare(_, left, right):
                asked: tuple[Value, ...] = (left, right)
            case Between(value) | Near(value) | Yearly(value) | Missing(value) | Holds(value):
                asked = (value,)
            case _:
                asked = ()
        yield from (one.name for one in asked if isinstance(one, Field))


def selections(condition: Condition) -> Iterator[Selection]:
    """Every selection of events in it."""
    for atom in atoms(condition):
        match atom:
            case Did(of) | Since(of):
                yield of
            case Followed(first, second):
                yield first
                yield second
            case Compare(_, (Count(of) | DaysSince(of)), _) | Between((Count(of) | DaysSince(of)), _, _):
                yield of
            case Compare(_, (Sum(_, of) | Latest(_, of)), _) | Between((Sum(_, of) | Latest(_, of)), _, _):
                yield of
