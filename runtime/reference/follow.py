"""What follows an entry: which steps are due, and which replies want an answer."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from dsl.catalog import REPLY_EVENT, TO_PHONES
from dsl.program import parts
from dsl.program.ir import CampaignSpec
from dsl.program.parts import Part
from runtime.openings import Openings
from runtime.outcomes import FINAL
from runtime.reference.conditions import holds
from runtime.reference.data import Event, Past, Person
from runtime.reference.occurrences import Occurrence


@dataclass(frozen=True)
class Entered:
    """An entry that was sent: its occurrence, when that started, when it was sent."""

    occurrence: str
    start: datetime
    at: datetime


def steps(
    campaign: CampaignSpec, who: Person, entered: Entered, past: Sequence[Past], openings: Openings, until: datetime
) -> Iterator[tuple[Part, Occurrence]]:
    """Each step of the campaign that is a candidate after one entry. `past`: this campaign's and customer's standing rows."""
    since = replace(who, since=entered.at)
    for spec in campaign.steps:
        part, due = parts.step(campaign, spec), entered.at + timedelta(microseconds=spec.after)
        known = next((row for row in past if (row.step, row.occurrence) == (spec.name, entered.occurrence)), None)
        if known is not None and known.outcome in FINAL:
            continue
        if known is not None:
            yield part, Occurrence(entered.occurrence, known.start, True, entered.start, entered.at)
        elif _live(campaign, who, due, openings, until) and goes(part, since):
            yield part, Occurrence(entered.occurrence, due, False, entered.start, entered.at)


def goes(part: Part, who: Person) -> bool:
    """Whether the step's `if` holds and its `unless` does not."""
    if part.provided is not None and not holds(part.provided, who):
        return False
    return part.unless is None or not holds(part.unless, who)


def replies(
    campaign: CampaignSpec, who: Person, past: Sequence[Past], openings: Openings, until: datetime
) -> Iterator[tuple[Part, Occurrence]]:
    """One answer for each text that the campaign answers: an open one before a new one, the earliest reply first.

    `past`: the standing rows of this customer, of every campaign.
    """
    for spec in campaign.replies:
        part = parts.reply(campaign, spec)
        rows = {row.occurrence: row for row in past if (row.campaign, row.step) == (campaign.name, part.step)}
        open_ = [
            Occurrence(row.occurrence, row.start, True, row.start, row.start)
            for row in rows.values()
            if row.outcome not in FINAL
        ]
        new = [
            Occurrence(event.id, event.at, False, event.at, event.at)
            for event in who.events.get(REPLY_EVENT, ())
            if event.id not in rows
            and same(event.properties.get("text"), spec.text)
            and _live(campaign, who, event.at, openings, until)
            and _answered(event, past) == campaign.name
        ]
        if open_ or new:
            yield part, min(open_ or new, key=lambda one: (one.start, one.name))


def same(said: object, wanted: str) -> bool:
    """Width, case and blanks around a reply mean nothing."""
    return isinstance(said, str) and _plain(said) == _plain(wanted)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()


def _answered(event: Event, past: Sequence[Past]) -> str | None:
    """The campaign that a reply answers: that of the latest message to the customer's phone before it."""
    sends = [
        (row.at, row.campaign, row.step, row.occurrence)
        for row in past
        if row.outcome == "send" and row.channel in TO_PHONES and row.at is not None and row.at < event.at
    ]
    return max(sends)[1] if sends else None


def _live(campaign: CampaignSpec, who: Person, start: datetime, openings: Openings, until: datetime) -> bool:
    since = None if campaign.expire is None else who.at - timedelta(microseconds=campaign.expire)
    _, end = openings.runs(campaign.name, who.zone)
    return (since is None or since < start) and start < min(until, end)
