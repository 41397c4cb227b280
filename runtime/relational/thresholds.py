"""Which customers meet thresholds "at least n events of a selection": bits, from the customer and the code of each event.

An event's code says which selections it belongs to (runtime/relational/features.py), so that the events of one type are read
once for all of them. There are two forms with one meaning, held against each other in tests/test_thresholds.py: NumPy over the
events in the order of their codes, and a loop over the events as they come, for where numba is there to compile it.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from dsl import behaviour as b
from runtime.compiled import compiled

WORD = 62  # bits of a BIGINT that stay clear of its sign
MANY = 500_000  # events of one type: fewer are counted sooner than the compiled loop is loaded
_NEAR = 13  # bits of a customer's number: what is known of so many customers fits into a processor's cache
_STREAMS = 8  # bits: so many runs of customers can be written side by side
Words = npt.NDArray[np.int64]


@dataclass(frozen=True)
class AtLeast:
    of: b.Selection
    times: int


@dataclass(frozen=True)
class Codes:
    """The thresholds that are asked of the events of one type, with the numbers of their bits, and what a code is made of.

    A code is the gap between the windows of `ages` that an event's age lies in, and (len(ages) + 1) << i for each `where` that
    it passes.
    """

    asked: list[tuple[AtLeast, int]]
    wheres: list[b.Condition | None]
    ages: list[int]

    @property
    def count(self) -> int:
        return (len(self.ages) + 1) << len(self.wheres)

    def single(self, words: int) -> Words:
        """By word and code: the bits that one event sets by itself."""
        found = np.zeros((words, self.count), np.int64)
        for threshold, number in self.asked:
            if threshold.times == 1:
                found[number // WORD] |= self.belongs(threshold.of).astype(np.int64) << number % WORD
        return found

    @cached_property
    def counted(self) -> dict[b.Selection, list[tuple[int, int]]]:
        """Selections of which more than one event is asked: how many, and the bit."""
        found: dict[b.Selection, list[tuple[int, int]]] = {}
        for threshold, number in self.asked:
            if threshold.times > 1:
                found.setdefault(threshold.of, []).append((threshold.times, number))
        return found

    def belongs(self, of: b.Selection) -> npt.NDArray[np.bool_]:
        """By code whether its events belong to a selection."""
        code, gaps = np.arange(self.count), len(self.ages) + 1
        inside = np.ones(len(code), bool) if of.last is None else code % gaps <= self.ages.index(of.last)
        if of.where is None:
            return inside
        passed: npt.NDArray[np.bool_] = inside & ((code // gaps >> self.wheres.index(of.where)) & 1 == 1)
        return passed


class Counts:
    """The same memory for the counts of one type of events after the other: what is touched for the first time is dear."""

    def __init__(self) -> None:
        self._held = np.zeros(0, np.uint8)

    def zeros(self, customers: int, selections: int, most: int) -> npt.NDArray[Any]:
        """most: how far each is counted."""
        kind = np.min_scalar_type(most)
        size = customers * selections * kind.itemsize
        if len(self._held) < size:
            self._held = np.zeros(size, np.uint8)
        else:
            self._held[:size] = 0
        return self._held[:size].view(kind).reshape(customers, selections)


def meet(words: Words, ids: npt.NDArray[Any], codes: npt.NDArray[np.int16], of: Codes, counts: Counts) -> None:
    """Set the bits of the thresholds that events meet. words: customers x words; ids, codes: by event; an id is a row of it."""
    many = len(ids) >= MANY
    near, loop = (compiled(by_neighbours), compiled(one_by_one)) if many else (None, None)
    if near is None or loop is None:
        _by_code(words, ids, codes, of)
        return
    belong = np.array([of.belongs(selection) for selection in of.counted], bool).reshape(-1, of.count)
    steps = [step for thresholds in of.counted.values() for step in sorted(thresholds)]
    most = max((times for times, _ in steps), default=0)
    shift = max(_NEAR, len(words).bit_length() - _STREAMS)
    held = np.empty(len(ids), ids.dtype), np.empty(len(codes), codes.dtype)
    ends = np.zeros((len(words) >> shift) + 2, np.int64)
    near(ids, codes, shift, ends, *held)
    asked = (
        np.ascontiguousarray(of.single(words.shape[1]).T),
        _ends(belong.sum(axis=0)),
        np.nonzero(belong.T)[1],
        _ends([len(thresholds) for thresholds in of.counted.values()]),
        np.array([times for times, _ in steps], np.int64),
        np.array([number // WORD for _, number in steps], np.int64),
        np.array([1 << number % WORD for _, number in steps], np.int64),
        counts.zeros(len(words), len(of.counted), most),
        words,
    )
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        shares = shared_out(ends, len(ids), os.cpu_count() or 1)
        for done in [pool.submit(loop, *(one[low:high] for one in held), *asked) for low, high in shares]:
            done.result()


def shared_out(ends: Words, size: int, workers: int) -> list[tuple[int, int]]:
    """The events for so many workers, who write at the same time: those of one customer are for one of them."""
    cuts = [0, *(int(ends[np.searchsorted(ends, size * part // workers)]) for part in range(1, workers)), size]
    return list(pairwise(cuts))


def by_neighbours(ids: Any, codes: Any, shift: Any, ends: Any, near_ids: Any, near_codes: Any) -> None:
    """The events by runs of 1 << shift customers, so that what is known of these stays in a processor's cache. ends: zeros,
    then where each run ends."""
    for i in range(len(ids)):
        ends[(ids[i] >> shift) + 1] += 1
    for run in range(1, len(ends)):
        ends[run] += ends[run - 1]
    for i in range(len(ids)):
        at = ends[ids[i] >> shift]
        ends[ids[i] >> shift] = at + 1
        near_ids[at], near_codes[at] = ids[i], codes[i]


def one_by_one(
    ids: Any, codes: Any, single: Any, first: Any, slots: Any, steps: Any, times: Any, word: Any, mask: Any,
    counts: Any, words: Any,
) -> None:  # fmt: skip
    """single[code]: the bits that an event sets. first: where a code's counted selections begin in `slots`; steps: where a
    selection's thresholds begin in times (ascending), word and mask. counts[customer][selection] goes up to the last of them."""
    for i in range(len(ids)):
        who, code = ids[i], codes[i]
        for at in range(single.shape[1]):
            words[who, at] |= single[code, at]
        for k in range(first[code], first[code + 1]):
            slot = slots[k]
            count, last = counts[who, slot], steps[slot + 1]
            if count < times[last - 1]:
                counts[who, slot] = count + 1
                for step in range(steps[slot], last):
                    if times[step] == count + 1:
                        words[who, word[step]] |= mask[step]


def _by_code(words: Words, ids: npt.NDArray[Any], codes: npt.NDArray[np.int16], of: Codes) -> None:
    """The events are ordered by code (a radix sort of 16-bit codes), so that a selection is a few slices of customers."""
    ordered = ids[np.argsort(codes, kind="stable")]
    sizes = np.bincount(codes, minlength=of.count)
    slices = [ordered[end - size : end] for end, size in zip(np.cumsum(sizes), sizes, strict=True)]
    for word, bits in zip(words.T, of.single(words.shape[1]), strict=True):
        for index in np.flatnonzero(bits):
            word[slices[index]] |= bits[index]  # a customer may stand there twice: the same bits are set again
    for selection, thresholds in of.counted.items():
        mine = [slices[index] for index in np.flatnonzero(of.belongs(selection))]
        counts = np.bincount(np.concatenate(mine), minlength=len(words))
        for times, number in thresholds:
            words[np.flatnonzero(counts >= times), number // WORD] |= 1 << number % WORD


def _ends(sizes: npt.ArrayLike) -> Words:
    """Where each of some runs begins, and the last ends."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(np.asarray(sizes, np.int64))])
