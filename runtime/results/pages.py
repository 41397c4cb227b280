"""Where pages are touched. x and y are shares of a page's width and height, so that every screen gives the same map."""

from __future__ import annotations

from sqlglot import exp

from dsl.program.ir import EventSpec, Program
from runtime.engines.base import Engine
from runtime.relational.sql import table
from runtime.results.facts import Period, pages
from runtime.results.model import Touched

WIDE, HIGH = 12, 20  # cells


def touched(engine: Engine, program: Program, when: Period) -> list[Touched]:
    """A map of each page of each event that says where: over those of the period."""
    return [one for event in pages(program) for one in _maps(engine, event, when)]


def _maps(engine: Engine, event: EventSpec, when: Period) -> list[Touched]:
    inside = "p_x >= 0 AND p_x < 1 AND p_y >= 0 AND p_y < 1"
    cells = [f"CAST(CASE WHEN {inside} THEN floor(p_{of} * {many}) END AS INTEGER) AS {of}" for of, many in _SIZES]
    rows = exp.select("CAST(p_page AS VARCHAR) AS page", *cells).from_(table(f"heard_{event.name}"))
    rows = rows.where(f"happened >= {when.since} AND p_page IS NOT NULL")
    query = exp.select("page", "x", "y", "count(*)").from_(rows.subquery("r")).group_by("1", "2", "3")
    found: dict[str, list[list[int]]] = {}
    outside: dict[str, int] = {}
    for page, x, y, count in engine.rows(query):
        grid = found.setdefault(page, [[0] * WIDE for _ in range(HIGH)])
        if x is None or y is None:
            outside[page] = outside.get(page, 0) + count
        else:
            grid[y][x] += count
    return [
        Touched(
            event=event.name,
            page=page,
            width=WIDE,
            height=HIGH,
            cells=tuple(map(tuple, grid)),
            outside=outside.get(page, 0),
        )
        for page, grid in sorted(found.items())
    ]


_SIZES = (("x", WIDE), ("y", HIGH))
