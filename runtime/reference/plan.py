"""A whole run: every customer against every campaign, then the caps; then the steps that follow what this run sends."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from dsl.catalog import TASK
from dsl.identity import DEVELOPMENT, LinkKey
from dsl.program import parts
from dsl.program.ir import CampaignSpec, Program
from dsl.program.parts import Part
from runtime.openings import Openings
from runtime.outcomes import KEY, STEP
from runtime.reference import caps, follow, hours, limits
from runtime.reference.data import Data, Past, Person, world
from runtime.reference.gates import Gates
from runtime.reference.links import settle
from runtime.reference.met import Met, Row
from runtime.reference.occurrences import Occurrence, candidate
from runtime.response import Asked, Response

Limit = Callable[[Program, Openings, Sequence[Row], Sequence[Past], Mapping[str, Person]], None]


def plan(
    program: Program,
    data: Data,
    at: datetime,
    horizon: timedelta,
    key: LinkKey = DEVELOPMENT,
    taken: Mapping[str, str] | None = None,
) -> list[Row]:
    """One row per candidate with the columns of runtime/outcomes.py, in the order of its key. `at` has an offset.

    key: of links. taken: the code and the send of each link of earlier runs.
    """
    rows = [one.row for one in prepare(program, data, at, horizon, key=key).decisions()]
    settle(program, rows, key, taken or {})
    return rows


def prepare(
    program: Program,
    data: Data,
    at: datetime,
    horizon: timedelta,
    limit: Limit = limits.apply,
    key: LinkKey = DEVELOPMENT,
    responses: Mapping[Asked, Response] | None = None,
) -> Run:
    """Everything that a run looks at. `limit`: what holds budgets and paces. responses: as a run found them; None: look."""
    at = at.astimezone(UTC)
    known, before = world(program, data, at)
    found = hours.responses(program, known, before, at) if responses is None else responses
    known = {key: replace(who, responses=found) for key, who in known.items()}
    past: dict[str, list[Past]] = defaultdict(list)
    for row in before:
        past[row.customer].append(row)
    return Run(program, Openings(program), known, past, before, at + horizon, limit, key)


@dataclass(frozen=True)
class Decision:
    """A candidate with its row, and the gates that it met."""

    part: Part
    who: Person
    one: Occurrence
    row: Row
    met: list[Met]


@dataclass(frozen=True)
class Run:
    """`past`: the ledger's standing rows, by customer and (`before`) all of them. `until`: the end of the horizon."""

    program: Program
    openings: Openings
    known: Mapping[str, Person]
    past: Mapping[str, Sequence[Past]]
    before: Sequence[Past]
    until: datetime
    limit: Limit
    key: LinkKey

    def decisions(self) -> list[Decision]:
        """In the order of the key of their rows."""
        sends = [row for row in self.before if row.outcome == "send"]
        found = self._decide(self._candidates(), sends)
        # A second pass: the steps that come due within the horizon after what the first has sent.
        sent = [one.row for one in found if one.row["outcome"] == "send"]
        found += self._decide(self._following(sent), [*sends, *map(_past, sent)])
        return sorted(found, key=lambda one: _key(one.row))

    def _candidates(self) -> Iterator[tuple[Part, Person, Occurrence]]:
        """Entries, and what follows the entries and messages of the ledger."""
        for who in self.known.values():
            every = self.past.get(who.key, ())
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

    def _following(self, sent: Sequence[Row]) -> Iterator[tuple[Part, Person, Occurrence]]:
        """What follows the entries that this run sends."""
        campaigns = {campaign.name: campaign for campaign in self.program.campaigns}
        for row in sent:
            if row["step"] == STEP:
                entered = follow.Entered(row["occurrence"], row["started_at"], row["at"])
                mine = [one for one in self.past.get(row["customer"], ()) if one.campaign == row["campaign"]]
                yield from self._steps(campaigns[row["campaign"]], self.known[row["customer"]], entered, mine)

    def _steps(
        self, campaign: CampaignSpec, who: Person, entered: follow.Entered, past: Sequence[Past]
    ) -> Iterator[tuple[Part, Person, Occurrence]]:
        for part, one in follow.steps(campaign, who, entered, past, self.openings, self.until):
            yield part, who, one

    def _decide(self, found: Iterator[tuple[Part, Person, Occurrence]], sends: Sequence[Past]) -> list[Decision]:
        """Each candidate through the gates, and what is left through caps, budget and pace. `sends`: all before."""
        gates = Gates(self.program, self.openings, _owners(self.known), self.until, self.key)
        decided = [Decision(part, who, one, *gates.decide(part, who, one)) for part, who, one in found]
        rows, met = [one.row for one in decided], {_key(one.row): one.met for one in decided}
        messages = [
            caps.Sent(row.recipient, row.campaign, row.kind, row.day, row.step == STEP)
            for row in sends
            if row.recipient is not None and row.day is not None and row.channel != TASK
        ]
        for row, looked in caps.apply(self.program, rows, messages, self.known):
            met[_key(row)] += looked
        self.limit(self.program, self.openings, rows, sends, self.known)
        return decided


def _key(row: Row) -> tuple[str, ...]:
    return tuple(row[name] for name in KEY)


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
