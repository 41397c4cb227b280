"""What a program says and this runtime cannot run yet: told by name before anything is read, never passed over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dsl import behaviour as b
from dsl.catalog import DERIVED
from dsl.program.ir import CampaignSpec, MessageSpec, PolicySpec, Program
from dsl.templates import copy
from dsl.templates.read import read
from dsl.terms import Happens, Pattern, Reaches, SumReaches


@dataclass(frozen=True)
class Lack:
    """`at`: the source line that says it."""

    campaign: str
    what: str
    at: str


def lacking(program: Program) -> list[Lack]:
    """Campaign by campaign, each thing once."""
    policies = {policy.name: policy for policy in program.policies}
    found = []
    for campaign in program.campaigns:
        told = dict.fromkeys((*_campaign(campaign), *_policy(policies[campaign.policy])))
        found += [Lack(campaign.name, what, at) for what, at in told]
    return found


_Said = Iterator[tuple[str, str]]


def _campaign(one: CampaignSpec) -> _Said:
    yield from ((f"the step `{step.name}`", step.at) for step in one.steps)
    yield from ((f'the answer to "{reply.text}"', reply.at) for reply in one.replies)
    yield from (("`exit when`", line.at) for line in one.exits)
    if one.confirm:
        yield f"the confirmation by {one.confirm.channel}", one.confirm.at
    if one.window and one.window.best:
        yield "`window best of … for customer`", one.window_at
    for message in one.messages:
        yield from _message(message)
    for line in one.audience:
        yield from _asked(line.when, line.at)
    match one.start:
        case Reaches(of) | SumReaches(_, of) | Happens(of):
            yield from _derived((of,), one.start_at)
        case Pattern(of):
            yield from _derived((of.first, of.second), one.start_at)
    for cap in one.caps:
        if cap.cap.when is not None:
            yield from _asked(cap.cap.when, cap.at)


def _message(one: MessageSpec) -> _Said:
    if one.channel != "sms" or one.otherwise:
        yield f"a message by {one.channel}", one.at
    if one.verify:
        yield "`verify` behind a link", one.at
    if one.must_confirm:
        yield "a message that has to be confirmed", one.at
    if one.when is not None:
        yield from _asked(one.when, one.at)
    for path in _shown(read(one.template)[0]):
        if path[0] in ("latest", "plan"):
            yield f"copy that shows `{'.'.join(path)}`", one.at


def _policy(one: PolicySpec) -> _Said:
    yield from (("a consent with dates", spec.at) for spec in one.consents if spec.since or spec.until)
    yield from (("a ban with dates", spec.at) for spec in one.bans if spec.since or spec.until)
    yield from (("a limit with dates", spec.at) for spec in one.dated_limits)
    for cap in one.caps:
        if cap.cap.when is not None:
            yield from _asked(cap.cap.when, cap.at)
    for block in one.blocks:
        yield from _asked(block.block.when, block.at)


def _asked(test: b.Condition, at: str) -> _Said:
    yield from _derived(tuple(b.selections(test)), at)


def _derived(selections: tuple[b.Selection, ...], at: str) -> _Said:
    yield from ((f"the event `{of.event}`", at) for of in selections if of.event in DERIVED)


def _shown(parts: tuple[copy.Part, ...]) -> Iterator[copy.Path]:
    for part in parts:
        if isinstance(part, copy.Show):
            yield part.path
        elif isinstance(part, copy.Choice):
            yield from _tested(part.test)
            yield from _shown(part.then)
            yield from _shown(part.otherwise)


def _tested(test: copy.Test) -> Iterator[copy.Path]:
    match test:
        case copy.Negated(item):
            yield from _tested(item)
        case copy.Joined(_, left, right):
            yield from _tested(left)
            yield from _tested(right)
        case copy.Truthy(path) | copy.Same(path):
            yield path
