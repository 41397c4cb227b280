"""One customer's way through each campaign: candidates, and why nothing came of what is none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from dsl.program import parts
from dsl.program.ir import CampaignSpec
from dsl.program.parts import Part
from runtime.explain.candidates import Candidates
from runtime.explain.model import NOTHING, Line, Told
from runtime.explain.starts import Starts
from runtime.explain.telling import Telling
from runtime.outcomes import STEP
from runtime.reference import follow
from runtime.reference.data import Person
from runtime.reference.occurrences import considered
from runtime.reference.plan import Decision, Run


@dataclass(frozen=True)
class Story:
    """`decided`: the customer's candidates."""

    run: Run
    telling: Telling
    starts: Starts
    candidates: Candidates
    decided: Sequence[Decision]

    def told(self, who: Person, names: Sequence[str]) -> Iterator[Told]:
        """Each campaign of those names: its entry, what follows it, and what the run wrote and nothing comes of now."""
        for campaign in self.run.program.campaigns:
            if campaign.name in names:
                mine = [one for one in self.decided if one.part.campaign.name == campaign.name]
                told = [self._entry(campaign, who, mine), *self._steps(campaign, who, mine)]
                told += self._answers(campaign, who, mine)
                yield from told
                known = {(one.step, one.occurrence) for one in told if one.outcome != NOTHING}
                for row in self.candidates.rows.values():
                    about = (row["campaign"], row["customer"]) == (campaign.name, who.key)
                    if about and (row["step"], row["occurrence"]) not in known:
                        none = Told(campaign.name, row["step"], row["occurrence"], NOTHING, None, None, None, (), ())
                        yield replace(none, recorded=row, agrees=False)

    def _entry(self, campaign: CampaignSpec, who: Person, decided: Sequence[Decision]) -> Told:
        part = parts.entry(campaign)
        for one in decided:
            if one.part.is_entry:
                return self.candidates.told(one)
        lines, changes = list[Line](), list[str]()
        for each in campaign.audience:
            line, more = self.telling.condition("audience", each.at, each.when, who)
            lines.append(line)
            changes += more
        failing = next((line for line in lines if not line.passed), None)
        if failing is not None:
            return _none(part, None, "audience", failing.rule, lines, self.telling.passing(changes))
        past = [row for row in self.run.past.get(who.key, ()) if (row.campaign, row.step) == (campaign.name, STEP)]
        found = list(considered(campaign, who, past, self.run.openings, self.run.until))
        said, changes = self.starts.nothing(part, who, found)
        return _none(part, None, "start", part.at, [*lines, Line("start", False, part.at, said)], changes)

    def _steps(self, campaign: CampaignSpec, who: Person, decided: Sequence[Decision]) -> Iterator[Told]:
        """After each entry that was sent, in the ledger or by this run."""
        past = [row for row in self.run.past.get(who.key, ()) if row.campaign == campaign.name]
        before = [row for row in past if row.step == STEP and row.outcome == "send"]
        entries = [follow.Entered(row.occurrence, row.start, row.at) for row in before if row.at is not None]
        now = [one.row for one in decided if one.part.is_entry and one.row["outcome"] == "send"]
        entries += [follow.Entered(row["occurrence"], row["started_at"], row["at"]) for row in now]
        candidates = {(one.part.step, one.one.name): one for one in decided}
        for entered in entries:
            for part, one, why in follow.considered(campaign, who, entered, past, self.run.openings, self.run.until):
                candidate = candidates.get((part.step, one.name))
                if candidate is not None:
                    yield self.candidates.told(candidate)
                elif why == "goes":
                    due = Line("start", True, part.at, self.starts.due(part, who, one))
                    tests, changes = self.telling.goes(part, replace(who, since=entered.at))
                    failing = next(line.gate for line in tests if not line.passed)
                    yield _none(part, one.name, failing, part.at, [due, *tests], self.telling.passing(changes))
                elif why is not None:
                    yield self._not_started(part, who, one.name, self.starts.refused(part, who, one, why))

    def _answers(self, campaign: CampaignSpec, who: Person, decided: Sequence[Decision]) -> Iterator[Told]:
        """To each text that the customer has sent and the campaign answers."""
        every = self.run.past.get(who.key, ())
        for part, found in follow.answers(campaign, who, every, self.run.openings, self.run.until):
            candidate = next((one for one in decided if one.part.step == part.step), None)
            if candidate is not None:
                yield self.candidates.told(candidate)
            elif found:
                one, why = found[-1]
                yield self._not_started(part, who, one.name, self.starts.refused(part, who, one, why or ""))

    def _not_started(self, part: Part, who: Person, occurrence: str, why: tuple[str, list[str]]) -> Told:
        return _none(part, occurrence, "start", part.at, [Line("start", False, part.at, why[0])], why[1])


def _none(
    part: Part, occurrence: str | None, reason: str, rule: str, lines: Sequence[Line], changes: Sequence[str]
) -> Told:
    """What is no candidate. `reason`: the gate in front of which it stayed."""
    name = part.campaign.name
    return Told(name, part.step, occurrence, NOTHING, reason, rule, None, tuple(lines), tuple(changes))
