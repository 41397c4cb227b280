"""A page as a grid: the stronger a cell's colour, the more often it is touched."""

from __future__ import annotations

from dataclasses import dataclass

from runtime.results.model import Touched


@dataclass(frozen=True)
class Cell:
    """Place and size in the page's own pixels. row and column: from one, for people."""

    row: int
    column: int
    count: int
    strength: float
    x: float
    y: float


@dataclass(frozen=True)
class Map:
    cells: tuple[Cell, ...]
    width: float
    height: float
    total: int
    most: Cell | None


def clicks(touched: Touched) -> Map:
    rows, columns = len(touched.cells), max((len(row) for row in touched.cells), default=0)
    width, height = touched.width / (columns or 1), touched.height / (rows or 1)
    largest = max((count for row in touched.cells for count in row), default=0) or 1
    cells = tuple(
        Cell(y + 1, x + 1, count, round(0.1 + 0.9 * count / largest, 3), round(x * width, 2), round(y * height, 2))
        for y, row in enumerate(touched.cells)
        for x, count in enumerate(row)
        if count
    )
    total = sum(cell.count for cell in cells)
    most = max(cells, key=lambda one: one.count, default=None)
    return Map(cells, round(width, 2), round(height, 2), total, most)
