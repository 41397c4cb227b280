"""Bits of thresholds: both forms set what counting each customer's events by hand says."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsl import behaviour as b
from runtime.relational import thresholds
from runtime.relational.thresholds import WORD, AtLeast, Codes, lanes, meet, shared_out

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
    meet(words, ids, codes, of)
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
    meet(words, np.array([5, 5], np.int32), np.array([0, 0], np.int16), of)
    assert words[5, 0] == 1 << 40 | 1 << 3 and words[6, 0] == 1 << 40


@given(st.lists(st.integers(0, 40), min_size=1, max_size=30), st.integers(1, 9))
def test_each_run_of_customers_is_for_one_worker(sizes: list[int], workers: int) -> None:
    shares = shared_out(np.cumsum(sizes), sum(sizes), workers)
    assert [run for low, high in shares for run in range(low, high)] == list(range(len(sizes)))
    shared = [sum(sizes[low:high]) for low, high in shares]
    assert max(shared) - max(sizes) <= -(-sum(sizes) // workers)


@pytest.mark.parametrize(("most", "bits"), [(2, 8), (127, 8), (128, 16), (999_999, 32)])
def test_lanes_are_as_wide_as_the_largest_threshold_asks(most: int, bits: int) -> None:
    all_of_it = b.Selection("view", None, None)
    found = lanes(Codes([(AtLeast(all_of_it, 2), 0), (AtLeast(all_of_it, most), 1)], [None], []))
    assert found.bits == bits


@pytest.mark.parametrize("most", [127, 128, 40_000])
def test_a_lane_that_is_full_does_not_run_over_into_the_next(most: int) -> None:
    """most: a threshold that makes all lanes as wide as it asks."""
    pytest.importorskip("numba", reason="the extra `fast` is not installed")
    all_of_it = b.Selection("view", None, None)
    asked = {AtLeast(all_of_it, times): at for at, times in enumerate((2, most, 3, 126, 5, 90, 100, 4, 120, 7))}
    of = Codes(list(asked.items()), [None], [])
    for size in (1, 2, 89, 100, 126, 127, 128, 300):
        words, ids = np.zeros((3, 1), np.int64), np.ones(size, np.int32)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(thresholds, "MANY", 0)
            meet(words, ids, np.zeros(size, np.int16), of)
        met = sum(1 << number for threshold, number in asked.items() if size >= threshold.times)
        assert words[:, 0].tolist() == [0, met, 0], size
