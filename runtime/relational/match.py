"""Whose audience holds: one scan of the customers for all campaigns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

import numpy as np
from sqlglot import exp

from dsl import behaviour as b
from dsl.catalog import CLICK_EVENT, OPT_OUT_EVENT, REPLY_EVENT
from dsl.program.ir import Program
from dsl.program.parts import parts
from dsl.terms import Happens, Pattern, Reaches, Start, SumReaches
from runtime.engines.base import Engine, Runs
from runtime.relational.bitmaps import Ids, Known, Matched, Row, Words, matched
from runtime.relational.bits import Bits
from runtime.relational.conditions import condition
from runtime.relational.features import Features
from runtime.relational.intervals import Intervals, Ranges, indexed
from runtime.relational.lookup import Lookup
from runtime.relational.sql import col, named, num, table, union
from runtime.relational.thresholds import WORD

_TOGETHER = 1 << 20  # customers: a row of bits of so many fits into a processor's cache
_FEW = 1 << 16
_MATCHED = {"id": "INTEGER", "n": "INTEGER"}
# Bytes for each customer of a word, as it comes, turned, and in what is made of it; so many cuts have their rows of bits in one.
_HELD, _CUTS = 8 * 4, 4
OPTED_OUT = b.Did(b.Selection(OPT_OUT_EVENT))


class Matching:
    """Makes `features` (id, w0, …) and `matched` (id, n: the campaign's number in the program), a campaign after the other."""

    def __init__(self, program: Program, refusals: bool = True) -> None:
        self.program = program
        self.parts = parts(program)
        self.lookup = Lookup(program)
        self.features = Features()
        self.bits = Bits(self.features)
        lines = [line.when for campaign in program.campaigns for line in campaign.audience]
        self.features.collect([*lines, OPTED_OUT] if refusals else lines)
        chosen = [message.when for part in self.parts for message in part.messages if message.when]
        chosen += [test for part in self.parts for test in (part.provided, part.unless) if test]
        chosen += [line.when for campaign in program.campaigns for line in campaign.exits]
        self.dated = _dated(program)
        self.features.collect([*chosen, *self.dated])
        self.bits.collect([*lines, *chosen])

    @property
    def used(self) -> set[str]:
        """The events that audiences, starts, refusals, answers, windows and copy ask for."""
        found = self.features.events | self.lookup.events
        for campaign in self.program.campaigns:
            found |= _started_by(campaign.start)
        if any(campaign.replies for campaign in self.program.campaigns):
            found.add(REPLY_EVENT)
        if "ignored" in found or any(part.window and part.window.best for part in self.parts):
            found.add(CLICK_EVENT)
        return found

    @property
    def later(self) -> list[str]:
        """The columns of customers, and of features, that are asked for once it is known when a message goes."""
        fields = self.lookup.fields | {name for test in self.dated for name in b.fields(test)}
        words = self.features.words if self.dated else 0
        known = [f"f_{spec.name}" for spec in self.program.customer if spec.name in fields]
        return [*(f"w{at}" for at in range(words)), *known]

    def run(self, engine: Engine, at: int, events: dict[str, str]) -> None:
        if engine.embedded:
            with ThreadPoolExecutor(1) as beside:
                tests = beside.submit(self.audiences)  # while the engine is asked about events
                behaved = self.features.build(engine, at, events)
                self._turned(engine, tests.result(), behaved, beside)
            return None
        self.features.build(engine, at, events)
        engine.create("asked", self._bits())
        met = [
            exp.select(col("id"), named(num(n), "n")).from_(table("asked")).where(test, copy=False)
            for n, test in enumerate(self.audiences())
        ]
        return engine.create("matched", union(met)) if met else engine.insert("matched", _MATCHED, [])

    def _turned(
        self, engine: Engine, tests: list[exp.Expr], behaved: Mapping[str, Words] | None, beside: ThreadPoolExecutor
    ) -> None:
        """`matched` over rows of bits, some customers at a time. behaved: the features by id, where they are here."""
        (last,) = engine.rows(exp.select("max(id)").from_(table("customers")))[0]
        among = indexed(list(self.bits.tests))
        words, cuts = self.features.words + len(self.bits.tests) // WORD + 1, sum(len(one.cuts) for one in among)
        width = words * _HELD + cuts // _CUTS
        size = _TOGETHER if engine.share is None else max(_FEW, min(_TOGETHER, engine.share // width))
        begins = range(0, 0 if last is None else last + 1, size)
        rounds = (self._words(engine, among, first, size, behaved) for first in begins)
        if engine.share is not None:
            engine.insert("matched", _MATCHED, [])
            for held in rounds:
                _keep(engine, [matched(tests, *held)], more=True)
                del held  # before more is fetched
            return
        found: list[Future[Matched]] = []
        for held in rounds:  # some are tested while the engine is asked about the next
            if found:
                found[-1].result()
            found.append(beside.submit(matched, tests, *held))
        _keep(engine, [one.result() for one in found], more=False)

    def audiences(self) -> list[exp.Expr]:
        """Whether somebody belongs to it, by campaign: over the words `v…` and `w…`."""
        return [self.test(b.All(tuple(line.when for line in one.audience))) for one in self.program.campaigns]

    def _words(
        self, engine: Engine, among: list[Intervals], first: int, size: int, behaved: Mapping[str, Words] | None
    ) -> tuple[Ids, dict[str, Words], Known]:
        """Of so many customers from an id on: ids, the words of tests on fields and behaviour, the rows of tests by interval."""
        counted = {test for one in among for test in one.tests}
        classes = [named(one.column(), f"k{at}") for at, one in enumerate(among)]
        names = [f"w{at}" for at in range(self.features.words)]
        query = exp.select("c.id", *self.bits.columns(counted), *classes).from_(table("customers", "c"), copy=False)
        query = query.join(table("zones", "z"), on="z.zone = c.zone", copy=False)
        if behaved is None:
            query = query.select(*(col(name, "f") for name in names), copy=False)
            query = query.join(table("features", "f"), on="f.id = c.id", copy=False)
        mine = exp.Between(this=col("id", "c"), low=num(first), high=num(first + size - 1))
        got = dict(engine.arrays(query.where(mine)))
        known: dict[tuple[str, int], Callable[[], Row]] = {}
        for at, one in enumerate(among):
            ranges = Ranges(got.pop(f"k{at}"))
            for test in one.tests:
                number = self.bits.tests[test]
                known[f"v{number // WORD}", number % WORD] = partial(ranges.row, one.holds(test))
        ids = got.pop("id").astype(np.int32)
        if behaved is not None:
            rows = _places(ids)
            got |= {name: behaved[name][rows] for name in names}
        return ids, got, known

    def wide(self, among: str) -> exp.Select:
        """The customers (`id`) of a table: the columns of `customers`, `today`, bits of fields `v…`, the columns of features."""
        some = exp.select("id").from_(table(among))
        return self._bits("c.*", "today").where(exp.In(this=col("id", "c"), query=some.subquery(copy=False)))

    def test(self, when: b.Condition, since: exp.Expr | None = None) -> exp.Expr:
        """A condition over the columns of `wide`. since: the instant from which on a campaign's steps and exits count."""
        return self.bits.test(when, since)

    def then(self, when: b.Condition, day: exp.Expr) -> exp.Expr:
        """A condition with its dates as of another day, over the columns of customers and the bits of behaviour."""
        return condition(when, self.features.aggregate, day)

    def _bits(self, *more: str) -> exp.Select:
        words = [col(name, "f") for name in self.features.columns]
        query = exp.select(*(more or ["c.id"]), *self.bits.columns(), *words)
        query = query.from_(table("customers", "c"), copy=False)
        query = query.join(table("zones", "z"), on="z.zone = c.zone", copy=False)
        return query.join(table("features", "f"), on="f.id = c.id", copy=False)


def _places(ids: Ids) -> Ids | slice:
    """The rows with these numbers; words are not copied where each follows the one before."""
    first = int(ids[0]) if len(ids) else 0
    run = slice(first, first + len(ids))
    return run if np.array_equal(ids, np.arange(run.start, run.stop)) else ids


def _keep(engine: Engine, found: list[Matched], more: bool) -> None:
    """`matched`, or more of it: who meets which test, of some customers after the other."""
    ids = [piece for pieces, _ in found for piece in pieces] or [np.zeros(0, np.int32)]
    numbers = Runs([number for _, sizes in found for number in enumerate(sizes)])
    engine.keep("met" if more else "matched", {"id": ids, "n": numbers})
    if more:
        engine.append("matched", exp.select("id", "n").from_(table("met")))
        engine.drop("met")


def _dated(program: Program) -> list[b.Condition]:
    """The conditions that are tested on the date of sending, each once: those of blocks and of caps."""
    policies = [spec.block.when for policy in program.policies for spec in policy.blocks]
    specs = [spec for policy in program.policies for spec in policy.caps]
    specs += [spec for campaign in program.campaigns for spec in campaign.caps]
    caps = [spec.cap.when for spec in specs]
    return list(dict.fromkeys([*policies, *(when for when in caps if when is not None)]))


def _started_by(start: Start) -> set[str]:
    match start:
        case Reaches(of) | SumReaches(_, of) | Happens(of):
            return {of.event}
        case Pattern(of):
            return {of.first.event, of.second.event}
    return set()
