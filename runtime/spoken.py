"""Conditions, starts, windows, fields and rules as short text to be read, not parsed; what means the same reads the same."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal

from dsl import behaviour as b
from dsl import terms as t
from dsl.program.ir import BanSpec, CapSpec, ConsentSpec, Dated, FieldSpec, MessageSpec, Part, StepSpec
from dsl.quantities import canonical

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LENGTHS = (("week", 7 * b.DAY), ("day", b.DAY), ("hour", b.DAY // 24), ("minute", 60_000_000), ("second", 1_000_000))


def plain(value: object) -> str:
    match value:
        case None:
            return ""
        case Decimal():
            return canonical(value)
        case str():
            return quoted(value) if not value.isidentifier() else value
        case Mapping():
            return ", ".join(f"{key} {plain(inner)}" for key, inner in sorted(value.items()))
        case tuple() | list():
            return ", ".join(plain(inner) for inner in value)
        case Part():
            return "(" + " ".join(plain(getattr(value, name)) for name in type(value).model_fields) + ")"
    if is_dataclass(value):
        return "(" + " ".join(plain(getattr(value, one.name)) for one in fields(value)) + ")"
    return str(value)


def condition(one: b.Condition) -> str:
    match one:
        case b.All(items) | b.Any(items):
            # The order of items means nothing: without one, moving a line is no change.
            word = " and " if isinstance(one, b.All) else " or "
            return "(" + word.join(sorted(condition(item) for item in items)) + ")"
        case b.Not(item):
            return f"not {condition(item)}"
        case b.Compare(operator, left, right):
            return f"{value(left)} {operator} {value(right)}"
        case b.Between(of, low, high):
            return f"{value(of)} in {value(low)}..{value(high)}"
        case b.Near(of, direction, days):
            return f"{value(of)} in {direction} {_many(days, 'day')}"
        case b.Yearly(of, first, last):
            return f"{value(of)} in {first}..{last} of any year"
        case b.Missing(of):
            return f"{value(of)} is missing"
        case b.Holds(of):
            return value(of)
        case b.Did(of):
            return f"did {selection(of)}"
        case b.Followed():
            return followed(one)
        case b.Since(of):
            return f"did {selection(of)} since the entry"
        case b.InArm(name):
            return f"arm is {name}"
        case b.OnDates(first_day, last_day):
            return f"sent in {first_day or ''}..{last_day or ''}"
    return plain(one)


def value(one: b.Value) -> str:
    match one:
        case b.Constant(base, text):
            return quoted(text) if base == "text" else text
        case b.Field(name) | b.Property(name):
            return name
        case b.Count(of) | b.DaysSince(of):
            return f"{one.op}({selection(of)})"
        case b.Sum(name, of) | b.Latest(name, of):
            return f"{one.op}({name} of {selection(of)})"
    return plain(one)


def selection(one: b.Selection) -> str:
    where = f" where {condition(one.where)}" if one.where is not None else ""
    return one.event + where + (f" in last {length(one.last)}" if one.last is not None else "")


def followed(one: b.Followed) -> str:
    word = "not followed by" if one.negated else "followed by"
    last = f" in last {length(one.last)}" if one.last is not None else ""
    return f"did {selection(one.first)} {word} {selection(one.second)} within {length(one.within)}{last}"


def start(one: t.Start) -> str:
    match one:
        case t.Once():
            return "once"
        case t.Reaches(of, times):
            return f"when count({selection(of)}) reaches {times}"
        case t.SumReaches(name, of, amount):
            return f"when sum({name} of {selection(of)}) reaches {amount}"
        case t.Happens(of):
            return f"when {selection(of)}"
        case t.Pattern(of):
            return f"when {followed(of).removeprefix('did ')}"
        case t.Monthly(day):
            return f"every month on day {day}"
        case t.Weekly(weekday):
            return f"every week on {_DAYS[weekday]}"
        case t.BeforeDate(name, days):
            return f"{_many(days, 'day')} before {name}"
        case t.BeforeHoliday(days, name):
            return f"{_many(days, 'day')} before holiday{f' {quoted(name)}' if name else ''}"
    return plain(one)


def window(one: t.Window) -> str:
    days = {"every": "", "days": ", ".join(_DAYS[day] for day in one.days) + " "}.get(one.on, f"{one.on} ")
    best = ("best of ", " for customer") if one.best else ("", "")
    return f"{days}{best[0]}{hours(one.hours)}{best[1]}{' skip holidays' if one.skip_holidays else ''}"


def hours(one: t.Hours) -> str:
    return "-".join(f"{minute // 60:02}:{minute % 60:02}" for minute in (one.begin, one.end))


def length(micros: int) -> str:
    """The largest unit that leaves no rest; days rather than weeks, as briefs speak."""
    for unit, size in _LENGTHS[1:]:
        if micros % size == 0:
            return _many(micros // size, unit)
    return f"{micros} microseconds"


def field(spec: FieldSpec) -> str:
    options = ", ".join(quoted(option) for option in sorted(spec.options))
    kind = f"one_of({options})" if spec.base == "choice" else spec.base
    size = f"({spec.size})" if spec.size is not None else ""
    extra = (" sensitive" if spec.sensitive else "") + (f" in column {spec.column}" if spec.column != spec.name else "")
    return f"{kind}{size}{'?' if spec.optional else ''}{extra}"


def caps(stated: tuple[CapSpec, ...]) -> tuple[str, ...]:
    said = []
    for cap in (one.cap for one in stated):
        kinds = f" of {', '.join(cap.kinds)}" if cap.kinds else ""
        when = f" while {condition(cap.when)}" if cap.when is not None else ""
        said.append(f"{cap.count}{kinds} per {_many(cap.days, 'day') if cap.period == 'rolling' else cap.period}{when}")
    return tuple(said)


def ban(one: BanSpec) -> str:
    words, allowed = (", ".join(quoted(word) for word in said) for said in (one.ban.words, one.ban.allowed))
    return f"{words}{f' except {allowed}' if allowed else ''} because {quoted(one.ban.because)}{dates(one)}"


def dates(one: Dated) -> str:
    since, until = (f" {word} {day}" if day else "" for word, day in (("from", one.since), ("until", one.until)))
    return since + until


def consent(one: ConsentSpec) -> str:
    exempt = f" except of {', '.join(one.exempt)}" if one.exempt else ""
    return f"{one.field}{' for sensitive' if one.sensitive else ''}{exempt}{dates(one)}"


def message(one: MessageSpec) -> str:
    """Everything that it says, on which channel."""
    card = [
        f"{name} {quoted(text)}"
        for name in ("title", "text", "image", "video")
        if (text := getattr(one.card, name, ""))
    ]
    parts = [quoted(one.template), *(["card"] if card else []), *card]
    parts += [f"suggest {quoted(button.label)} {button.action}" for button in one.suggestions]
    parts += [f"verify {one.verify}"] if one.verify else []
    parts += [f"to {quoted(one.to)}"] if one.to else []
    parts += ["has to be confirmed"] if one.must_confirm else []
    return " ".join(parts)


def spoken(many: tuple[MessageSpec, ...]) -> str:
    return "; ".join(
        one.channel
        + (f" else {one.otherwise}" if one.otherwise else "")
        + (f" when {condition(one.when)}" if one.when is not None else "")
        + f" {message(one)}"
        for one in many
    )


def step(one: StepSpec) -> str:
    tests = [(word, test) for word, test in (("if", one.provided), ("unless", one.unless)) if test is not None]
    said = [f"after {length(one.after)}", *(f"{word} {condition(test)}" for word, test in tests), f"kind {one.kind}"]
    said += [f"window {window(one.window)}"] if one.window else []
    said += [spoken(one.messages)]
    said += [f"confirm {spoken((one.confirm,))}"] if one.confirm else []
    return " ".join(said)


def share(part: Decimal) -> str:
    return f"{canonical(part * 100)}%" if part else ""


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
