"""Bits of thresholds: both forms set what counting each customer's events by hand says."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsl import behaviour as b
from runtime.relational import thresholds
from runtime.relational.thresholds import WORD, AtLeast, Codes, Counts, meet, shared_out

PAGES = [b.Compare("=", b.Property("page"), b.Constant("text", name)) for name in ("loan", "home")]
AGES = [7, 14, 30]
CUSTOMERS = 37


def _codes(random: Random) -> Codes:
    """Thresholds of one to four events, in three words of bits, over three windows and two tests or none."""
    wheres: list[b.Condition | None] = random.sample([None, *PAGES], random.randint(1, 3))
    ages = sorted(random.sample(AGES, random.randint(0, 3)))
    numbers = random.sample(range(3 * WORD), random.randint(1, 12))
    asked = {
        AtLeast(
            b.Selection("view", random.choice(wheres), random.choice([None, *ages])), random.choice((1, 1, 2, 3, 4))
        ): number
        for number in numbers
    }
    return Codes(list(asked.items()), wheres, ages)


def _by_hand(events: list[tuple[int, int]], of: Codes) -> list[list[int]]:
    found = [[0, 0, 0] for _ in range(CUSTOMERS)]
    for threshold, number in of.asked:
        gaps = len(of.ages) + 1
        for who, words in enumerate(found):
            inside = 0
            for customer, code in events:
                recent = threshold.of.last is None or code % gaps <= of.ages.index(threshold.of.last)
                place = of.wheres.index(threshold.of.where)
                passed = threshold.of.where is None or (code // gaps) >> place & 1
                inside += customer == who and recent and bool(passed)
            if inside >= threshold.times:
                words[number // WORD] |= 1 << number % WORD
    return found


def _found(events: list[tuple[int, int]], of: Codes) -> list[list[int]]:
    words = np.zeros((CUSTOMERS, 3), np.int64)
    ids, codes = (np.array([one[at] for one in events], kind) for at, kind in ((0, np.int32), (1, np.int16)))
    meet(words, ids, codes, of, Counts())
    return words.tolist()


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10**6), st.integers(0, 60))
def test_both_forms_count_as_one_does_by_hand(seed: int, size: int) -> None:
    random = Random(seed)
    of = _codes(random)
    events = [(int(CUSTOMERS * random.random() ** 2), random.randrange(of.count)) for _ in range(size)]
    by_hand = _by_hand(events, of)
    assert _found(events, of) == by_hand
    pytest.importorskip("numba", reason="the extra `fast` is not installed")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(thresholds, "MANY", 0)
        patched.setattr(thresholds, "_NEAR", random.randint(1, 3))  # few lie together, so that there are several runs
        assert _found(events, of) == by_hand


def test_what_is_already_known_stays() -> None:
    of = Codes([(AtLeast(b.Selection("view", None, None), 1), 3)], [None], [])
    words = np.full((CUSTOMERS, 1), 1 << 40, np.int64)
    meet(words, np.array([5, 5], np.int32), np.array([0, 0], np.int16), of, Counts())
    assert words[5, 0] == 1 << 40 | 1 << 3 and words[6, 0] == 1 << 40


@given(st.lists(st.integers(0, 40), max_size=30), st.integers(1, 9))
def test_events_of_one_customer_are_for_one_worker(sizes: list[int], workers: int) -> None:
    """sizes: of the runs of customers."""
    ends = np.cumsum([0, *sizes])[1:]
    shares = shared_out(np.concatenate([ends, ends[-1:]]) if sizes else np.zeros(1, np.int64), sum(sizes), workers)
    whole = [at for low, high in shares for at in range(low, high)]
    assert whole == list(range(sum(sizes)))
    assert {high for _, high in shares} <= {0, *ends.tolist()}


def test_counts_begin_at_nothing_each_time() -> None:
    counts = Counts()
    for customers, selections, most in ((5, 3, 9), (9, 7, 2), (5, 3, 9), (4, 2, 300), (0, 3, 1), (6, 0, 0)):
        found = counts.zeros(customers, selections, most)
        assert found.shape == (customers, selections) and not found.any()
        found += most
        assert (found == most).all()
