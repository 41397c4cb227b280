"""Many tests on one field, by the interval in which its value lies.

The constants that a field is compared with cut its values into classes: below the first, equal to it, between it and the second …
The engine finds each customer's class by halves, and what a class means for every test is looked up; so a field costs much the
same whether ten campaigns ask about it or a thousand (Whang et al., "Indexing Boolean Expressions", VLDB 2009).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
from sqlglot import exp

from dsl import behaviour as b
from runtime.relational.sql import case, cast, col, constant, num

WORTH = 3  # tests on one field: fewer are asked one by one sooner
Test = b.Compare | b.Between
_HOLDS = {
    "=": np.equal,
    "!=": np.not_equal,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}


@dataclass
class Intervals:
    """The tests on one field that compare it with constants; not to be added to once it has been asked."""

    name: str
    tests: list[Test] = field(default_factory=list)

    @cached_property
    def cuts(self) -> list[b.Constant]:
        """Every constant once, ascending: those of one field are of one type."""
        found = {one.value: one for test in self.tests for one in _constants(test)}
        return [found[value] for value in sorted(found)]

    @cached_property
    def _classes(self) -> dict[b.Plain, int]:
        """The class of each constant's own value."""
        return {cut.value: 2 * at + 1 for at, cut in enumerate(self.cuts)}

    def column(self) -> exp.Expr:
        """A customer's class: 2i below the i-th cut and above the one before, 2i + 1 on it; after them all, missing."""
        held, cuts = col(f"f_{self.name}"), self.cuts
        steps: list[exp.Expr] = []
        for cut in cuts:
            steps += [exp.LT(this=held, expression=constant(cut)), exp.LTE(this=held, expression=constant(cut))]
        missing = exp.Is(this=held.copy(), expression=exp.null())
        return cast(case([(missing, num(self._missing))], _halves(steps, 0)), "SMALLINT")

    def holds(self, test: Test) -> npt.NDArray[np.bool_]:
        """By class whether a test holds; where the field is missing none does."""
        classes, ends = np.arange(self._missing + 1), [self._classes[one.value] for one in _constants(test)]
        if isinstance(test, b.Between):
            found: npt.NDArray[np.bool_] = (classes >= ends[0]) & (classes <= ends[1])
        else:
            found = _HOLDS[test.operator](classes, ends[0])
        found[self._missing] = False
        return found

    @property
    def _missing(self) -> int:
        return 2 * len(self.cuts) + 1


class Ranges:
    """Of some customers and one field: the rows of bits of who lies in which classes. classes: by customer."""

    def __init__(self, classes: npt.NDArray[np.int16]) -> None:
        self._classes = classes
        self._below: dict[int, npt.NDArray[np.uint64]] = {}

    def row(self, holds: npt.NDArray[np.bool_]) -> npt.NDArray[np.uint64]:
        """holds: by class."""
        edges = np.flatnonzero(np.diff(holds, prepend=False, append=False))
        found = self._lower(0)
        for low, high in zip(edges[::2], edges[1::2], strict=True):
            found = found | self._lower(int(high)) & ~self._lower(int(low))
        return found

    def _lower(self, than: int) -> npt.NDArray[np.uint64]:
        if than not in self._below:
            row = np.zeros(-(-len(self._classes) // 64) * 8, np.uint8)
            bits = np.packbits(self._classes < than, bitorder="little")
            row[: len(bits)] = bits
            self._below[than] = row.view(np.uint64)
        return self._below[than]


def indexed(tests: Sequence[b.Condition]) -> list[Intervals]:
    """The fields that many tests compare with constants."""
    found: dict[str, Intervals] = {}
    for test in tests:
        match test:
            case b.Compare(_, b.Field(name), b.Constant(base)) | b.Between(
                b.Field(name), b.Constant(base), b.Constant()
            ):
                if base != "flag":
                    found.setdefault(name, Intervals(name)).tests.append(test)
    return [one for one in found.values() if len(one.tests) >= WORTH]


def _constants(test: Test) -> list[b.Constant]:
    if isinstance(test, b.Between):
        return [test.low, test.high]
    assert isinstance(test.right, b.Constant)
    return [test.right]


def _halves(steps: Sequence[exp.Expr], first: int) -> exp.Expr:
    """The number of the first step that holds, counted from `first`; where one holds, so do all after it."""
    if not steps:
        return num(first)
    middle = len(steps) // 2
    below, above = _halves(steps[:middle], first), _halves(steps[middle + 1 :], first + middle + 1)
    return case([(steps[middle].copy(), below)], above)
