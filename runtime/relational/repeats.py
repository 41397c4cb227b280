"""Values that stand more than once. Few columns of keys have any, so their hashes are looked at first: sorting numbers costs a
third of what grouping texts does. Two values of one hash are only looked at closer, as one value that stands twice is."""

from __future__ import annotations

from sqlglot import exp

from runtime.engines.base import Engine
from runtime.relational.sql import call, col, named, negated, num, paren, table

_HASH = 32  # bytes of a hash: while it comes over from the engine, and sorted


def repeated(
    engine: Engine, source: str, column: str, into: str, only: exp.Expr | None = None, few: bool = False
) -> bool:
    """A table `into` of those values (`value`) of a column; False, and no table, where there are none.

    only: of which rows. few: they are so few that nothing is gained by looking at hashes. Nor is it where they lie elsewhere.
    """
    there = negated(exp.Is(this=col(column), expression=exp.null()))
    rows = exp.select(named(col(column), "value")).from_(table(source)).where(there)
    rows = rows if only is None else rows.where(only)
    if few or not engine.embedded:
        engine.create(into, rows.group_by("value").having("count(*) > 1"))
        return bool(engine.rows(exp.select("1").from_(table(into)).limit(1)))
    import numpy as np  # a tenth of a second, and whoever asks about few customers does without

    mark = call("hash", col("value"))
    turns = 1
    if engine.share is not None:
        ((count,),) = engine.rows(exp.select("count(*)").from_(rows.copy().subquery("r")))
        turns = 1 + count * _HASH // engine.share
    found_twice = []
    for turn in range(turns):
        marks = exp.select(named(mark.copy(), "h")).from_(rows.copy().subquery("r"))
        if turns > 1:
            rest = paren(exp.Mod(this=mark.copy(), expression=num(turns)))
            marks = marks.where(exp.EQ(this=rest, expression=num(turn)))
        hashes = np.sort(engine.arrays(marks)["h"])
        found_twice.append(np.unique(hashes[1:][hashes[1:] == hashes[:-1]]))
    twice = np.concatenate(found_twice)
    if not len(twice):
        return False
    engine.keep(f"hashes_of_{into}", {"h": twice})
    near = exp.In(this=mark.copy(), query=exp.select("h").from_(table(f"hashes_of_{into}")).subquery())
    found = exp.select("value").from_(rows.copy().subquery("r")).where(near)
    engine.create(into, found.group_by("value").having("count(*) > 1"))
    engine.drop(f"hashes_of_{into}")
    return bool(engine.rows(exp.select("1").from_(table(into)).limit(1)))
