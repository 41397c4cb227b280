"""Differences between groups with their bounds, on one scale for an experiment, and zero in sight."""

from __future__ import annotations

import math
from dataclasses import dataclass

from runtime.experiments.model import Comparison, Experiment

_MARGIN = 0.08
_TICKS = 6


@dataclass(frozen=True)
class Tick:
    at: float
    value: float


@dataclass(frozen=True)
class Interval:
    """Places in per cent of the width."""

    comparison: Comparison
    low: float
    at: float
    high: float


@dataclass(frozen=True)
class Plot:
    zero: float
    ticks: tuple[Tick, ...]
    intervals: tuple[Interval, ...]


def plot(experiment: Experiment) -> Plot:
    ends = [0.0, *(end for one in experiment.comparisons for end in (_bound(one.low), _bound(one.high)))]
    least, most = min(ends), max(ends)
    room = (most - least) * _MARGIN or 0.01
    least, most = least - room, most + room

    def place(value: float) -> float:
        return round(100 * (_bound(value) - least) / (most - least), 2)

    intervals = [Interval(one, place(one.low), place(one.lift), place(one.high)) for one in experiment.comparisons]
    return Plot(place(0), tuple(Tick(place(value), value) for value in _ticks(least, most)), tuple(intervals))


def _bound(value: float) -> float:
    """Differences of shares lie between -1 and 1, also where nothing is known of them yet."""
    return 0.0 if math.isnan(value) else max(-1.0, min(1.0, value))


def _ticks(least: float, most: float) -> list[float]:
    """Round numbers: one, two or five times a power of ten apart."""
    rough = (most - least) / _TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)
    return [number * step for number in range(math.ceil(least / step), math.floor(most / step) + 1)]
