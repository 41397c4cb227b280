"""What no test of a project has decided both ways: audience lines, messages, steps, caps, blocks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from dsl.model import Model, Trial
from dsl.program.ir import CampaignSpec, Program
from runtime.outcomes import STEP
from runtime.reference import plan
from runtime.reference.conditions import holds
from runtime.reference.data import world as everyone
from runtime.testing import HORIZON, instant, without_experiments, world


@dataclass(frozen=True)
class Undecided:
    """A source line that no test has decided both ways. `never`: the way it was never decided."""

    campaign: str
    what: str
    at: str
    never: str


@dataclass
class _Seen:
    """`lines`: (campaign, number) → whether it held. `sent`: (campaign, step) → whether it was. `messages`, `refused`: lines."""

    lines: dict[tuple[str, int], set[bool]] = field(default_factory=lambda: defaultdict(set))
    sent: dict[tuple[str, str], set[bool]] = field(default_factory=lambda: defaultdict(set))
    messages: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)


def coverage(model: Model, program: Program, trials: Iterable[Trial]) -> list[Undecided]:
    """Policies count where a campaign is held to them."""
    seen, fair = _Seen(), without_experiments(program)
    for trial in trials:
        _look(model, fair, trial, seen)
    used = {campaign.policy for campaign in program.campaigns}
    found = [one for campaign in program.campaigns for one in _campaign(campaign, seen)]
    for policy in (policy for policy in program.policies if policy.name in used):
        rules = [("cap", cap.at) for cap in policy.caps] + [("block", block.at) for block in policy.blocks]
        rules += [("consent", consent.at) for consent in policy.consents]
        found += [Undecided(policy.name, what, at, "refused") for what, at in rules if at not in seen.refused]
    return found


def _look(model: Model, program: Program, trial: Trial, seen: _Seen) -> None:
    data, at = world(model, program, trial), instant(program, trial.at)
    for who in everyone(program, data, at)[0].values():
        for campaign in program.campaigns:
            for number, line in enumerate(campaign.audience):
                seen.lines[campaign.name, number].add(holds(line.when, who))
    rows = plan(program, data, at, HORIZON)
    seen.refused |= {row["rule"] for row in rows if row["outcome"] != "send"}
    seen.messages |= {row["message"] for row in rows if row["outcome"] == "send"}
    sent = {(row["campaign"], row["step"]) for row in rows if row["outcome"] == "send"}
    entered = {row["campaign"] for row in data.ledger if row["step"] == STEP} | {
        name for name, step in sent if step == STEP
    }
    for campaign in program.campaigns:
        seen.sent[campaign.name, STEP].add((campaign.name, STEP) in sent)
        for step in campaign.steps if campaign.name in entered else ():
            seen.sent[campaign.name, step.name].add((campaign.name, step.name) in sent)


def _campaign(campaign: CampaignSpec, seen: _Seen) -> Iterator[Undecided]:
    name = campaign.name
    for number, line in enumerate(campaign.audience):
        for way in _missing(seen.lines[name, number], "held", "failed"):
            yield Undecided(name, "audience line", line.at, way)
    for way in _missing(seen.sent[name, STEP], "sent", "withheld"):
        yield Undecided(name, "campaign", campaign.at, way)
    for step in campaign.steps:
        for way in _missing(seen.sent[name, step.name], "sent", "withheld"):
            yield Undecided(name, f"step {step.name}", step.at, way)
    spoken = [*campaign.messages]
    spoken += [one for step in campaign.steps for one in step.messages]
    spoken += [one for reply in campaign.replies for one in reply.messages]
    for message in spoken:
        if message.at not in seen.messages:
            yield Undecided(name, "message", message.at, "sent")
    rules = [("cap", cap.at) for cap in campaign.caps] + [("exit", line.at) for line in campaign.exits]
    for what, at in rules:
        if at not in seen.refused:
            yield Undecided(name, what, at, "refused" if what == "cap" else "taken")


def _missing(ways: set[bool], yes: str, no: str) -> list[str]:
    return [word for way, word in ((True, yes), (False, no)) if way not in ways]
