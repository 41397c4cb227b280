"""Conditions over bitmaps: each bit of the customers' words as one row of bits, a bit for each customer.

A test that has a bit is then a row; `and`, `or` and `not` are operations on whole machine words, and a campaign costs few passes
over an eighth of a byte per customer, whatever it asks: bit-sliced indexes (O'Neil and Quass, "Improved Query Performance with
Variant Indexes", SIGMOD 1997). The conditions come as runtime/relational/bits.py writes them for an engine, so that there is one
translation and this is but another way to run it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlglot import exp

from runtime.compiled import compiled

Words = npt.NDArray[np.int64]
Ids = npt.NDArray[np.int32]
Row = npt.NDArray[np.uint64]  # bit c of element r is customer 64 r + c
# The exchanges that mirror a square of bits along its diagonal (Warren, "Hacker's Delight", 7-3): of eight by eight in one word,
# and of 64 by 64, whose halves are exchanged first, then the halves of these.
_EXCHANGES = ((7, 0x00AA00AA00AA00AA), (14, 0x0000CCCC0000CCCC), (28, 0x00000000F0F0F0F0))
_HALVES = np.array([32, 16, 8, 4, 2, 1], np.uint64)
_LOW = np.array([(2**64 - 1) // (2 ** int(half) + 1) for half in _HALVES], np.uint64)
Known = Mapping[tuple[str, int], Callable[[], Row]]
# Who meets each of some tests, one test after the other, in pieces; how many meet each.
Matched = tuple[list[Ids], list[int]]

MANY = 100_000  # customers: the bits of fewer are found sooner than the compiled loop is loaded
_PIECE = 1 << 22  # ids
_ALL = np.uint64(2**64 - 1)
# A sequence of 64 bits in which each six that follow one another are others: by them a lone bit tells its place
# (Leiserson, Prokop and Randall, "Using de Bruijn Sequences to Index a 1 in a Computer Word", 1998).
_SEQUENCE, _TOP, _ONE = np.uint64(0x03F79D71B4CB0A89), np.uint64(58), np.uint64(1)
_AT = np.zeros(64, np.int64)
_AT[[(0x03F79D71B4CB0A89 << place & 2**64 - 1) >> 58 for place in range(64)]] = range(64)


class Bitmaps:
    """Of `count` customers. words: by column name, one BIGINT for each of them; known: rows that need none, by word and bit."""

    def __init__(self, words: Mapping[str, Words], count: int, known: Known | None = None) -> None:
        self._count, self._size = count, -(-count // 64) * 64
        self._words, self._padded = words, dict[str, Words]()
        self._known = known or {}
        self._rows: dict[tuple[str, int], Row] = {}

    def matching(self, test: exp.Expr) -> Row:
        """For whom a condition holds."""
        row = self._of(test)
        beyond = self._size - self._count
        if beyond:  # a row's last bits are nobody's
            row = row.copy()
            row[-1] &= _ALL >> np.uint64(beyond)
        return row

    def _of(self, test: exp.Expr) -> Row:
        match test:
            case exp.Paren(this=inner):
                return self._of(inner)
            case exp.And(this=left, expression=right):
                return self._of(left) & self._of(right)
            case exp.Or(this=left, expression=right):
                return self._of(left) | self._of(right)
            case exp.Not(this=inner):
                return ~self._of(inner)
            case exp.Boolean(this=holds):
                return np.full(self._size // 64, -1 if holds else 0).view(np.uint64)
            case exp.NEQ(
                this=exp.Paren(this=exp.BitwiseAnd(this=exp.Column() as word, expression=mask))
            ):  # a bit is set
                return self._masked(word.name, int(mask.name), int(mask.name))
            case exp.EQ(
                this=exp.Paren(this=exp.BitwiseAnd(this=exp.Column() as word, expression=mask)), expression=wanted
            ):
                return self._masked(word.name, int(mask.name), int(wanted.name))
        raise AssertionError(f"no condition on bits is written {test.sql()}")

    def _masked(self, word: str, mask: int, wanted: int) -> Row:
        """Whether the bits of a mask are those that are wanted."""
        found: Row | None = None
        while mask:
            bit = mask & -mask
            row = self._row(word, bit.bit_length() - 1)
            row = row if wanted & bit else ~row
            found = row if found is None else found & row
            mask ^= bit
        assert found is not None
        return found

    def _row(self, word: str, bit: int) -> Row:
        if (word, bit) not in self._rows:
            if (word, bit) in self._known:
                self._rows[word, bit] = self._known[word, bit]()
            else:
                self._turn(word, bit)
        return self._rows[word, bit]

    def _turn(self, word: str, bit: int) -> None:
        """A bit of a word into its row, and those beside it: all of the word, or the eight of its byte."""
        turn = compiled(turned) if self._count >= MANY else None
        if turn is not None:
            # Rows that begin a power of two apart would drive each other out of the cache.
            square = np.empty((64, self._size // 64 + 8), np.uint64)[:, : self._size // 64]
            turn(self._words[word], square)
            rows, first = list(square), 0
        else:
            if word not in self._padded:
                self._padded[word] = np.pad(self._words[word], (0, self._size - self._count))
            rows, first = _byte(self._padded[word], bit // 8), bit - bit % 8
        for at, row in enumerate(rows, first):
            if (word, at) not in self._known:
                self._rows[word, at] = row


def _byte(words: Words, at: int) -> list[Row]:
    """The eight rows of a byte of each word."""
    squares = np.ascontiguousarray(words.view(np.uint8).reshape(-1, 8)[:, at]).view(np.uint64)
    for shift, mask in _EXCHANGES:
        exchanged = (squares ^ (squares >> np.uint64(shift))) & np.uint64(mask)
        squares = squares ^ exchanged ^ (exchanged << np.uint64(shift))
    rows = squares.view(np.uint8).reshape(-1, 8)
    return [np.ascontiguousarray(rows[:, at]).view(np.uint64) for at in range(8)]


def turned(words: Any, rows: Any) -> None:
    """rows[b]: bit b of each word, 64 words to an element."""
    square = np.empty(64, np.uint64)
    for first in range(0, len(words), 64):
        size = min(64, len(words) - first)
        for k in range(size):  # of the last, what is nobody's stays as it is
            square[k] = words[first + k]
        for at in range(len(_HALVES)):
            half, shift, low = 32 >> at, _HALVES[at], _LOW[at]
            for begin in range(0, 64, 2 * half):
                for k in range(begin, begin + half):
                    exchanged = ((square[k] >> shift) ^ square[k + half]) & low
                    square[k] ^= exchanged << shift
                    square[k + half] ^= exchanged
        for k in range(64):
            rows[k, first >> 6] = square[k]


class Room:
    """One array after the other, for what comes in pieces whose sizes are not known before."""

    def __init__(self) -> None:
        self._free, self._filled = np.empty(0, np.int32), 0
        self._before: list[Ids] = []

    def of(self, size: int) -> Ids:
        """The place of so many more."""
        if len(self._free) - self._filled < size:
            self._before, self._filled = self.pieces, 0
            self._free = np.empty(max(_PIECE, size), np.int32)
        self._filled += size
        return self._free[self._filled - size : self._filled]

    @property
    def pieces(self) -> list[Ids]:
        return [*self._before, self._free[: self._filled]]


def matched(tests: Sequence[exp.Expr], ids: Ids, words: Mapping[str, Words], known: Known) -> Matched:
    bitmaps, room, sizes = Bitmaps(words, len(ids), known), Room(), []
    for test in tests:
        row = bitmaps.matching(test)
        sizes.append(int(np.bitwise_count(row).sum()))
        decode(row, ids, room.of(sizes[-1]))
    return room.pieces, sizes


def decode(row: Row, ids: Ids, found: Ids) -> None:
    """The ids of those whose bits are set, in order. found: room for so many."""
    scan = compiled(one_by_one) if len(ids) >= MANY else None
    if scan is not None:
        scan(row, _AT, ids, found)
        return
    full = np.flatnonzero(row)
    bits = np.flatnonzero(np.unpackbits(row[full].view(np.uint8), bitorder="little").view(np.bool_))
    found[:] = ids[full[bits >> 6] * 64 + (bits & 63)]


def one_by_one(row: Any, at: Any, ids: Any, found: Any) -> None:
    """at: `_AT`."""
    size = 0
    for k in range(len(row)):
        rest = row[k]
        while rest:
            lowest = rest & (~rest + _ONE)
            found[size] = ids[64 * k + at[(lowest * _SEQUENCE) >> _TOP]]
            size += 1
            rest ^= lowest
