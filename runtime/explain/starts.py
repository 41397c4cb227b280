"""Why nothing has started: of a campaign whose audience holds, of a step that was due, of a reply that wanted an answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dsl import behaviour as b
from dsl import terms as t
from dsl.program.parts import Part
from runtime.explain.telling import Said, Telling
from runtime.reference.data import Past, Person
from runtime.reference.occurrences import Occurrence
from runtime.reference.plan import Decision, Run

_AHEAD = timedelta(days=400)  # how far a next date is looked for


@dataclass(frozen=True)
class Starts:
    telling: Telling
    run: Run

    def made(self, decision: Decision) -> str:
        """What made a candidate."""
        part, one, who = decision.part, decision.one, decision.who
        said = self.due(part, who, one)
        return self._say("{said}, still open in the ledger", said=said) if one.open else said

    def due(self, part: Part, who: Person, one: Occurrence) -> str:
        """What made it start, and when."""
        time = self._time(one.start, who)
        if part.is_entry:
            start = self.telling.speaker.start(part.campaign.start)
            return self._say("{start}: {time}", start=start, time=time)
        if one.since is not None and part.after:
            days, entry = self.telling.speaker.length(part.after), self._time(one.since, who)
            return self._say("{days} after the message of {then}: {time}", days=days, then=entry, time=time)
        return self._say("replied at {time}", time=time)

    def nothing(self, part: Part, who: Person, found: Sequence[tuple[Occurrence, str | None]]) -> Said:
        """Of an entry: why none of the starts that were looked at is one."""
        if not found:
            return self._unstarted(part, who)
        # The nearest: what comes next, else what was last.
        one, why = next((each for each in found if each[1] == "later"), found[-1])
        return self.refused(part, who, one, why or "")

    def refused(self, part: Part, who: Person, one: Occurrence, why: str) -> Said:
        """Why nothing comes of one start."""
        campaign, time, say = part.campaign, self._time(one.start, who), self._say
        begin, end = self.run.openings.runs(campaign.name, who.zone)
        until, start = self._time(self.run.until, who), self.due(part, who, one)
        match why:
            case "before":
                change = "It would start if it happened again from {time} on."
                return say("{start}, before the campaign runs", start=start), [say(change, time=self._time(begin, who))]
            case "after":
                change = say("It would pass if the campaign ran beyond {time}.", time=time)
                return say("{start}, after the campaign's end, {time}", start=start, time=self._time(end, who)), [
                    change
                ]
            case "later":
                change = say("A run that reaches beyond {time} would look further.", time=time)
                return say("{start}, behind the run's end, {time}", start=start, time=until), [change]
            case "expired":
                assert campaign.expire is not None
                gone = self._time(one.start + timedelta(microseconds=campaign.expire), who)
                change = say("A run before {time} would have been in time.", time=gone)
                return say("{start}, its time ended at {time}", start=start, time=gone), [change]
            case "other":
                change = "It would be answered if this campaign had sent the last message before it."
                return say("{start}, an answer to another campaign's message", start=start), [self._name(change)]
        return self._entered(part, who, one, why)

    def _entered(self, part: Part, who: Person, one: Occurrence, why: str) -> Said:
        """What the ledger knows already."""
        campaign, say = part.campaign, self._say
        mine = [row for row in self.run.past.get(who.key, ()) if (row.campaign, row.step) == (campaign.name, part.step)]
        last = max((row for row in mine if row.start <= one.start or why == "again"), key=_started, default=None)
        if why == "final":
            last = next((row for row in mine if row.occurrence == one.name), last)
            name = last.outcome if last else ""
            said = say("{start}, decided before: {outcome}", start=self.due(part, who, one), outcome=self._name(name))
            return said, [self._name("What is decided is not decided again.")]
        assert last is not None
        entered = self._time(last.start, who)
        if campaign.again is None:
            change = "It would start again if the campaign stated `again after`."
            return say("entered at {time} already, and no `again` is stated", time=entered), [self._name(change)]
        again = timedelta(microseconds=campaign.again)
        days, then = self.telling.speaker.length(campaign.again), self._time(last.start + again, who)
        change = say("It would start from {time} on.", time=then)
        return say("entered at {time}, and again only {days} after that", time=entered, days=days), [change]

    def _unstarted(self, part: Part, who: Person) -> Said:
        campaign, asked, say = part.campaign, self.telling.asked, self._say
        start = self.telling.speaker.start(campaign.start)
        test: b.Condition
        match campaign.start:
            case t.Reaches(of, times):
                test = b.Compare(">=", b.Count(of), b.Constant("number", str(times)))
            case t.SumReaches(name, of, amount):
                test = b.Compare(">=", b.Sum(name, of), b.Constant("number", amount))
            case t.Happens(of):
                test = b.Did(of)
            case t.Pattern(of_pattern):
                test = of_pattern
            case t.BeforeDate(name, _):
                met = asked.missing
                change = asked.were(name, self._name("known"), met)
                said = say("{start}: {met}", start=start, met=say("{field} is {value}", field=name, value=met))
                return said, self.telling.passing([change])
            case _:
                return self._dated(part, who, start)
        said = say("{start}: so far {met}", start=start, met=asked.met(test, who))
        return said, self.telling.passing(change.said for change in asked.changes(test, who))

    def _dated(self, part: Part, who: Person, start: str) -> Said:
        """A start by calendar, of which none lies in the run: when is the next?"""
        openings, name = self.run.openings, part.campaign.name
        begin, end = openings.runs(name, who.zone)
        ahead = [
            at
            for _, at in openings.dated(name, who.zone, max(who.at, begin - timedelta(days=1)), self.run.until + _AHEAD)
        ]
        following = next((at for at in ahead if begin <= at < end), None)
        if following is None:
            return self._say("{start}: none any more before the campaign ends", start=start), []
        time = self._time(following, who)
        change = self._say("A run that reaches beyond {time} would look further.", time=time)
        return self._say("{start}: the next is {time}", start=start, time=time), [change]

    def _time(self, instant: datetime, who: Person) -> str:
        return self.telling.asked.time(instant, who)

    def _say(self, phrase: str, **gaps: object) -> str:
        return self.telling.speaker.phrase(phrase, **gaps)

    def _name(self, word: str) -> str:
        return self.telling.speaker.name(word)


def _started(row: Past) -> datetime:
    return row.start
