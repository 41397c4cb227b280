"""A whole run: every customer against every campaign, then the caps; then the steps that follow what this run sends."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from dsl.catalog import TASK
from dsl.program import parts
from dsl.program.ir import CampaignSpec, Program
from dsl.program.parts import Part
from runtime.openings import Openings
from runtime.outcomes import KEY, STEP
from runtime.reference import caps, follow, limits
from runtime.reference.data import Data, Past, Person, world
from runtime.reference.gates import Gates
from runtime.reference.occurrences import Occurrence, candidate

Row = dict[str, Any]


def plan(program: Program, data: Data, at: datetime, horizon: timedelta) -> list[Row]:
    """One row per candidate with the columns of runtime/outcomes.py, in the order of its key. `at` has an offset."""
    at = at.astimezone(UTC)
    known, before = world(program, data, at)
    run = _Run(program, Openings(program), known, at + horizon)
    past: dict[str, list[Past]] = defaultdict(list)
    for row in before:
        past[row.customer].append(row)
    sends = [row for row in before if row.outcome == "send"]
    rows = run.decide(run.candidates(past), sends)
    # A second pass: the steps that come due within the horizon after what the first has sent.
    sent = [row for row in rows if row["outcome"] == "send"]
    rows += run.decide(run.following(sent, past), [*sends, *map(_past, sent)])
    return sorted(rows, key=lambda row: tuple(row[name] for name in KEY))


@dataclass(frozen=True)
class _Run:
    """`until`: the end of the horizon."""

    program: Program
    openings: Openings
    known: Mapping[str, Person]
    until: datetime

    def candidates(self, past: Mapping[str, Sequence[Past]]) -> Iterator[tuple[Part, Person, Occurrence]]:
        """Entries, and what follows the entries and messages of the ledger."""
        for who in self.known.values():
            every = past.get(who.key, ())
            for campaign in self.program.campaigns:
                mine = [row for row in every if row.campaign == campaign.name]
                entries = [row for row in mine if row.step == STEP]
                one = candidate(campaign, who, entries, self.openings, self.until)
                if one is not None:
                    yield parts.entry(campaign), who, one
                for row in entries:
                    if row.outcome == "send" and row.at is not None:
                        entered = follow.Entered(row.occurrence, row.start, row.at)
                        yield from self._steps(campaign, who, entered, mine)
                for part, reply in follow.replies(campaign, who, every, self.openings, self.until):
                    yield part, who, reply

    def following(
        self, sent: Sequence[Row], past: Mapping[str, Sequence[Past]]
    ) -> Iterator[tuple[Part, Person, Occurrence]]:
        """What follows the entries that this run sends."""
        campaigns = {campaign.name: campaign for campaign in self.program.campaigns}
        for row in sent:
            if row["step"] == STEP:
                entered = follow.Entered(row["occurrence"], row["started_at"], row["at"])
                mine = [one for one in past.get(row["customer"], ()) if one.campaign == row["campaign"]]
                yield from self._steps(campaigns[row["campaign"]], self.known[row["customer"]], entered, mine)

    def _steps(
        self, campaign: CampaignSpec, who: Person, entered: follow.Entered, past: Sequence[Past]
    ) -> Iterator[tuple[Part, Person, Occurrence]]:
        for part, one in follow.steps(campaign, who, entered, past, self.openings, self.until):
            yield part, who, one

    def decide(self, found: Iterator[tuple[Part, Person, Occurrence]], sends: Sequence[Past]) -> list[Row]:
        """Each candidate through the gates, and what is left through caps, budget and pace. `sends`: all before."""
        gates = Gates(self.program, self.openings, _owners(self.known), self.until)
        rows = [gates.decide(part, who, one) for part, who, one in found]
        messages = [
            caps.Sent(row.recipient, row.campaign, row.kind, row.day, row.step == STEP)
            for row in sends
            if row.recipient is not None and row.day is not None and row.channel != TASK
        ]
        caps.apply(self.program, rows, messages, self.known)
        limits.apply(self.program, self.openings, rows, sends, self.known)
        return rows


def _owners(known: Mapping[str, Person]) -> dict[str, str]:
    """Phone → the lowest key that has it."""
    owners: dict[str, str] = {}
    for who in known.values():
        if who.phone is not None:
            owners[who.phone] = min(who.key, owners.get(who.phone, who.key))
    return owners


def _past(row: Row) -> Past:
    """A send of this run, as the ledger will know it."""
    kept = ("campaign", "customer", "step", "occurrence", "outcome", "recipient", "kind", "at", "channel")
    start, decided, day = row["started_at"], row["decided_at"], row["local_date"]
    cost = row["cost"] or Decimal(0)
    return Past(start=start, decided=decided, day=day, cost=cost, **{name: row[name] for name in kept})
