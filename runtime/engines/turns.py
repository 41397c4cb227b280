"""Ranges of keys of whose rows Python holds no more at a time than it may.

A few keys can have most of the rows, so the rows are counted first, by hundreds of keys that lie together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import exp

_NUMBER = 8  # bytes
_HELD = 3  # times a number of a row is held while it comes over from the engine, is put in order and is looked through
_PIECES = 2048


def turns(
    rows: Callable[[exp.Expr], list[tuple[int, int]]],
    queries: Sequence[exp.Query],
    by: str,
    last: int,
    width: int,
    share: int,
) -> list[tuple[int, int]]:
    """[low, high) of the keys up to `last`, ascending. width: the numbers that are held of each key. share: bytes."""
    size = max(1, -(-(last + 1) // _PIECES))
    pieces = max(1, -(-(last + 1) // size))
    most = [0] * pieces  # one query is looked through after the other
    for query in queries:
        held = _NUMBER * _HELD * len(query.selects)
        key = exp.IntDiv(this=exp.column(by, quoted=True), expression=exp.Literal.number(size))
        plain = query.copy()
        plain.set("order", None)
        counted = exp.select(exp.alias_(key, "piece"), "count(*)").from_(plain.subquery("q")).group_by("piece")
        for at, count in rows(counted):
            most[at] = max(most[at], count * held)
    own = (width + 2) * _NUMBER * size
    found, low, taken = [], 0, 0
    for at, weight in enumerate(most):
        if taken and taken + own + weight > share:
            found.append((low, at * size))
            low, taken = at * size, 0
        taken += own + weight
    return [*found, (low, last + 1)]
