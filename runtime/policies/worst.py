"""The most messages that one customer can get from a campaign in a month: by its own rhythm, and by what caps let through."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dsl.behaviour import DAY
from dsl.catalog import TASK
from dsl.model import Campaign, Model, Policy
from dsl.terms import BeforeDate, BeforeHoliday, Cap, Monthly, Once, Reaches, SumReaches, Weekly

_MONTH = 31
_PERIODS = {"day": 31, "week": 6, "month": 1}


@dataclass(frozen=True)
class Worst:
    """None: nothing bounds it."""

    campaign: str
    free: int | None
    capped: int | None


def worst(model: Model, policy: Policy) -> Iterator[Worst]:
    """Of every campaign of a policy, and of all of them together under their common caps."""
    mine = [one for _, one in sorted(model.campaigns.items()) if one.policy.name == policy.name]
    for campaign in mine:
        free = _free(campaign)
        yield Worst(campaign.name, free, _capped(campaign, free))


def _free(campaign: Campaign) -> int | None:
    """Entries in 31 days, each with the steps that follow within them; confirmations and answers are no messages of their own."""
    entries = _entries(campaign)
    steps = [step for step in campaign.steps if any(message.channel != TASK for message in step.messages)]
    return None if entries is None else entries * (1 + len(steps))


def _entries(campaign: Campaign) -> int | None:
    start, again = campaign.start.value, campaign.again.value if campaign.again else None
    if isinstance(start, (Reaches, SumReaches)) and again is None:
        again = start.of.last
    many: int | None
    match start:
        case Once():
            return 1
        case Monthly() | BeforeDate():
            many = 1
        case Weekly():
            many = 5
        case BeforeHoliday():
            many = 3
        case _:
            many = None
    if again:
        rhythm = _MONTH * DAY // again + 1
        many = rhythm if many is None else min(many, rhythm)
    return many


def _capped(campaign: Campaign, free: int | None) -> int | None:
    """What the caps that always bind leave of it."""
    caps = [one.value for one in (*campaign.policy.caps, *campaign.caps) if one.note.binds and one.value.when is None]
    kinds = {campaign.kind, *(step.kind for step in campaign.steps)}
    most = [_most(cap) for cap in caps if not kinds & {*cap.exempt} and (not cap.kinds or kinds <= {*cap.kinds})]
    return min([one for one in (free, *most) if one is not None], default=None)


def _most(cap: Cap) -> int:
    """Sends that a cap lets through in any month, extras before holidays included."""
    extra = sum(one.count for one in cap.extras)
    periods = _PERIODS.get(cap.period) or -(-_MONTH // max(cap.days, 1))
    return cap.count * periods + extra
