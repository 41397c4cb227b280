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
    for part, one, why in considered(campaign, who, entered, past, openings, until):
        if why is None:
            yield part, one


def considered(
    campaign: CampaignSpec, who: Person, entered: Entered, past: Sequence[Past], openings: Openings, until: datetime
) -> Iterator[tuple[Part, Occurrence, str | None]]:
    """Each step, and why nothing comes of it: it is `final`, not live (expired, after, later), or its tests say no (goes)."""
    since = replace(who, since=entered.at)
    for spec in campaign.steps:
        part, due = parts.step(campaign, spec), entered.at + timedelta(microseconds=spec.after)
        known = next((row for row in past if (row.step, row.occurrence) == (spec.name, entered.occurrence)), None)
        if known is not None and known.outcome in FINAL:
            yield part, Occurrence(entered.occurrence, known.start, False, entered.start, entered.at), "final"
        elif known is not None:
            yield part, Occurrence(entered.occurrence, known.start, True, entered.start, entered.at), None
        else:
            why = _not_live(campaign, who, due, openings, until) or (None if goes(part, since) else "goes")
            yield part, Occurrence(entered.occurrence, due, False, entered.start, entered.at), why


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
    for part, found in answers(campaign, who, past, openings, until):
        wanted = [one for one, why in found if why is None]
        if wanted:
            yield part, min(wanted, key=lambda one: (not one.open, one.start, one.name))


def answers(
    campaign: CampaignSpec, who: Person, past: Sequence[Past], openings: Openings, until: datetime
) -> Iterator[tuple[Part, list[tuple[Occurrence, str | None]]]]:
    """For each text that the campaign answers what is open and each such reply, with why nothing comes of it.

    It is `final`, not live (expired, after, later), or another campaign's to answer (other).
    """
    for spec in campaign.replies:
        part = parts.reply(campaign, spec)
        rows = {row.occurrence: row for row in past if (row.campaign, row.step) == (campaign.name, part.step)}
        found: list[tuple[Occurrence, str | None]] = []
        for row in rows.values():
            one = Occurrence(row.occurrence, row.start, row.outcome not in FINAL, row.start, row.start)
            found.append((one, "final" if row.outcome in FINAL else None))
        for event in who.events.get(REPLY_EVENT, ()):
            if event.id not in rows and same(event.properties.get("text"), spec.text):
                why = _not_live(campaign, who, event.at, openings, until)
                why = why or (None if _answered(event, past) == campaign.name else "other")
                found.append((Occurrence(event.id, event.at, False, event.at, event.at), why))
        yield part, found


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


def _not_live(campaign: CampaignSpec, who: Person, start: datetime, openings: Openings, until: datetime) -> str | None:
    since = None if campaign.expire is None else who.at - timedelta(microseconds=campaign.expire)
    _, end = openings.runs(campaign.name, who.zone)
    tests = {"expired": since is not None and start <= since, "after": start >= end, "later": start >= until}
    return next((why for why, failed in tests.items() if failed), None)
