"""Which occurrence of a campaign a customer is a candidate with: one at most, an open one of the ledger before a new one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from dsl.program.ir import CampaignSpec
from dsl.terms import BeforeDate, BeforeHoliday, Happens, Monthly, Once, Pattern, Reaches, SumReaches, Weekly
from runtime.openings import Openings, midnight
from runtime.outcomes import FINAL, NUMBER
from runtime.reference.conditions import followed, holds, passing, selected
from runtime.reference.data import Event, Past, Person

_OPEN = frozenset({"deferred", "suppressed"})


@dataclass(frozen=True)
class Occurrence:
    """`open`: the ledger knows it, and it is not final.

    entered: the start of the entry that it belongs to; since: the send that a step follows. Without them: its own start.
    """

    name: str
    start: datetime
    open: bool = False
    entered: datetime | None = None
    since: datetime | None = None


def candidate(
    campaign: CampaignSpec, who: Person, past: Sequence[Past], openings: Openings, until: datetime
) -> Occurrence | None:
    """`past`: the standing rows of this campaign and customer. `until`: the end of the horizon."""
    return next((one for one, why in considered(campaign, who, past, openings, until) if why is None), None)


def considered(
    campaign: CampaignSpec, who: Person, past: Sequence[Past], openings: Openings, until: datetime
) -> Iterator[tuple[Occurrence, str | None]]:
    """Each start in its order, and why nothing comes of it; None: it is an occurrence. Nothing where the audience does not hold.

    before, after: outside of `runs`. final: it is decided. again: `again` is not over, or not stated. expired, later: not live.
    """
    runs = openings.runs(campaign.name, who.zone)
    still = [Occurrence(row.occurrence, row.start, open=True) for row in past if row.outcome in _OPEN]
    if still:
        yield min(still, key=lambda one: (one.start, one.name)), None
        return
    if not all(holds(line.when, who) for line in campaign.audience):
        return
    final = {row.occurrence for row in past if row.outcome in FINAL}
    last = max((row.start for row in past if row.outcome in FINAL), default=None)
    again = None if campaign.again is None else timedelta(microseconds=campaign.again)
    if isinstance(campaign.start, Once):
        start = max(who.at, runs[0], last + again if last is not None and again is not None else who.at)
        numbers = [int(name) for name in final if re.fullmatch(NUMBER, name)]
        one = Occurrence(str(1 + max(len(final), *numbers, 0)), start)
        if last is not None and (again is None or last + again >= until):
            yield one, "again"
        else:
            yield one, "after" if start >= runs[1] else "later" if start >= until else None
        return
    # Without a window of its own it never re-arms.
    spent = last is not None and again is None and isinstance(campaign.start, (Reaches, SumReaches))
    since = None if campaign.expire is None else who.at - timedelta(microseconds=campaign.expire)
    for name, start in sorted(starts(campaign, who, openings, since, until), key=lambda one: (one[1], one[0])):
        tests = {
            "before": start < runs[0],
            "after": start >= runs[1],
            "final": name in final,
            "again": spent or (last is not None and again is not None and start < last + again),
            "expired": since is not None and start <= since,
            "later": start >= until,
        }
        yield Occurrence(name, start), next((why for why, failed in tests.items() if failed), None)


def starts(
    campaign: CampaignSpec, who: Person, openings: Openings, since: datetime | None, until: datetime
) -> Iterator[tuple[str, datetime]]:
    """Everything that could start the campaign for a customer, past and future: occurrence and instant."""
    match campaign.start:
        case Reaches() | SumReaches():
            yield from ((event.id, event.at) for event in crossings(campaign.start, who))
        case Happens(of):
            yield from ((event.id, event.at) for event in selected(of, who))
        case Pattern(of):
            yield from ((event.id, instant) for event, instant in followed(of, who))
        case BeforeDate(field, days):
            day = who.fields.get(field)
            if day is not None:
                yield day.isoformat(), midnight(day - timedelta(days=days), who.zone)
        case Monthly() | Weekly() | BeforeHoliday():
            begin, _ = openings.runs(campaign.name, who.zone)
            yield from openings.dated(campaign.name, who.zone, since or begin - timedelta(days=1), until)


def crossings(start: Reaches | SumReaches, who: Person) -> Iterator[Event]:
    """The events that lift the count or the sum to its number, in order."""
    events, last = passing(start.of, who), start.of.last
    for place, event in enumerate(events):
        before = [one for one in events[:place] if last is None or one.at > event.at - timedelta(microseconds=last)]
        if isinstance(start, Reaches):
            if len(before) + 1 >= start.times > len(before):
                yield event
        elif _total(start, [*before, event]) >= Decimal(start.amount) > _total(start, before):
            yield event


def _total(start: SumReaches, events: list[Event]) -> Decimal:
    amounts = [one.properties.get(start.property) for one in events]
    return sum((amount for amount in amounts if isinstance(amount, Decimal)), Decimal(0))
