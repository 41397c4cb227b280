"""What is left of a run: as long as an earlier run of the same program took for it, by the number of customers.

Kept beside the grammar's tables (dsl/keeping.py): of the last programs their hash, seconds by stage and how many customers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dsl import keeping
from runtime.profile.stages import Stages

_FILE = "pace.json"
_KEPT = 50  # programs: each edit makes another


@dataclass(frozen=True)
class Pace:
    """An earlier run. `seconds`: by stage."""

    seconds: dict[str, float]
    customers: int


@dataclass(frozen=True)
class Left:
    """Seconds. over: the stage that goes on takes longer than it did, so that it may be any more."""

    seconds: float
    over: bool


def left(stages: Stages, names: Sequence[str], pace: Pace | None, customers: int | None) -> Left | None:
    """What is left from one of the stages on; None where nothing is known of it. customers: how many, once it is known.

    Only stages that have not ended count, so what has passed is never promised again.
    """
    ahead = names[names.index(stages.stage) :]
    if pace is None or not pace.customers or any(name not in pace.seconds for name in ahead):
        return None
    times = 1.0 if customers is None else customers / pace.customers
    now, *later = (pace.seconds[name] * times for name in ahead)
    found = Left(sum(later) + max(0.0, now - stages.here), stages.here > now)
    return None if found.over and found.seconds < 1 else found


def recall(program: str) -> Pace | None:
    """The last run of a program, by its hash."""
    found = _read(_place()).get(program)
    return None if found is None else Pace(dict(found["seconds"]), int(found["customers"]))


def remember(program: str, pace: Pace) -> None:
    """Nothing where there is no folder for it."""
    place = _place()
    if place is not None:
        others = [(name, one) for name, one in _read(place).items() if name != program]
        this = {"seconds": {name: round(of, 3) for name, of in pace.seconds.items()}, "customers": pace.customers}
        keeping.write(place, dict([*others, (program, this)][-_KEPT:]))


def _place() -> Path | None:
    folder = keeping.folder()
    return None if folder is None else folder / _FILE


def _read(place: Path | None) -> dict[str, Any]:
    found = None if place is None else keeping.read(place)
    return found if isinstance(found, dict) else {}
