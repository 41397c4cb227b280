"""Ranges of customers of whom Python holds no more at a time than it may.

What is held grows with customers and with events, and a few customers make most events: so events are counted first, by the
hundreds of customers that they belong to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlglot import exp

from runtime.engines.base import Engine
from runtime.relational.sql import both, col, named, num, paren, table

_VALUE = 8
# An event's customer, code and place in their order; twice, as they are held while they come over from the engine.
_EVENT = 40
_PIECES = 2048


def ranges(engine: Engine, events: Mapping[str, str], customers: int, columns: int) -> Iterable[tuple[int, int]]:
    """[low, high) of ids, in ascending order. columns: the numbers that are held of each customer."""
    if engine.share is None:
        return [(0, customers)]
    own, size = (columns + 2) * _VALUE, max(1, -(-customers // _PIECES))
    weights = [own * size] * max(1, -(-customers // size))
    most = [0] * len(weights)  # events are read one type after the other
    for name in events.values():
        piece = named(exp.IntDiv(this=col("id"), expression=num(size)), "piece")
        counted = exp.select(piece, "count(*)").from_(table(name)).group_by("piece")
        for at, count in engine.rows(counted):
            most[at] = max(most[at], count)
    return _cut(
        [weight + _EVENT * count for weight, count in zip(weights, most, strict=True)], engine.share, size, customers
    )


def _cut(weights: list[int], share: int, size: int, customers: int) -> Iterable[tuple[int, int]]:
    found, low, held = [], 0, 0
    for at, weight in enumerate(weights):
        if held and held + weight > share:
            found.append((low, at * size))
            low, held = at * size, 0
        held += weight
    return [*found, (low, customers)]


def within(engine: Engine, events: Mapping[str, str], low: int, high: int) -> dict[str, str]:
    """The events of a range's customers, whose ids begin at 0 in there."""
    found = {}
    for event, name in events.items():
        number = named(paren(exp.Sub(this=col("id"), expression=num(low))), "id")
        mine = both(exp.GTE(this=col("id"), expression=num(low)), exp.LT(this=col("id"), expression=num(high)))
        engine.view(f"{name}_within", exp.select("* EXCLUDE (id)", number).from_(table(name)).where(mine))
        found[event] = f"{name}_within"
    return found
