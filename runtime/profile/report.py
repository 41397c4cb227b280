"""What was recorded, told: by stage, and by campaign.

A run decides for all campaigns at once, so no campaign has a time of its own that could be measured. What grows with a campaign's
rows is shared out by them: scheduling by its share of the candidates, rendering and caps by its share of the texts. The rest,
reading and matching above all, is shared by all and given to none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from dsl.program.ir import Program
from dsl.program.parts import parts
from runtime.profile import memory
from runtime.profile.recording import CANDIDATES, TEXTS, Recorded, Step
from runtime.profile.stages import CAPS, FOLLOWING, RENDERING, SCHEDULING
from runtime.summary import Summary

_BY = {SCHEDULING: CANDIDATES, FOLLOWING: CANDIDATES, RENDERING: TEXTS, CAPS: TEXTS}
HOW = (
    "A campaign's seconds are not measured, but shared out: scheduling by its share of the candidates,"
    " rendering and caps by its share of the texts"
)


@dataclass(frozen=True)
class Stage:
    """rows, bytes: of the tables that it made, and of the files. peak: the process's memory at most, until its end."""

    stage: str
    seconds: float
    share: float
    rows: int
    bytes: int
    peak: int
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Costly:
    """texts: of its messages that were rendered. seconds: shared out as HOW says."""

    at: str
    campaign: str
    candidates: int
    texts: int
    sends: int
    seconds: float


@dataclass(frozen=True)
class Profile:
    """campaigns: the costliest first. shared: the seconds that are no campaign's."""

    seconds: float
    peak: int
    stages: tuple[Stage, ...]
    campaigns: tuple[Costly, ...]
    shared: float


def profile(recorded: Recorded, program: Program, summary: Summary) -> Profile:
    """After the last stage has ended."""
    seconds = recorded.stages.seconds
    whole = sum(seconds.values())
    campaigns = _campaigns(recorded, program, summary)
    shared = whole - sum(one.seconds for one in campaigns)
    stages = tuple(_stage(recorded, name, of, whole) for name, of in seconds.items())
    return Profile(whole, memory.peak(), stages, campaigns, shared)


def _stage(recorded: Recorded, name: str, seconds: float, whole: float) -> Stage:
    steps = sorted((one for one in recorded.steps.values() if one.stage == name), key=lambda one: -one.seconds)
    rows = sum(one.rows or 0 for one in steps if one.made)
    bytes = sum(one.bytes or 0 for one in steps)
    return Stage(name, seconds, seconds / whole if whole else 0.0, rows, bytes, recorded.peaks[name], tuple(steps))


def _campaigns(recorded: Recorded, program: Program, summary: Summary) -> tuple[Costly, ...]:
    numbers = {campaign.name: number for number, campaign in enumerate(program.campaigns)}
    texts: Counter[int] = Counter()
    every = parts(program)
    for p, count in recorded.whose.get(TEXTS, Counter()).items():
        texts[numbers[every[p].campaign.name]] += count
    counted: Mapping[str, Counter[int]] = {CANDIDATES: recorded.whose.get(CANDIDATES, Counter()), TEXTS: texts}
    sends = {funnel.campaign: funnel.sent for funnel in summary.funnels}
    found = []
    for name, number in numbers.items():
        seconds = 0.0
        for stage, by in _BY.items():
            total = counted[by].total()
            seconds += recorded.stages.seconds.get(stage, 0.0) * counted[by][number] / total if total else 0.0
        of = program.campaigns[number]
        found.append(Costly(of.at, name, counted[CANDIDATES][number], texts[number], sends.get(name, 0), seconds))
    return tuple(sorted(found, key=lambda one: (-one.seconds, one.campaign)))


def as_json(found: Profile) -> dict[str, Any]:
    """Seconds to the millisecond."""
    stages = []
    for one in found.stages:
        steps = [
            {"table": step.name, "made": step.made, "seconds": round(step.seconds, 3)}
            | {"rows": step.rows, "bytes": step.bytes}
            for step in one.steps
        ]
        told = {"stage": one.stage, "seconds": round(one.seconds, 3), "share": round(one.share, 4), "rows": one.rows}
        stages.append({**told, "bytes": one.bytes, "peak_memory": one.peak, "steps": steps})
    return {
        "seconds": round(found.seconds, 3),
        "peak_memory": found.peak,
        "stages": stages,
        "campaigns": [asdict(one) | {"seconds": round(one.seconds, 3)} for one in found.campaigns],
        "campaign_seconds": HOW,
        "shared_seconds": round(found.shared, 3),
    }
