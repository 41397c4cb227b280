"""The stages of a run, as `progress(stage)` tells them, by a clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from dsl.program.ir import Program

STARTING, READING, SCHEDULING, RENDERING, CAPS = (
    "starting",
    "reading the data",
    "scheduling",
    "rendering",
    "applying caps",
)
FOLLOWING, WRITING, FILES, KEEPING = "following up", "writing down", "writing the files", "keeping it in the ledger"


def expected(program: Program, writes: bool, ledger: bool) -> tuple[str, ...]:
    """The stages that a run will go through, in their order. Steps may turn out to have nobody to follow up."""
    follows = [FOLLOWING] if any(campaign.steps for campaign in program.campaigns) else []
    ends = [FILES, *([KEEPING] if ledger else [])] if writes else []
    return (READING, "matching audiences", SCHEDULING, RENDERING, CAPS, *follows, WRITING, *ends)


@dataclass
class Stages:
    """`seconds`: of the stages that have ended, in their order. `stage`: the one that goes on; `within`: a pass that it repeats.
    kept: what was decided counts from here on.

    What measuring itself takes is nobody's: `spare` leaves it out.
    """

    clock: Callable[[], float] = time.perf_counter
    seconds: dict[str, float] = field(default_factory=dict)
    stage: str = STARTING
    within: str = ""
    kept: bool = False
    ending: Callable[[str], None] = lambda stage: None

    def __post_init__(self) -> None:
        self._begun = self._since = self.clock()
        self._spared = 0.0

    def tell(self, stage: str) -> None:
        """A stage begins, and the one before it ends. Following up goes through some of them once more."""
        if self.stage == FOLLOWING and stage in (SCHEDULING, RENDERING, CAPS):
            self.within = stage
            return
        self.end()
        self.stage, self.within = stage, ""

    def end(self) -> None:
        self.ending(self.stage)
        now = self.clock()
        self.seconds[self.stage] = self.seconds.get(self.stage, 0.0) + max(0.0, now - self._since - self._spared)
        self._since, self._spared = now, 0.0

    def spare(self, seconds: float) -> None:
        self._spared += seconds
        self._begun += seconds

    @property
    def elapsed(self) -> float:
        """Since the beginning."""
        return self.clock() - self._begun

    @property
    def here(self) -> float:
        """Since the stage that goes on began."""
        return self.clock() - self._since - self._spared
