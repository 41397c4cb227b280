"""Conditions as a customer meets them: the value that was found, and the least that would turn the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from dsl import behaviour as b
from dsl.program.ir import Program
from dsl.quantities import canonical
from dsl.render.filters import mask
from runtime.explain.model import Test
from runtime.openings import local
from runtime.reference.conditions import followed, holds, passing, selected, value
from runtime.reference.data import Event, Person
from runtime.spoken import Speaker, quoted

_OTHERWISE: dict[b.Operator, b.Operator] = {"=": "!=", "!=": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_NEEDED: dict[b.Operator, str] = {
    "=": "{value}",
    "!=": "anything but {value}",
    "<": "less than {value}",
    "<=": "at most {value}",
    ">": "more than {value}",
    ">=": "at least {value}",
}


EVERYONE = b.All(())


@dataclass(frozen=True)
class Change:
    """What would have to be otherwise. `far`: how far it is from that, to tell which of several is nearest."""

    said: str
    far: float


class Asked:
    """Speaks of one program's conditions."""

    def __init__(self, program: Program, speaker: Speaker) -> None:
        self.speaker = speaker
        # The word alone is the name of a setting too, which is called otherwise in another language.
        self.missing = speaker.phrase("{value} is missing", value="").split()[-1]
        self._phones = {spec.name for spec in program.customer if spec.base == "phone"}

    def test(self, one: b.Condition, who: Person) -> Test:
        """The condition with everything in it."""
        one = plain(one)
        inner = one.item if isinstance(one, b.Not) else one
        together = isinstance(inner, (b.All, b.Any))
        tests = tuple(self.test(item, who) for item in inner.items) if isinstance(inner, (b.All, b.Any)) else ()
        said = self.speaker.name("everyone") if one == EVERYONE else self.speaker.condition(one)
        return Test(said, holds(one, who), "" if together else self.met(inner, who), tests)

    def changes(self, one: b.Condition, who: Person, wanted: bool = True) -> list[Change]:
        """The fewest changes, of equals the nearest, after which the condition would be as it is wanted."""
        if holds(one, who) == wanted:
            return []
        match one:
            case b.Not(item):
                return self.changes(item, who, not wanted)
            case b.All(items) if wanted:
                return [change for item in items for change in self.changes(item, who, wanted)]
            case b.Any(items) if not wanted:
                return [change for item in items for change in self.changes(item, who, wanted)]
            case b.All(items) | b.Any(items):
                ways = [self.changes(item, who, wanted) for item in items]
                return min(ways, key=lambda way: (len(way), sum(change.far for change in way)), default=[])
        return [Change(self._change(one, who, wanted), self._far(one, who))]

    def met(self, one: b.Condition, who: Person) -> str:
        """What an atom finds."""
        match one:
            case b.Compare(_, left, right):
                asked = [side for side in (left, right) if not isinstance(side, b.Constant)]
                if len(asked) == 1:
                    return self.found(asked[0], who)
                return self.speaker.listed(f"{self.speaker.value(side)} {self.found(side, who)}" for side in asked)
            case b.Between(of) | b.Near(of) | b.Yearly(of) | b.Missing(of) | b.Holds(of):
                return self.found(of, who)
            case b.Did(of):
                earlier = [] if of.last is None else passing(of, who)
                return self.happened(selected(of, who), who, earlier)
            case b.Since(of):
                every = selected(of, who)
                return self.happened([one for one in every if who.since is not None and one.at > who.since], who, every)
            case b.Followed(first):
                pairs = list(followed(one, who))
                if pairs:
                    event, came = pairs[-1]
                    said = "{event} of {time}, true at {then}"
                    times = {"time": self.time(event.at, who), "then": self.time(came, who)}
                    return self.speaker.phrase(said, event=first.event, **times)
                seen = self.happened(selected(first, who), who)
                return self.speaker.phrase("none; {event}: {seen}", event=first.event, seen=seen)
            case b.InArm():
                return who.arm or self.speaker.name("none")
            case b.OnDates():
                return who.today.isoformat()
        raise AssertionError("several tests together find nothing of their own")

    def found(self, of: b.Value, who: Person) -> str:
        """A value, with the latest of the events that it counts."""
        said = self.bare(of, who)
        if isinstance(of, (b.Count, b.DaysSince)) and (events := selected(of.of, who)):
            return self.speaker.phrase("{value}, the latest {time}", value=said, time=self.time(events[-1].at, who))
        return said

    def bare(self, of: b.Value, who: Person) -> str:
        """A value alone."""
        return self.shown(value(of, who), masked=isinstance(of, b.Field) and of.name in self._phones)

    def happened(self, events: Sequence[Event], who: Person, earlier: Sequence[Event] = ()) -> str:
        """`earlier`: what lies outside of the time that is asked about."""
        if events:
            count = self.speaker.many(len(events), "time")
            return self.speaker.phrase("{value}, the latest {time}", value=count, time=self.time(events[-1].at, who))
        if earlier:
            return self.speaker.phrase("none, the latest before {time}", time=self.time(earlier[-1].at, who))
        return self.speaker.name("none")

    def shown(self, found: Any, masked: bool = False) -> str:
        match found:
            case None:
                return self.missing
            case bool():
                return self.speaker.name("yes" if found else "no")
            case Decimal():
                return canonical(found)
            case date():
                return found.isoformat()
            case str():
                return quoted(str(mask(found)) if masked else found)
        return str(found)

    def time(self, instant: datetime, who: Person) -> str:
        """On the customer's clock."""
        return clock(instant, who.zone)

    def _change(self, one: b.Condition, who: Person, wanted: bool) -> str:
        match one:
            case b.Compare(sign, left, right):
                needed = self.speaker.phrase(
                    _NEEDED[sign if wanted else _OTHERWISE[sign]], value=self.speaker.value(right)
                )
                return self.were(self.speaker.value(left), needed, self.bare(left, who))
            case b.Between(of, low, high):
                needed = "between {low} and {high}" if wanted else "outside of {low} to {high}"
                said = self.speaker.phrase(needed, low=low.text, high=high.text)
                return self.were(self.speaker.value(of), said, self.bare(of, who))
            case b.Did(of):
                said = "there were one more {event}" if wanted else "there were no {event}"
                return self.speaker.phrase(said, event=self.speaker.selection(of))
            case b.Since(of):
                said = (
                    "there were one more {event} since the entry" if wanted else "there were no {event} since the entry"
                )
                return self.speaker.phrase(said, event=self.speaker.selection(of))
            case b.Followed():
                said = "there were one more {event}" if wanted else "there were no {event}"
                return self.speaker.phrase(said, event=self.speaker.followed(one))
            case b.Holds(of):
                return self.were(
                    self.speaker.value(of), self.speaker.name("yes" if wanted else "no"), self.found(of, who)
                )
            case b.Missing(of):
                state = self.missing if wanted else self.speaker.name("known")
                return self.were(self.speaker.value(of), state, self.bare(of, who))
        said = "{test} held (now: {met})" if wanted else "{test} did not hold (now: {met})"
        return self.speaker.phrase(said, test=self.speaker.condition(one), met=self.met(one, who))

    def were(self, subject: str, needed: str, met: str) -> str:
        """What it would have to be, and is not."""
        return self.speaker.phrase("{test} were {needed}, not {met}", test=subject, needed=needed, met=met)

    def _far(self, one: b.Condition, who: Person) -> float:
        """Of numbers by their share of what is needed; what is missing is farther than any."""
        match one:
            case b.Compare(_, left, b.Constant() as right):
                found, wanted = value(left, who), right.value
            case b.Between(of, low):
                found, wanted = value(of, who), low.value
            case _:
                return 1.0
        if found is None:
            return 1e9
        if isinstance(wanted, Decimal):
            return float(abs(Decimal(found) - wanted) / max(abs(wanted), Decimal(1)))
        return 1.0


def plain(one: b.Condition) -> b.Condition:
    """Without brackets around a single test, and without what always holds."""
    match one:
        case b.All(items):
            kept = tuple(item for item in map(plain, items) if item != EVERYONE)
            return kept[0] if len(kept) == 1 else b.All(kept)
        case b.Any((single,)):
            return plain(single)
        case b.Any(items):
            return b.Any(tuple(map(plain, items)))
        case b.Not(item):
            inner = plain(item)
            return inner.item if isinstance(inner, b.Not) else b.Not(inner)
    return one


def clock(instant: datetime, zone: str) -> str:
    """`2026-03-04 16:00` in a zone; seconds where there are any."""
    found = local(instant, zone)
    return f"{found:%Y-%m-%d %H:%M:%S}" if found.second else f"{found:%Y-%m-%d %H:%M}"
