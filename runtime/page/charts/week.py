"""Response by weekday and hour as a grid: the stronger the colour, the more of those who got a message then have clicked."""

from __future__ import annotations

from dataclasses import dataclass

from runtime.results.model import Hours

# What is left of the hours, for the names of the days, and how high a day is.
LEFT, ROW, HEAD = 10.0, 22, 18
# Shares of fewer sends say little: such a cell is drawn small, and sets neither the scale nor the best hour.
ENOUGH = 30


@dataclass(frozen=True)
class Cell:
    day: int
    hour: int
    sent: int
    clicked: int
    strength: float

    @property
    def rate(self) -> float:
        return self.clicked / self.sent

    @property
    def few(self) -> bool:
        return self.sent < ENOUGH

    @property
    def x(self) -> float:
        return round(LEFT + self.hour * (100 - LEFT) / 24, 3)

    @property
    def y(self) -> int:
        return HEAD + self.day * ROW


@dataclass(frozen=True)
class Week:
    """best: the hour with the largest share among those with enough sends."""

    cells: tuple[Cell, ...]
    best: Cell | None
    width: float = round((100 - LEFT) / 24, 3)
    height: int = HEAD + 7 * ROW


def week(hours: Hours) -> Week:
    rated = [
        (day, hour, sent, clicked)
        for day, (sends, clicks) in enumerate(zip(hours.sent, hours.clicked, strict=True))
        for hour, (sent, clicked) in enumerate(zip(sends, clicks, strict=True))
        if sent
    ]
    steady = [one for one in rated if one[2] >= ENOUGH] or rated
    most = max((clicked / sent for _, _, sent, clicked in steady), default=0) or 1
    cells = [Cell(*one, round(min(1.0, one[3] / one[2] / most), 3)) for one in rated]
    best = max((one for one in cells if not one.few and one.clicked), key=lambda one: one.rate, default=None)
    return Week(tuple(cells), best)
