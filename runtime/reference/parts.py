"""What a campaign can do to a customer: let them enter, take a step, answer a reply. One shape for all, for the gates."""

from __future__ import annotations

from dataclasses import dataclass

from dsl.behaviour import Condition
from dsl.catalog import SERVICE, answer
from dsl.program.ir import CampaignSpec, MessageSpec, ReplySpec, StepSpec
from runtime.openings import Slot
from runtime.outcomes import STEP


@dataclass(frozen=True)
class Part:
    """`provided` and `unless` are a step's; `at` is the line that decided a send, `window_at` that of its hours."""

    campaign: CampaignSpec
    step: str
    kind: str
    messages: tuple[MessageSpec, ...]
    confirm: MessageSpec | None
    at: str
    window_at: str
    provided: Condition | None = None
    unless: Condition | None = None

    @property
    def is_entry(self) -> bool:
        return self.step == STEP

    def slot(self, hour: int | None = None) -> Slot:
        return Slot(self.campaign.name, self.step, hour)


def entry(campaign: CampaignSpec) -> Part:
    return Part(
        campaign, STEP, campaign.kind, campaign.messages, campaign.confirm, campaign.start_at, campaign.window_at
    )


def step(campaign: CampaignSpec, of: StepSpec) -> Part:
    return Part(campaign, of.name, of.kind, of.messages, of.confirm, of.at, of.window_at, of.provided, of.unless)


def reply(campaign: CampaignSpec, to: ReplySpec) -> Part:
    """An answer is a service: the customer has asked for it."""
    return Part(campaign, answer(to.text), SERVICE, to.messages, None, to.at, to.at)
