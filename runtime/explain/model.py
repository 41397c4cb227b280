"""What an explanation says, in the language that is spoken. Field names are the keys of its JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Row = dict[str, Any]
NOTHING = "none"  # the outcome of who is no candidate


@dataclass(frozen=True)
class Test:
    """A condition as it is met. `met`: what was found; of several tests together it is theirs to say."""

    test: str
    holds: bool
    met: str
    tests: tuple[Test, ...] = ()


@dataclass(frozen=True)
class Line:
    """A gate: what it found. `rule`: the source line that states it."""

    gate: str
    passed: bool
    rule: str
    said: str
    tests: tuple[Test, ...] = ()


@dataclass(frozen=True)
class Told:
    """One part of a campaign. `change`: the smallest that would have changed it, as sentences.

    recorded: the run's own row, None where it has none; agrees: whether that is what comes out now.
    """

    campaign: str
    step: str
    occurrence: str | None
    outcome: str
    reason: str | None
    rule: str | None
    at: str | None
    gates: tuple[Line, ...]
    change: tuple[str, ...]
    recorded: Row | None = None
    agrees: bool = True


@dataclass(frozen=True)
class Explanation:
    """sharing: other customers who have the phone. left_out: campaigns that the run did without."""

    customer: str
    run: Row
    same_program: bool
    left_out: tuple[str, ...]
    sharing: tuple[str, ...]
    parts: tuple[Told, ...]
