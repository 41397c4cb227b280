"""Whether a condition holds for a customer: two answers only, a test on a missing value is false."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from dsl import behaviour as b
from runtime.reference.data import Event, Person

_DAY = timedelta(days=1)
_COMPARE: dict[b.Operator, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def holds(test: b.Condition, who: Person, event: Event | None = None) -> bool:
    """`event` is the one that a selection's `where` looks at."""
    match test:
        case b.Compare(sign, left, right):
            one, other = value(left, who, event), value(right, who, event)
            return one is not None and other is not None and _COMPARE[sign](one, other)
        case b.Between(tested, low, high):
            found = value(tested, who, event)
            return found is not None and low.value <= found <= high.value
        case b.Near(field, direction, days):
            day = value(field, who, event)
            return day is not None and _near(day, who.today, direction, timedelta(days=days))
        case b.Missing(field):
            return value(field, who, event) is None
        case b.Holds(flag):
            return value(flag, who, event) is True
        case b.Yearly(field, first, last):
            day = value(field, who, event)
            return day is not None and _yearly(f"{day:%m-%d}", first, last)
        case b.Did(of):
            return len(selected(of, who)) > 0
        case b.Since(of):
            return who.since is not None and any(one.at > who.since for one in selected(of, who))
        case b.OnDates(first_day, last_day):
            return (first_day is None or first_day <= who.today) and (last_day is None or who.today <= last_day)
        case b.Followed():
            return any(followed(test, who))
        case b.InArm(name):
            return who.arm == name
        case b.Not(item):
            return not holds(item, who, event)
        case b.All(items):
            return all(holds(item, who, event) for item in items)
        case b.Any(items):
            return any(holds(item, who, event) for item in items)


def value(of: b.Value, who: Person, event: Event | None = None) -> Any:
    """None: missing."""
    match of:
        case b.Constant():
            return of.value
        case b.Field(name):
            return who.fields.get(name)
        case b.Property(name):
            assert event is not None
            return event.properties.get(name)
        case b.Count(selection):
            return len(selected(selection, who))
        case b.DaysSince(selection):
            found = selected(selection, who)
            return (who.at - found[-1].at) // _DAY if found else None
        case b.Sum(name, selection):
            amounts = [one.properties.get(name) for one in selected(selection, who)]
            return sum((amount for amount in amounts if amount is not None), Decimal(0))
        case b.Latest(name, selection):
            found = selected(selection, who)
            return found[-1].properties.get(name) if found else None


def followed(test: b.Followed, who: Person) -> Iterator[tuple[Event, datetime]]:
    """Each event of `first` of which the pattern is true, with the instant at which it came true."""
    within = timedelta(microseconds=test.within)
    after = selected(test.second, who)
    for one in selected(test.first, who):
        if test.last is not None and one.at <= who.at - timedelta(microseconds=test.last):
            continue
        answer = next((other.at for other in after if one.at < other.at <= one.at + within), None)
        if not test.negated and answer is not None:
            yield one, answer
        if test.negated and answer is None and one.at + within <= who.at:
            yield one, one.at + within


def selected(of: b.Selection, who: Person) -> list[Event]:
    """The events of a selection up to the run's instant, in order."""
    found = passing(of, who)
    if of.last is None:
        return found
    return [one for one in found if one.at > who.at - timedelta(microseconds=of.last)]


def passing(of: b.Selection, who: Person) -> list[Event]:
    """The same without its `in last`."""
    every = who.events.get(of.event, ())
    return [one for one in every if of.where is None or holds(of.where, who, one)]


def _near(day: date, today: date, direction: str, days: timedelta) -> bool:
    return today - days < day <= today if direction == "last" else today < day <= today + days


def _yearly(day: str, first: str, last: str) -> bool:
    return first <= day <= last if first <= last else day >= first or day <= last
