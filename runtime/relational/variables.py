"""What copy shows of the customer, written out once for all messages: a bank's messages speak of the same few things.

Each message is then little more than its own words between these columns; without them every message would carry the whole
expression of every amount that it shows, which an engine takes longer to read than to answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from dsl.templates import copy
from runtime.engines.base import Engine
from runtime.relational.copy import Asked, Copy, Held
from runtime.relational.folded import Folded, shown
from runtime.relational.sql import case, col, named, num, table

LINK, CONFIRM_LINK = "link", "confirm_link"
CODE, CONFIRM_CODE = "code", "confirm_code"  # what makes each of them its send's
_ROW = ("r", "p", "m", "id", "day", "channel", "fallback", "confirm", "send_id", "confirm_id", "entered", "since")


@dataclass
class Variables:
    """held: path → column and base. asked: what copy shows or asks of the customer, by part."""

    held: Mapping[copy.Path, Held]
    asked: dict[Asked, set[int]] = field(default_factory=dict)

    def collect(self, p: int, parts: Folded) -> None:
        """What a message of a part says."""
        for one in shown(parts):
            if one.path[0] == "customer":
                self.asked.setdefault(one, set()).add(p)

    def given(self) -> dict[Asked, exp.Expr]:
        """Each as a column of the table."""
        return {one: col(f"x{at}") for at, one in enumerate(self.asked)}

    def build(self, engine: Engine, source: str, parts: Iterable[int]) -> None:
        """`variables`: of each row of `source` what its message is made of. parts: all that there are."""
        every, nothing = set(parts), Copy(self.held, exp.null(), {})
        columns = [
            named(of(nothing.asked(one), mine, every), f"x{at}") for at, (one, mine) in enumerate(self.asked.items())
        ]
        query = exp.select(*(col(name) for name in _ROW), *columns)
        engine.create("variables", query.from_(table(source)))


def of(value: exp.Expr, mine: set[int], every: set[int]) -> exp.Expr:
    """A value for those parts only that ask for it: it has its price."""
    if mine == every:
        return value
    if not mine:
        return exp.null()
    return case([(exp.In(this=col("p"), expressions=[num(p) for p in sorted(mine)]), value)])
