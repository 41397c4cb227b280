"""The most messages that one customer can get from a campaign in a month: by its own rhythm, and by what caps let through."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dsl.catalog import TASK
from dsl.model import Campaign, Model, Policy
from dsl.rhythm import most_entries, most_through


@dataclass(frozen=True)
class Worst:
    """None: nothing bounds it."""

    campaign: str
    free: int | None
    capped: int | None


def worst(model: Model, policy: Policy) -> Iterator[Worst]:
    """Of every campaign of a policy, each by itself."""
    for _, campaign in sorted(model.campaigns.items()):
        if campaign.policy.name == policy.name:
            free = _free(campaign)
            yield Worst(campaign.name, free, _capped(campaign, free))


def _free(campaign: Campaign) -> int | None:
    """Entries in 31 days, each with the steps that follow within them; confirmations and answers are no messages of their own."""
    entries = most_entries(campaign)
    steps = [step for step in campaign.steps if any(message.channel != TASK for message in step.messages)]
    return None if entries is None else entries * (1 + len(steps))


def _capped(campaign: Campaign, free: int | None) -> int | None:
    """What the caps that always bind leave of it."""
    caps = [one.value for one in (*campaign.policy.caps, *campaign.caps) if one.note.binds and one.value.when is None]
    kinds = {campaign.kind, *(step.kind for step in campaign.steps)}
    most = [most_through(cap) for cap in caps if not kinds & {*cap.exempt} and (not cap.kinds or kinds <= {*cap.kinds})]
    return min([one for one in (free, *most) if one is not None], default=None)
