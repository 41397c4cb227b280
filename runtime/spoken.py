"""A program read aloud: conditions, starts, windows, fields and rules as short text; what means the same reads the same."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal

from dsl import behaviour as b
from dsl import terms as t
from dsl.program.ir import BanSpec, CapSpec, ConsentSpec, Dated, FieldSpec, MessageSpec, Part, QuietSpec, StepSpec
from dsl.quantities import canonical

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LENGTHS = (("day", b.DAY), ("hour", b.DAY // 24), ("minute", 60_000_000), ("second", 1_000_000))

_PERIODS = {"day": "{cap} per day", "week": "{cap} per week", "month": "{cap} per month", "rolling": "{cap} per {days}"}


class Speaker:
    """Speaks one language. Phrases stand here in English, and in dsl/lang/spoken_zh.toml in Chinese."""

    def __init__(self, lang: str = "en") -> None:
        self._meant: Mapping[str, str] = {}
        if lang != "en":
            from dsl.lang import phrases

            self._meant = phrases(lang)

    def phrase(self, english: str, **gaps: object) -> str:
        """With what stands in its gaps: users' words go through these only, since a phrase may be translated."""
        return self.name(english).format(**gaps)

    def name(self, english: str) -> str:
        """A word of Camp's; one that nobody has translated stays as it is."""
        return self._meant.get(english, english)

    def listed(self, items: Iterable[str]) -> str:
        return self.name(", ").join(items)

    def plain(self, value: object) -> str:
        match value:
            case None:
                return ""
            case Decimal():
                return canonical(value)
            case str():
                return quoted(value) if not value.isidentifier() else value
            case Mapping():
                return self.listed(f"{key} {self.plain(inner)}" for key, inner in sorted(value.items()))
            case tuple() | list():
                return self.listed(self.plain(inner) for inner in value)
            case b.Selection():
                return self.selection(value)
            case Part():
                return "(" + " ".join(self.plain(getattr(value, name)) for name in type(value).model_fields) + ")"
        if is_dataclass(value):
            return "(" + " ".join(self.plain(getattr(value, one.name)) for one in fields(value)) + ")"
        return self.name(str(value))  # True, False

    def condition(self, one: b.Condition) -> str:
        match one:
            case b.All(items) | b.Any(items):
                # The order of items means nothing: without one, moving a line is no change.
                word = self.name(" and " if isinstance(one, b.All) else " or ")
                return "(" + word.join(sorted(self.condition(item) for item in items)) + ")"
            case b.Not(item):
                return self.phrase("not {test}", test=self.condition(item))
            case b.Compare(operator, left, right):
                return f"{self.value(left)} {operator} {self.value(right)}"
            case b.Between(of, low, high):
                ends = {"low": self.value(low), "high": self.value(high)}
                return self.phrase("{value} in {low}..{high}", value=self.value(of), **ends)
            case b.Near(of, direction, days):
                said = "{value} in last {days}" if direction == "last" else "{value} in next {days}"
                return self.phrase(said, value=self.value(of), days=self.many(days, "day"))
            case b.Yearly(of, first, last):
                return self.phrase("{value} in {low}..{high} of any year", value=self.value(of), low=first, high=last)
            case b.Missing(of):
                return self.phrase("{value} is missing", value=self.value(of))
            case b.Holds(of):
                return self.value(of)
            case b.Did(of):
                return self.phrase("did {event}", event=self.selection(of))
            case b.Followed():
                return self.phrase("did {event}", event=self.followed(one))
            case b.Since(of):
                return self.phrase("did {event} since the entry", event=self.selection(of))
            case b.InArm(name):
                return self.phrase("arm is {name}", name=name)
            case b.OnDates(first_day, last_day):
                return self.phrase("sent in {low}..{high}", low=first_day or "", high=last_day or "")
        return self.plain(one)

    def value(self, one: b.Value) -> str:
        match one:
            case b.Constant(base, text):
                return quoted(text) if base == "text" else text
            case b.Field(name) | b.Property(name):
                return name
            case b.Count(of):
                return self.phrase("count({event})", event=self.selection(of))
            case b.DaysSince(of):
                return self.phrase("days_since({event})", event=self.selection(of))
            case b.Sum(name, of):
                return self.phrase("sum({name} of {event})", name=name, event=self.selection(of))
            case b.Latest(name, of):
                return self.phrase("latest({name} of {event})", name=name, event=self.selection(of))
        return self.plain(one)

    def selection(self, one: b.Selection) -> str:
        said = one.event
        if one.where is not None:
            said = self.phrase("{event} where {test}", event=said, test=self.condition(one.where))
        return (
            said if one.last is None else self.phrase("{event} in last {days}", event=said, days=self.length(one.last))
        )

    def followed(self, one: b.Followed) -> str:
        said = "{first} followed by {second} within {days}"
        if one.negated:
            said = "{first} not followed by {second} within {days}"
        first, second = self.selection(one.first), self.selection(one.second)
        said = self.phrase(said, first=first, second=second, days=self.length(one.within))
        return (
            said if one.last is None else self.phrase("{event} in last {days}", event=said, days=self.length(one.last))
        )

    def start(self, one: t.Start) -> str:
        match one:
            case t.Once():
                return self.name("once")
            case t.Reaches(of, times):
                return self.phrase("when {value} reaches {limit}", value=self.value(b.Count(of)), limit=times)
            case t.SumReaches(name, of, amount):
                return self.phrase("when {value} reaches {limit}", value=self.value(b.Sum(name, of)), limit=amount)
            case t.Happens(of):
                return self.phrase("when {event}", event=self.selection(of))
            case t.Pattern(of):
                return self.phrase("when {event}", event=self.followed(of))
            case t.Monthly(day):
                return self.phrase("every month on day {day}", day=day)
            case t.Weekly(weekday):
                return self.phrase("every week on {day}", day=self.name(_DAYS[weekday]))
            case t.BeforeDate(name, days):
                return self.phrase("{days} before {name}", days=self.many(days, "day"), name=name)
            case t.BeforeHoliday(days, str(holiday)):
                return self.phrase("{days} before holiday {name}", days=self.many(days, "day"), name=quoted(holiday))
            case t.BeforeHoliday(days):
                return self.phrase("{days} before holiday", days=self.many(days, "day"))
        return self.plain(one)

    def window(self, one: t.Window) -> str:
        said = hours(one.hours)
        if one.best:
            said = self.phrase("best of {hours} for customer", hours=said)
        if one.on != "every":
            days = self.listed(self.name(_DAYS[day]) for day in one.days) if one.on == "days" else self.name(one.on)
            said = f"{days} {said}"
        return self.phrase("{window} skip holidays", window=said) if one.skip_holidays else said

    def length(self, micros: int) -> str:
        """The largest unit that leaves no rest; days rather than weeks, as briefs speak."""
        for unit, size in _LENGTHS:
            if micros % size == 0:
                return self.many(micros // size, unit)
        return self.many(micros, "microsecond")

    def many(self, count: int, what: str) -> str:
        return f"{count} {self.name(what if count == 1 else f'{what}s')}"

    def field(self, spec: FieldSpec) -> str:
        options = self.listed(quoted(option) for option in sorted(spec.options))
        said = self.phrase("one_of({options})", options=options) if spec.base == "choice" else self.name(spec.base)
        said += (f"({spec.size})" if spec.size is not None else "") + ("?" if spec.optional else "")
        said = self.phrase("{field} sensitive", field=said) if spec.sensitive else said
        return (
            said if spec.column == spec.name else self.phrase("{field} in column {name}", field=said, name=spec.column)
        )

    def caps(self, stated: tuple[CapSpec, ...]) -> tuple[str, ...]:
        return tuple(self.cap(one.cap) for one in stated)

    def cap(self, cap: t.Cap) -> str:
        said = self.phrase("{count}", count=cap.count)
        if cap.kinds:
            said = self.phrase("{cap} of {kinds}", cap=said, kinds=self.listed(cap.kinds))
        said = self.phrase(_PERIODS[cap.period], cap=said, days=self.many(cap.days, "day"))
        return said if cap.when is None else self.phrase("{cap} while {test}", cap=said, test=self.condition(cap.when))

    def ban(self, one: BanSpec) -> str:
        said, allowed = (self.listed(quoted(word) for word in words) for words in (one.ban.words, one.ban.allowed))
        said = self.phrase("{ban} except {names}", ban=said, names=allowed) if allowed else said
        lifted = self.listed(quoted(word) for word in one.ban.unless)
        said = self.phrase("{ban} unless {names}", ban=said, names=lifted) if lifted else said
        return self.dated(self.phrase("{ban} because {reason}", ban=said, reason=quoted(one.ban.because)), one)

    def quiet(self, one: QuietSpec) -> str:
        said, days = hours(one.hours), self.listed(self.name(_DAYS[day]) for day in one.days)
        said = self.phrase("{hours} on {days}", hours=said, days=days) if days else said
        return self.dated(self.phrase("{hours} on holidays", hours=said) if one.holidays else said, one)

    def block(self, one: t.Block) -> str:
        return self.phrase("{kinds} while {test}", kinds=self.listed(one.kinds), test=self.condition(one.when))

    def dated(self, said: str, one: Dated) -> str:
        said = self.phrase("{rule} from {day}", rule=said, day=one.since) if one.since else said
        return self.phrase("{rule} until {day}", rule=said, day=one.until) if one.until else said

    def consent(self, one: ConsentSpec) -> str:
        said = self.phrase("{field} for sensitive", field=one.field) if one.sensitive else one.field
        said = self.phrase("{rule} except of {kinds}", rule=said, kinds=self.listed(one.exempt)) if one.exempt else said
        return self.dated(said, one)

    def channel(self, one: MessageSpec) -> str:
        """With the other that it gives way to."""
        if not one.otherwise:
            return one.channel
        return self.phrase("{channel} else {other}", channel=one.channel, other=one.otherwise)

    def message(self, one: MessageSpec) -> str:
        """Everything that it says, on which channel."""
        card = [
            f"{self.name(name)} {quoted(text)}"
            for name in ("title", "text", "image", "video")
            if (text := getattr(one.card, name, ""))
        ]
        parts = [quoted(one.template), *([self.name("card")] if card else []), *card]
        for button in one.suggestions:
            label, action = quoted(button.label), self.name(button.action)
            parts.append(self.phrase("suggest {label} {action}", label=label, action=action))
        parts += [self.phrase("verify {way}", way=one.verify)] if one.verify else []
        parts += [self.phrase("to {who}", who=quoted(one.to))] if one.to else []
        parts += [self.name("has to be confirmed")] if one.must_confirm else []
        return " ".join(parts)

    def messages(self, many: tuple[MessageSpec, ...]) -> str:
        return self.name("; ").join(f"{self.addressed(self.channel(one), one)} {self.message(one)}" for one in many)

    def addressed(self, said: str, one: MessageSpec) -> str:
        """With the condition on which it is sent."""
        return (
            said
            if one.when is None
            else self.phrase("{message} when {test}", message=said, test=self.condition(one.when))
        )

    def step(self, one: StepSpec) -> str:
        said = [self.phrase("after {days}", days=self.length(one.after))]
        said += [self.phrase("if {test}", test=self.condition(one.provided))] if one.provided is not None else []
        said += [self.phrase("unless {test}", test=self.condition(one.unless))] if one.unless is not None else []
        said += [self.phrase("kind {kind}", kind=one.kind)]
        said += [self.phrase("window {window}", window=self.window(one.window))] if one.window else []
        said += [self.messages(one.messages)]
        said += [self.phrase("confirm {message}", message=self.messages((one.confirm,)))] if one.confirm else []
        return " ".join(said)


def hours(one: t.Hours) -> str:
    return "-".join(f"{minute // 60:02}:{minute % 60:02}" for minute in (one.begin, one.end))


def share(part: Decimal) -> str:
    return f"{canonical(part * 100)}%" if part else ""


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
