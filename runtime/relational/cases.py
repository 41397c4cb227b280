"""Answers by part, and the first of several obstacles, as engine expressions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from sqlglot import exp

from dsl.program.parts import Part
from runtime.relational.sql import case, cast, col, named, num, paren

Obstacle = tuple[exp.Expr, exp.Expr, exp.Expr, exp.Expr]  # a test, and the outcome, reason and rule where it holds


def by_part(parts: Sequence[Part], answer: Callable[[Part], exp.Expr | None], type: str = "VARCHAR") -> exp.Expr:
    """An answer for each part (`k.p`), those with the same together; NULL where there is none."""
    same: dict[str, tuple[exp.Expr, list[int]]] = {}
    for p, part in enumerate(parts):
        found = answer(part)
        if found is not None:
            same.setdefault(found.sql(copy=False), (found, []))[1].append(p)
    mine = [(_one_of(numbers), paren(found)) for found, numbers in same.values()]
    return cast(paren(case(mine, exp.null())), type)


def _one_of(numbers: list[int]) -> exp.Expr:
    if len(numbers) == 1:
        return exp.EQ(this=col("p", "k"), expression=num(numbers[0]))
    return exp.In(this=col("p", "k"), expressions=[num(one) for one in numbers])


def first_obstacle(tests: Iterable[exp.Expr]) -> exp.Expr:
    """The column `stopped`: the number of the first test that holds, NULL where none does."""
    numbered = ((test, num(at)) for at, test in enumerate(tests))
    return named(cast(case(numbered, exp.null()), "TINYINT"), "stopped")


def told(obstacles: Sequence[Obstacle]) -> list[exp.Expr]:
    """The columns `outcome`, `reason` and `rule` over `stopped`."""
    columns = []
    for place, name in enumerate(("outcome", "reason", "rule"), 1):
        said = ((exp.EQ(this=col("stopped"), expression=num(at)), one[place]) for at, one in enumerate(obstacles))
        columns.append(named(cast(case(said, exp.null()), "VARCHAR"), name))
    return columns
