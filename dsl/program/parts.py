"""What a campaign can do to a customer: let them enter, take a step, answer a reply. One shape for all, for both executors."""

from __future__ import annotations

from dataclasses import dataclass

from dsl.behaviour import Condition
from dsl.catalog import ENTRY, SERVICE, answer
from dsl.program.ir import CampaignSpec, MessageSpec, Program, ReplySpec, StepSpec
from dsl.terms import Window


@dataclass(frozen=True)
class Part:
    """`provided` and `unless` are a step's; `at` is the line that decided a send, `window_at` that of its hours."""

    campaign: CampaignSpec
    step: str
    kind: str
    messages: tuple[MessageSpec, ...]
    confirm: MessageSpec | None
    at: str
    window: Window | None
    window_at: str
    after: int = 0
    provided: Condition | None = None
    unless: Condition | None = None

    @property
    def is_entry(self) -> bool:
        return self.step == ENTRY


def parts(program: Program) -> tuple[Part, ...]:
    """Every part: first the entries, in the order of the campaigns; then each campaign's steps and answers."""
    follow = [[step(one, of) for of in one.steps] + [reply(one, to) for to in one.replies] for one in program.campaigns]
    return (*map(entry, program.campaigns), *(part for several in follow for part in several))


def entry(campaign: CampaignSpec) -> Part:
    one = campaign
    return Part(one, ENTRY, one.kind, one.messages, one.confirm, one.start_at, one.window, one.window_at)


def step(campaign: CampaignSpec, of: StepSpec) -> Part:
    return Part(
        campaign,
        of.name,
        of.kind,
        of.messages,
        of.confirm,
        of.at,
        of.window,
        of.window_at,
        of.after,
        of.provided,
        of.unless,
    )


def reply(campaign: CampaignSpec, to: ReplySpec) -> Part:
    """An answer is a service: the customer has asked for it. It has no window."""
    return Part(campaign, answer(to.text), SERVICE, to.messages, None, to.at, None, to.at)
