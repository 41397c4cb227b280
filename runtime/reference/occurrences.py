"""Which occurrence of a campaign a customer is a candidate with: one at most, an open one of the ledger before a new one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dsl.program.ir import CampaignSpec, ReachesSpec
from dsl.terms import Reaches
from runtime.outcomes import FINAL
from runtime.reference.conditions import holds, passing
from runtime.reference.data import Event, Past, Person

_OPEN = frozenset({"deferred", "suppressed"})


@dataclass(frozen=True)
class Occurrence:
    """`open`: the ledger knows it, and it is not final."""

    name: str
    start: datetime
    open: bool = False


def candidate(
    campaign: CampaignSpec, who: Person, past: Sequence[Past], runs: tuple[datetime, datetime], until: datetime
) -> Occurrence | None:
    """`past`: the standing rows of this campaign and customer. `until`: the end of the horizon."""
    still = [Occurrence(row.occurrence, row.start, open=True) for row in past if row.outcome in _OPEN]
    if still:
        return min(still, key=lambda one: (one.start, one.name))
    if not all(holds(line.when, who) for line in campaign.audience):
        return None
    final = {row.occurrence for row in past if row.outcome in FINAL}
    last = max((row.start for row in past if row.outcome in FINAL), default=None)
    again = None if campaign.again is None else timedelta(microseconds=campaign.again)
    if last is not None and again is None:
        return None
    earliest = None if last is None or again is None else last + again
    if isinstance(campaign.start, ReachesSpec):
        return _reached(campaign, campaign.start.start, who, final, earliest, runs)
    start = max(who.at, runs[0], earliest or who.at)
    return Occurrence(str(1 + len(final)), start) if start < min(until, runs[1]) else None


def _reached(
    campaign: CampaignSpec,
    start: Reaches,
    who: Person,
    final: set[str],
    earliest: datetime | None,
    runs: tuple[datetime, datetime],
) -> Occurrence | None:
    begin, end = runs
    for event in crossings(start, who):
        live = campaign.expire is None or who.at - timedelta(microseconds=campaign.expire) < event.at
        armed = earliest is None or event.at >= earliest
        if begin <= event.at < end and live and armed and event.id not in final:
            return Occurrence(event.id, event.at)
    return None


def crossings(start: Reaches, who: Person) -> Iterator[Event]:
    """The events that make the count reach its number, in order."""
    events, last = passing(start.of, who), start.of.last
    for place, event in enumerate(events):
        counted = [
            one for one in events[: place + 1] if last is None or one.at > event.at - timedelta(microseconds=last)
        ]
        if len(counted) >= start.times > len(counted) - 1:
            yield event
