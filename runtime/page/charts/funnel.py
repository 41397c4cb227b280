"""A funnel as bars, one below the other, and what it loses most."""

from __future__ import annotations

from dataclasses import dataclass

from runtime.results.model import Stage, Way


@dataclass(frozen=True)
class Bar:
    """width: in per cent of the longest. worst: most are lost before it."""

    stage: Stage
    width: float
    worst: bool


@dataclass(frozen=True)
class Loss:
    """Of `of` that came to the stage before, `count` did not come to this one; low and high: bounds of that share."""

    stage: Stage
    count: int
    of: int
    low: float
    high: float

    @property
    def share(self) -> float:
        return self.count / self.of


def bars(way: Way) -> tuple[Bar, ...]:
    longest = max((stage.reached for stage in way.stages), default=0) or 1
    return tuple(
        Bar(stage, round(100 * stage.reached / longest, 2), at == way.drop) for at, stage in enumerate(way.stages)
    )


def loss(way: Way) -> Loss | None:
    """The largest drop; None where nobody is lost."""
    kept = way.stages[way.drop].kept if way.drop is not None else None
    if way.drop is None or kept is None or not kept.of:
        return None
    return Loss(way.stages[way.drop], kept.of - kept.count, kept.of, 1 - kept.high, 1 - kept.low)
