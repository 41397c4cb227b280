"""Conditions as tests on bits. Each distinct test on a field is made once per customer, and kept beside the bits of behaviour;
a campaign's audience is then a few masks, whatever it asks."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass, field

from sqlglot import exp

from dsl import behaviour as b
from runtime.relational.conditions import condition
from runtime.relational.features import Features
from runtime.relational.sql import FALSE, bit, case, cast, col, every, named, negated, num, paren, some, sure, text
from runtime.relational.thresholds import WORD

_BEHAVIOUR = (b.Count, b.DaysSince, b.Sum, b.Latest)


@dataclass
class Bits:
    """`tests`: the distinct tests on fields, each with its bit in the words `v0`, …"""

    features: Features
    tests: dict[b.Condition, int] = field(default_factory=dict)
    _places: dict[b.Condition, tuple[str, int] | None] = field(default_factory=dict)

    def collect(self, conditions: Iterable[b.Condition]) -> None:
        for atom in (atom for one in conditions for atom in b.atoms(one)):
            if not _behaves(atom) and not isinstance(atom, b.InArm):
                self.tests.setdefault(atom, len(self.tests))

    def columns(self, but: Container[b.Condition] = ()) -> list[exp.Expr]:
        """The words of field tests, over the columns of customers and `today`; without the bits of some tests."""
        words: dict[int, exp.Expr] = {}
        for test, number in self.tests.items():
            if test in but:
                continue
            held = condition(test, _no_behaviour, col("today"))
            held = held.this if isinstance(held, exp.Coalesce) else held  # CASE takes unknown for false by itself
            flag = _flag(held, number % WORD)
            before = words.get(number // WORD)
            words[number // WORD] = exp.BitwiseOr(this=before, expression=flag) if before else flag
        return [named(word, f"v{at}") for at, word in words.items()]

    def test(self, of: b.Condition, since: exp.Expr | None = None) -> exp.Expr:
        """A condition over the words `v…` and `w…`, and the instants `s…`. since: from when on a campaign counts."""
        match of:
            case b.All(items):
                return self._every(items, since)
            case b.Any(items):
                return paren(some(self.test(item, since) for item in items))
            case b.Not(item):
                return negated(paren(self.test(item, since)))
            case b.Since(selection) if since is not None:
                return self.features.since(selection, since.copy())
        if isinstance(of, b.InArm):
            return sure(exp.EQ(this=col("arm"), expression=text(of.name)))
        if _behaves(of):
            return paren(self.features.aggregate(of))
        number = self.tests[of]
        return bit(col(f"v{number // WORD}"), 1 << number % WORD)

    def _every(self, items: Iterable[b.Condition], since: exp.Expr | None) -> exp.Expr:
        """Tests on single bits of one word are one comparison: which bits are looked at, and which of them have to be set."""
        looked: dict[str, int] = {}
        wanted: dict[str, int] = {}
        rest: list[exp.Expr] = []
        for item in _flat(items):
            positive = not isinstance(item, b.Not)
            place = self._place(item.item if isinstance(item, b.Not) else item)
            if place is None or looked.get(place[0], 0) & place[1]:
                rest.append(self.test(item, since))
                continue
            word, mask = place
            looked[word] = looked.get(word, 0) | mask
            wanted[word] = wanted.get(word, 0) | (mask if positive else 0)
        masked = [
            exp.EQ(
                this=paren(exp.BitwiseAnd(this=col(word), expression=num(mask))),
                expression=num(wanted[word]),
            )
            for word, mask in looked.items()
        ]
        return paren(every([*masked, *rest]))

    def _place(self, of: b.Condition) -> tuple[str, int] | None:
        """Word and bit of what is a single bit; found once, since many campaigns ask the same."""
        if of not in self._places:
            self._places[of] = self._found(of)
        return self._places[of]

    def _found(self, of: b.Condition) -> tuple[str, int] | None:
        if isinstance(of, (b.Not, b.All, b.Any, b.InArm, b.Since)):
            return None
        if not _behaves(of):
            number = self.tests[of]
            return f"v{number // WORD}", 1 << number % WORD
        found = self.features.aggregate(of)
        if isinstance(found, exp.NEQ) and isinstance(found.this, exp.Paren):
            masked = found.this.this
            return masked.this.name, int(masked.expression.name)
        return None


def _flag(test: exp.Expr, bit: int) -> exp.Expr:
    """A bit of a word where a test holds. Both numbers are of the word's type: else each row's would be cast to it."""
    return case([(test, cast(num(1 << bit), "BIGINT"))], cast(num(0), "BIGINT"))


def _flat(items: Iterable[b.Condition]) -> Iterable[b.Condition]:
    """Nested `all`s opened; `not any { … }` is `not` of each."""
    for item in items:
        match item:
            case b.All(inner):
                yield from _flat(inner)
            case b.Not(b.Any(inner)):
                yield from _flat(b.Not(one) for one in inner)
            case b.Not(b.Not(inner)):
                yield from _flat([inner])
            case _:
                yield item


def _behaves(atom: b.Condition) -> bool:
    match atom:
        case b.Did() | b.Followed() | b.Since():
            return True
        case b.Compare(_, left, _):
            return isinstance(left, _BEHAVIOUR)
        case b.Between(value, _, _):
            return isinstance(value, _BEHAVIOUR)
    return False


def _no_behaviour(test: b.Condition) -> exp.Expr:
    return FALSE.copy()
