"""What each customer did, as bits: one pass over the events of each type for all campaigns.

Every test on behaviour comes down to thresholds "at least n events of a selection" (one event: `did`; `days_since` is whether
some lie inside a window), and every threshold to a bit of a customer's words. Which selections an event belongs to depends on
its age and on the `where`s that it passes alone. So the engine gives each event a small code of these, and the rest is array
work over (customer, code): OR the bits, count what has to be counted. That costs nearly the same however many windows,
thresholds and campaigns there are, where one FILTER per test would cost a pass each (docs/decisions/features.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial

import numpy as np
from sqlglot import exp

from dsl import behaviour as b
from runtime.engines.base import Arrays, Engine
from runtime.relational.conditions import condition
from runtime.relational.patterns import differing, holds_without_events, inside, is_pattern
from runtime.relational.sql import FALSE, TRUE, bit, case, col, every, named, negated, num, paren, some, table
from runtime.relational.thresholds import WORD, AtLeast, Codes, Words, meet

_CODE_BITS = 14  # a code is a SMALLINT
_NEVER = -(1 << 62)


@dataclass
class Features:
    """The thresholds that a program's conditions ask for, each with its bit; and what is asked since a customer's own instant."""

    bits: dict[AtLeast | b.Condition, int] = field(default_factory=dict)
    latest: dict[b.Selection, int] = field(default_factory=dict)

    def collect(self, tests: Iterable[b.Condition]) -> None:
        for test in tests:
            for atom in b.atoms(test):
                self.aggregate(atom)

    @property
    def events(self) -> set[str]:
        """The events that are asked about."""
        found = {of.event for of in self.latest}
        for asked in self.bits:
            found |= {asked.of.event} if isinstance(asked, AtLeast) else {of.event for of in b.selections(asked)}
        return found

    @property
    def words(self) -> int:
        return -(-len(self.bits) // WORD)

    @property
    def columns(self) -> list[str]:
        """Of the table `features`, `id` aside: words, and the instants of what is asked since some instant."""
        return [f"w{at}" for at in range(self.words)] + [f"s{at}" for at in range(len(self.latest))]

    def since(self, of: b.Selection, start: exp.Expr) -> exp.Expr:
        """Whether an event of the selection lies after an instant: its latest does."""
        number = self.latest.setdefault(of, len(self.latest))
        return exp.GT(this=col(f"s{number}"), expression=start)

    def aggregate(self, test: b.Condition) -> exp.Expr:
        """The engine test of a condition on behaviour, over the features' words; nothing has happened since no instant."""
        if is_pattern(test):
            return self._number(test)
        match test:
            case b.Did(of):
                return self._bit(of, 1)
            case b.Since(of):
                self.since(of, num(0))
                return FALSE.copy()
            case b.Compare(operator, b.Count(of), b.Constant() as limit):
                return self._count(of, operator, int(Decimal(limit.text)))
            case b.Between(b.Count(of), low, high):
                return every(
                    [self._count(of, ">=", int(Decimal(low.text))), self._count(of, "<=", int(Decimal(high.text)))]
                )
            case b.Compare(operator, b.DaysSince(of), b.Constant() as limit):
                return self._days(of, operator, int(Decimal(limit.text)))
            case b.Between(b.DaysSince(of), low, high):
                return every(
                    [self._days(of, ">=", int(Decimal(low.text))), self._days(of, "<=", int(Decimal(high.text)))]
                )
        return FALSE.copy()

    def _bit(self, of: b.Selection, times: int) -> exp.Expr:
        return self._number(AtLeast(of, times))

    def _number(self, asked: AtLeast | b.Condition) -> exp.Expr:
        number = self.bits.setdefault(asked, len(self.bits))
        return bit(col(f"w{number // WORD}"), 1 << number % WORD)

    def _count(self, of: b.Selection, operator: str, limit: int) -> exp.Expr:
        """count ⋚ limit by thresholds: `at least 0` is always true."""

        def least(times: int) -> exp.Expr:
            return self._bit(of, times) if times > 0 else TRUE.copy()

        match operator:
            case ">=":
                return least(limit)
            case ">":
                return least(limit + 1)
            case "<":
                return negated(least(limit))
            case "<=":
                return negated(least(limit + 1))
            case "=":
                return every([least(limit), negated(least(limit + 1))])
        return some([negated(least(limit)), least(limit + 1)])

    def _days(self, of: b.Selection, operator: str, limit: int) -> exp.Expr:
        """⌊(at − latest) / day⌋ ⋚ limit: it is below k exactly if something happened in the last k days."""

        def below(days: int) -> exp.Expr:
            if days <= 0:
                return FALSE.copy()
            size = days * b.DAY
            inside = min(size, of.last) if of.last is not None else size
            return self._bit(b.Selection(of.event, of.where, inside), 1)

        known = self._bit(of, 1)
        match operator:
            case "<":
                return below(limit)
            case "<=":
                return below(limit + 1)
            case ">=":
                return every([known, negated(below(limit))])
            case ">":
                return every([known, negated(below(limit + 1))])
            case "=":
                return every([below(limit + 1), negated(below(limit))])
        return every([known, negated(paren(every([below(limit + 1), negated(below(limit))])))])

    def build(self, engine: Engine, at: int, events: dict[str, str]) -> Mapping[str, Words] | None:
        """`features`: `id`, words `w0`, … and instants `s0`, … of every customer; the words also as arrays, by id from 0
        on, where this process has made all of them at once."""
        queries: list[exp.Query] = []
        steps: list[_Step] = []
        thresholds = [(asked, number) for asked, number in self.bits.items() if isinstance(asked, AtLeast)]
        for event in sorted({threshold.of.event for threshold, _ in thresholds}):
            mine = [(threshold, number) for threshold, number in thresholds if threshold.of.event == event]
            ages = sorted({threshold.of.last for threshold, _ in mine if threshold.of.last is not None})
            wheres = list(dict.fromkeys(threshold.of.where for threshold, _ in mine))
            size = max(1, min(6, _CODE_BITS - len(ages).bit_length()))
            for start in range(0, len(wheres), size):
                batch = wheres[start : start + size]
                queries.append(_codes(events[event], batch, ages, at))
                asked = [(threshold, number) for threshold, number in mine if threshold.of.where in batch]
                steps.append(Codes(asked, batch, ages))
        for pattern, number in self.bits.items():
            if not isinstance(pattern, AtLeast):
                queries.append(differing(pattern, events, at))
                steps.append(_Flips(number, holds_without_events(pattern)))
        for event in dict.fromkeys(of.event for of in self.latest):
            asked_of = [one for one in self.latest.items() if one[0].event == event]
            queries.append(_latest(asked_of, events, at))
            steps.append(_Instants([f"s{number}" for _, number in asked_of]))
        columns = dict.fromkeys(("id", *self.columns), "BIGINT")
        everybody = exp.select("id").from_(table("customers"))
        kernel = partial(_fill, self.words, steps)
        if not engine.embedded or engine.share is not None:
            engine.grouped("features", columns, queries, "id", kernel, everybody)
            return None
        made: dict[str, Words] = {}

        def once(keys: Words, pieces: Sequence[Callable[[], Arrays]]) -> dict[str, Words]:
            found = kernel(keys, pieces, ahead=True)
            made.update((name, found[name]) for name in found if name.startswith("w"))
            return found

        engine.grouped("features", columns, queries, "id", once, everybody)
        return made


@dataclass(frozen=True)
class _Flips:
    """A bit that is otherwise than without events for some customers."""

    number: int
    holds: bool


@dataclass(frozen=True)
class _Instants:
    names: list[str]


_Step = Codes | _Flips | _Instants


def _fill(
    count: int, steps: list[_Step], keys: Words, pieces: Sequence[Callable[[], Arrays]], ahead: bool = False
) -> dict[str, Words]:
    """The features of the customers `keys`: what each step makes of its piece. ahead: the next piece is fetched meanwhile."""
    words, found = np.zeros((len(keys), count), np.int64), {"id": keys}
    if ahead:
        with ThreadPoolExecutor(1) as worker:
            taken: list[Future[None]] = []
            for step, piece in zip(steps, pieces, strict=True):
                held = piece()
                if taken:
                    taken.pop().result()
                taken.append(worker.submit(_take, words, found, step, held))
            for one in taken:
                one.result()
    else:
        for step, piece in zip(steps, pieces, strict=True):
            _take(words, found, step, piece())
    return found | {f"w{at}": words[:, at] for at in range(count)}


def _take(words: Words, found: dict[str, Words], step: _Step, held: Arrays) -> None:
    """Set in `words`, or add to `found`, what a step makes of its piece."""
    match step:
        case Codes():
            meet(words, held["id"], held["code"], step)
        case _Flips(number, holds):
            word = words[:, number // WORD]
            if holds:
                word |= 1 << number % WORD
            word[held["id"]] ^= 1 << number % WORD
        case _Instants(names):
            for name in names:
                found[name] = np.full(len(words), _NEVER)
                found[name][held["id"]] = held[name]


def _latest(asked: list[tuple[b.Selection, int]], events: dict[str, str], at: int) -> exp.Select:
    """Each customer's latest instant of several selections of one event, in one pass over it."""
    shown = []
    for of, number in asked:
        last = exp.Max(this=paren(case([(every(inside(of, at)), col("at"))])))
        shown.append(named(exp.Coalesce(this=last, expressions=[num(_NEVER)]), f"s{number}"))
    return exp.select(col("id"), *shown).from_(table(events[asked[0][0].event])).group_by("id")


def _codes(source: str, wheres: list[b.Condition | None], ages: list[int], at: int) -> exp.Select:
    """Each event's customer and code: the gap between windows that its age lies in, and a multiple for each `where` it passes."""
    aged = ((exp.GT(this=col("at"), expression=num(at - age)), num(index)) for index, age in enumerate(ages))
    code: exp.Expr = paren(case(aged, num(len(ages))))
    for index, where in enumerate(wheres):
        if where is not None:
            met = condition(where, lambda test: FALSE.copy(), exp.null())
            code = exp.Add(this=code, expression=paren(case([(met, num((len(ages) + 1) << index))], num(0))))
    columns = (
        named(exp.cast(col("id"), "INTEGER"), "id"),
        named(exp.cast(paren(code), "SMALLINT"), "code"),
    )
    return exp.select(*columns).from_(table(source)).where(exp.LTE(this=col("at"), expression=num(at)))
