"""Which statements of a policy a message has to meet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from dsl.catalog import SERVICE, TASK
from dsl.diagnostics import Related
from dsl.model import Campaign, Message, Model, Placed, Policy, Required

T = TypeVar("T")


def offers(campaign: Campaign) -> Iterator[Message]:
    """What the campaign says of its own accord to sell something: no service, no answer, no task."""
    for one in campaign.spoken() if not campaign.broken else ():
        if one.part in ("entry", "step") and one.kind != SERVICE and one.message.channel != TASK:
            yield one.message


def required(campaign: Campaign, message: Message) -> Iterator[Placed[Required]]:
    """What the campaign's policy asks of a message on its channels, on some day of the campaign."""
    channels = {message.channel, message.otherwise} - {None}
    for one in campaign.policy.required:
        if channels & {*one.value.channels} and one.note.in_force(*campaign.runs.value):
            yield one


def asks(model: Model, campaign: Campaign, message: Message, one: Placed[Required]) -> bool:
    """Whether it asks this of this message: some statements ask only where copy speaks of a rate or an amount."""
    if not one.value.mentions and not one.value.phrases:
        return True
    # Reading copy needs Jinja, which is slow to import: only for policies that ask.
    from dsl.templates.mentions import mentions, says

    return bool({*one.value.mentions} & mentions(model, campaign, message)) or (
        bool(one.value.phrases) and says(model, campaign, message, one.value.phrases)
    )


def behind(policy: Policy, one: Placed[T]) -> Related:
    """The line of the policy that a finding rests on, with where it comes from, and how sure that is."""
    source = f", by {one.note.source}" if one.note.source else ""
    sure = {"memory": "; remembered, not read", "secondary": "; read about, not read"}.get(one.note.confidence, "")
    return Related(f"demanded by `{policy.name}`{source}{sure}", one.place)
