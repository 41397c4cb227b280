"""What each customer did, as bits: one pass over the events for all campaigns.

Every test on behaviour comes down to thresholds "at least n events of a selection" (one event: `did`; `days_since` is whether
some lie inside a window). A threshold of one is a bit that events set (BIT_OR). For higher ones events are counted in lanes of
21 bits, three to a BIGINT sum, and the counts become bits afterwards. Per event this costs one CASE chain for each distinct
`where`, however many windows, campaigns and thresholds share it; one FILTER per test would cost a pass each.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from sqlglot import exp

from dsl import behaviour as b
from runtime.relational.conditions import condition
from runtime.relational.sql import FALSE, TRUE, bit, case, col, every, num, some, table, union

WORD = 62  # bits of a BIGINT that stay clear of its sign
LANE = 21  # a customer has fewer than 2,097,152 events: checked when they are loaded
MAX_EVENTS = (1 << LANE) - 1
_MASK = (1 << LANE) - 1


@dataclass(frozen=True)
class AtLeast:
    of: b.Selection
    times: int


@dataclass
class Features:
    """The thresholds that a program's conditions ask for, each with its bit."""

    bits: dict[AtLeast, int] = field(default_factory=dict)

    def collect(self, tests: Iterable[b.Condition]) -> None:
        for test in tests:
            for atom in b.atoms(test):
                self.aggregate(atom)

    @property
    def words(self) -> int:
        return -(-len(self.bits) // WORD)

    def aggregate(self, test: b.Condition) -> exp.Expr:
        """The engine test of a condition on behaviour, over the features' words."""
        match test:
            case b.Did(of):
                return self._bit(of, 1)
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
        number = self.bits.setdefault(AtLeast(of, times), len(self.bits))
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
                return exp.not_(least(limit))
            case "<=":
                return exp.not_(least(limit + 1))
            case "=":
                return every([least(limit), exp.not_(least(limit + 1))])
        return some([exp.not_(least(limit)), least(limit + 1)])

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
                return every([known, exp.not_(below(limit))])
            case ">":
                return every([known, exp.not_(below(limit + 1))])
            case "=":
                return every([below(limit + 1), exp.not_(below(limit))])
        return every([known, exp.not_(exp.paren(every([below(limit + 1), exp.not_(below(limit))])))])

    def query(self, at: int, events: dict[str, str]) -> exp.Query | None:
        """One row (`id`, `w0`, …) for each customer that did anything that is asked about. `events`: event → its table."""
        if not self.bits:
            return None
        lanes = self._lanes()
        sums = -(-len(lanes) // 3)
        asked = sorted({threshold.of.event for threshold in self.bits})
        scans = union([self._scan(event, events[event], at, lanes, sums) for event in asked])
        scans = scans.subquery("e")
        words = [exp.alias_(exp.BitwiseOrAgg(this=col(f"w{at}")), f"w{at}") for at in range(self.words)]
        counts = [exp.alias_(exp.cast(exp.Sum(this=col(f"n{at}")), "BIGINT"), f"n{at}") for at in range(sums)]
        grouped = exp.select(col("id"), *words, *counts).from_(scans).group_by(col("id"))
        if not lanes:
            return grouped
        columns = [col("id")]
        for word in range(self.words):
            columns.append(self._with_counts(word, lanes))  # type: ignore[arg-type]
        return exp.select(*columns).from_(grouped.subquery("g"))

    def _lanes(self) -> dict[b.Selection, int]:
        """Selections that have to be counted, with their lanes."""
        counted = dict.fromkeys(threshold.of for threshold in self.bits if threshold.times > 1)
        return {of: lane for lane, of in enumerate(counted)}

    def _with_counts(self, word: int, lanes: dict[b.Selection, int]) -> exp.Expr:
        parts: list[exp.Expr] = [col(f"w{word}")]
        for threshold, number in self.bits.items():
            if threshold.times > 1 and number // WORD == word:
                lane = lanes[threshold.of]
                shifted = exp.BitwiseRightShift(this=col(f"n{lane // 3}"), expression=num(lane % 3 * LANE))
                count = exp.paren(exp.BitwiseAnd(this=exp.paren(shifted), expression=num(_MASK)))
                reached = exp.GTE(this=count, expression=num(threshold.times))
                parts.append(case([(reached, num(1 << number % WORD))], num(0)))
        return exp.alias_(_or(parts), f"w{word}")

    def _scan(self, event: str, source: str, at: int, lanes: dict[b.Selection, int], sums: int) -> exp.Select:
        """Each event of one type with the bits that it sets and the lanes that it counts in."""
        masks: dict[tuple[int, b.Condition | None], dict[int | None, int]] = {}
        adds: dict[tuple[int, b.Condition | None], dict[int | None, int]] = {}
        mine = [(threshold, number) for threshold, number in self.bits.items() if threshold.of.event == event]
        for threshold, number in mine:
            if threshold.times == 1:
                chain = masks.setdefault((number // WORD, threshold.of.where), {})
                chain[threshold.of.last] = chain.get(threshold.of.last, 0) | 1 << number % WORD
        for of, lane in lanes.items():
            if of.event == event:
                adds.setdefault((lane // 3, of.where), {})[of.last] = 1 << lane % 3 * LANE
        columns: list[exp.Expr] = [col("id")]
        for prefix, count, chains in (("w", self.words, masks), ("n", sums, adds)):
            for word in range(count):
                parts = [_chain(where, chain, at) for (index, where), chain in chains.items() if index == word]
                columns.append(exp.alias_(exp.cast(_or(parts) if parts else num(0), "BIGINT"), f"{prefix}{word}"))
        lasts = [threshold.of.last for threshold, _ in mine]
        query = exp.select(*columns).from_(table(source)).where(exp.LTE(this=col("at"), expression=num(at)))
        if None not in lasts:
            oldest = at - max(last for last in lasts if last is not None)
            query = query.where(exp.GT(this=col("at"), expression=num(oldest)))
        return query


def _chain(where: b.Condition | None, by_length: dict[int | None, int], at: int) -> exp.Expr:
    """The bits of an event by its age: it counts for its own window and for every longer one. None: for ever."""
    always = by_length.get(None, 0)
    pairs: list[tuple[exp.Expr, exp.Expr]] = []
    lengths = sorted(length for length in by_length if length is not None)
    for index, length in enumerate(lengths):
        mask = always
        for longer in lengths[index:]:
            mask |= by_length[longer]
        pairs.append((exp.GT(this=col("at"), expression=num(at - length)), num(mask)))
    aged = case(pairs, num(always))
    if where is None:
        return aged
    return case([(condition(where, lambda test: FALSE.copy(), exp.null()), aged)], num(0))


def _or(parts: list[exp.Expr]) -> exp.Expr:
    found = parts[0]
    for part in parts[1:]:
        found = exp.BitwiseOr(this=exp.paren(found), expression=exp.paren(part))
    return found
