"""Which customers meet thresholds "at least n events of a selection": bits, from the customer and the code of each event.

An event's code says which selections it belongs to (runtime/relational/features.py), so that the events of one type are read
once for all of them. There are two forms with one meaning, held against each other in tests/test_thresholds.py: NumPy over the
events in the order of their codes, and a loop over the events of some customers after the other, for where numba is there to
compile it.
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
Packed = npt.NDArray[np.uint64]


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


@dataclass(frozen=True)
class Lanes:
    """The thresholds of more than one event as lanes of 64-bit words, several counts to a word.

    A lane starts so far below its topmost bit that the event which meets the threshold sets it; then it counts no further, so
    that none runs over into the next (Lamport, "Multiple byte processing with full-word instructions", CACM 1975).

    start[lane word]: with no event; more[code, lane word]: what an event adds; number[lane]: the threshold's bit.
    """

    bits: int
    start: Packed
    more: Packed
    number: Words

    @property
    def top(self) -> np.uint64:
        """The topmost bit of each lane."""
        return np.uint64(sum(1 << at + self.bits - 1 for at in range(0, 64, self.bits)))


def lanes(of: Codes) -> Lanes:
    asked = [(selection, *one) for selection, thresholds in of.counted.items() for one in thresholds]
    most = max((times for _, times, _ in asked), default=0)
    bits = next(bits for bits in (8, 16, 32) if most < 1 << bits - 1)
    each = 64 // bits
    start, more = np.zeros(-(-len(asked) // each), np.uint64), np.zeros((of.count, -(-len(asked) // each)), np.uint64)
    for lane, (selection, times, _) in enumerate(asked):
        at, low = lane // each, lane % each * bits
        start[at] |= np.uint64((1 << bits - 1) - times << low)
        more[:, at] |= of.belongs(selection).astype(np.uint64) << np.uint64(low)
    return Lanes(bits, start, more, np.array([number for *_, number in asked], np.int64))


def meet(words: Words, ids: npt.NDArray[Any], codes: npt.NDArray[np.int16], of: Codes) -> None:
    """Set the bits of the thresholds that events meet. words: customers x words; ids, codes: by event; an id is a row of it."""
    many = len(ids) >= MANY
    near, loop = (compiled(by_neighbours), compiled(one_by_one)) if many else (None, None)
    if near is None or loop is None:
        _by_code(words, ids, codes, of)
        return
    shift, more = max(_NEAR, len(words).bit_length() - _STREAMS), lanes(of)
    held = np.empty(len(ids), ids.dtype), np.empty(len(codes), codes.dtype)
    ends = np.zeros((len(words) >> shift) + 2, np.int64)
    near(ids, codes, shift, ends, *held)
    asked = (
        np.ascontiguousarray(of.single(words.shape[1]).T),
        *(more.start, more.more, more.top, np.uint64(more.bits), more.number // WORD, 1 << more.number % WORD, words),
    )
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        shares = shared_out(ends, len(ids), os.cpu_count() or 1)
        for done in [pool.submit(loop, *held, ends, *runs, shift, *asked) for runs in shares]:
            done.result()


def shared_out(ends: Words, size: int, workers: int) -> list[tuple[int, int]]:
    """The runs for so many workers, who write at the same time: about as many events for each."""
    cuts = [int(np.searchsorted(ends, size * part // workers)) for part in range(1, workers)]
    return list(pairwise([0, *cuts, len(ends)]))


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
    ids: Any, codes: Any, ends: Any, low: Any, high: Any, shift: Any,
    single: Any, start: Any, more: Any, top: Any, bits: Any, word: Any, mask: Any, words: Any,
) -> None:  # fmt: skip
    """The events of the runs from low to high. single[code]: the bits that an event sets; word, mask: of a lane's threshold."""
    counts = np.empty((1 << shift, len(start)), np.uint64)
    last, each = bits - np.uint64(1), 64 // np.int64(bits)
    for run in range(low, high):
        begin, first = ends[run - 1] if run else 0, run << shift
        if begin == ends[run]:
            continue
        for who in range(len(counts)):
            for at in range(len(start)):
                counts[who, at] = start[at]
        for i in range(begin, ends[run]):
            who, code = ids[i], codes[i]
            for at in range(single.shape[1]):
                words[who, at] |= single[code, at]
            for at in range(len(start)):
                count = counts[who - first, at]
                met = count & top
                counts[who - first, at] = count + (more[code, at] & ~(met | (met - (met >> last))))
        for who in range(min(len(counts), len(words) - first)):
            for at in range(len(start)):
                met = (counts[who, at] & top) >> last
                lane = at * each
                while met:
                    if met & np.uint64(1):
                        words[first + who, word[lane]] |= mask[lane]
                    met >>= bits
                    lane += 1


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
