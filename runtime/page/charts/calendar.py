"""Sends of each hour of each day, over the hours in which nothing may go."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from runtime.results.model import CalendarDay

LEFT, RIGHT, ROW, HEAD = 14.0, 14.0, 18, 18
HOUR = (100 - LEFT - RIGHT) / 24


@dataclass(frozen=True)
class Cell:
    hour: int
    count: int
    strength: float
    quiet: bool
    x: float


@dataclass(frozen=True)
class Quiet:
    """Hours in a row."""

    x: float
    width: float


@dataclass(frozen=True)
class Line:
    day: CalendarDay
    y: int
    cells: tuple[Cell, ...]
    quiet: tuple[Quiet, ...]
    total: int


@dataclass(frozen=True)
class Calendar:
    """disturbed: sends in hours in which nothing may go."""

    lines: tuple[Line, ...]
    disturbed: int
    total: int
    width: float = round(HOUR, 3)

    @property
    def height(self) -> int:
        return HEAD + len(self.lines) * ROW


def calendar(days: Sequence[CalendarDay]) -> Calendar:
    most = max((count for day in days for count in day.sends), default=0) or 1
    lines = []
    for at, day in enumerate(days):
        cells = tuple(
            Cell(hour, count, round(0.15 + 0.85 * count / most, 3), quiet, _x(hour))
            for hour, (count, quiet) in enumerate(zip(day.sends, day.quiet, strict=True))
            if count
        )
        lines.append(Line(day, HEAD + at * ROW, cells, tuple(_runs(day.quiet)), sum(day.sends)))
    disturbed = sum(cell.count for line in lines for cell in line.cells if cell.quiet)
    return Calendar(tuple(lines), disturbed, sum(line.total for line in lines))


def _x(hour: int) -> float:
    return round(LEFT + hour * HOUR, 3)


def _runs(quiet: Sequence[bool]) -> Iterator[Quiet]:
    begin = None
    for hour, still in enumerate([*quiet, False]):
        if still and begin is None:
            begin = hour
        elif not still and begin is not None:
            yield Quiet(_x(begin), round((hour - begin) * HOUR, 3))
            begin = None
