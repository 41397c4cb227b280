"""Which of many texts may hold a banned word, a column at a time: never misses one that `find` calls written or disguised.

Texts become one array of code points, code points become the lexicon's letters, what separates goes, and the letters two by two,
then as many as the word has, are looked up in tables. What gaps may hold, where words end, what excuses them is left to `find`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dsl.lexicon.gaps import BREAKS, ends
from dsl.lexicon.normal import LETTERS
from dsl.lexicon.numbers import DIGITS
from dsl.lexicon.pattern import Pattern

_GONE, _OTHER = 0, 1
# Not letters of the lexicon: code points never met, those of several letters, and the keycap, which makes two readings.
_UNMET, _SEVERAL, _KEYCAP = 65535, 65534, 65533
_LONGEST = 8
_SLOTS = 1 << 16
# Code points at a time: arrays of this size stay in the processor's cache.
_CHUNK = 1 << 17
_POINT, _PERCENT = (np.array([*map(ord, chars)], np.uint32) for chars in (".．", "%％"))
_BETWEEN = "。"  # texts: no word reaches over it

Ids = NDArray[Any]


class Sieve:
    """Holds the tables of one lexicon; 2 MB, mostly of code points."""

    def __init__(self, words: Sequence[Pattern]) -> None:
        keys = {key for word in words for key in _keys(word)}
        self._symbols = [word.word for word in words if not word.atoms]
        self._ids = {
            char: number for number, char in enumerate(sorted({"o", *(char for key in keys for char in key)}), 2)
        }
        self._size = len(self._ids) + 2
        self._zeros = any("0" in key for key in keys)
        self._table: Ids = np.full(0x110000, _UNMET, np.uint16)
        self._table[0x20E3] = _KEYCAP
        self._single: Ids = np.zeros(self._size, bool)
        self._pairs: Ids = np.zeros(self._size**2, bool)
        self._longer: dict[int, Ids] = {}
        for key in keys:
            ids = [self._ids[char] for char in key]
            if len(ids) == 1:
                self._single[ids[0]] = True
                continue
            self._pairs[ids[0] * self._size + ids[1]] = True
            slots = self._longer.setdefault(len(ids), np.zeros(_SLOTS, bool))
            slots[_slot([np.array([one]) for one in ids])] = True

    def suspects(self, texts: Sequence[str]) -> list[int]:
        lengths = np.fromiter(map(len, texts), np.int64, len(texts))
        starts = np.concatenate([[0], np.cumsum(lengths + 1)])
        joined = _BETWEEN.join(texts) + _BETWEEN
        found = [np.zeros(0, np.int64)]
        for first, last in _chunks(starts):
            part = joined[starts[first] : starts[last]]
            places, again = self._places(part)
            met = np.concatenate([places, again]) + starts[first]
            found.append(np.unique(np.searchsorted(starts, met, "right") - 1))
        whole = {int(index) for index in np.concatenate(found)}
        return sorted(index for index in whole)

    def _places(self, text: str) -> tuple[Ids, Ids]:
        """Where words may stand; where characters are that only `find` reads."""
        points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
        ids = self._table[points]
        again = np.zeros(0, np.int64)
        if int(ids.max(initial=0)) >= _KEYCAP:
            self._meet(points[ids == _UNMET])
            ids = self._table[points]
            again = np.flatnonzero(ids >= _SEVERAL - 1)
        if self._zeros:
            again = np.concatenate([again, self._round(points, ids), *map(_all(text), "○◯")])
        kept = np.flatnonzero(ids)
        letters = np.concatenate([ids[kept], np.full(_LONGEST, _OTHER, np.uint16)])
        if len(again):
            letters[letters >= self._size] = _OTHER
        found = [np.flatnonzero(self._single[letters])] if self._single.any() else []
        starts = letters[:-1].astype(np.uint32)
        starts *= self._size
        starts += letters[1:]
        candidates = np.flatnonzero(self._pairs[starts])
        for size, slots in self._longer.items():
            found.append(candidates[slots[_slot([letters[candidates + step] for step in range(size)])]])
        places = kept[np.concatenate(found)] if found else np.zeros(0, np.int64)
        return np.concatenate([places, *map(_all(text), self._symbols)]), again

    def _meet(self, points: Ids) -> None:
        for point in np.unique(points).tolist():
            char = chr(point)
            found = LETTERS[char]
            if len(found) == 1:
                self._table[point] = self._ids.get(found, _OTHER)
            elif found:
                self._table[point] = _SEVERAL if any(one in self._ids for one in found) else _OTHER
            else:
                self._table[point] = _OTHER if ends(char) and char not in BREAKS else _GONE

    def _round(self, points: Ids, ids: Ids) -> Ids:
        """Where the letter O may be a zero: beside a digit, before a point or a percent sign, or before an ideograph."""
        places = np.flatnonzero(ids == self._ids["o"])
        # The last character is what stands between texts.
        before, after, second = points[places - 1], points[places + 1], points[np.minimum(places + 2, len(points) - 1)]
        follows = (
            _digits(after) | np.isin(after, _PERCENT) | (np.isin(after, _POINT) & _digits(second)) | (after >= 0x3400)
        )
        small = before | np.uint32(0x20)
        latin = (small - np.uint32(0x61) < 26) & (small != ord("o"))
        found: Ids = places[_digits(before) | (follows & ~latin)]
        return found


def _keys(word: Pattern) -> Iterator[str]:
    """A word's longest piece that no sentence end interrupts, with one digit of a number; each way to write it."""
    if not word.atoms:
        return
    pieces: list[list[str]] = [[]]
    for atom in word.atoms:
        if any(map(ends, atom.seam)):
            pieces.append([])
        if atom.letters:
            pieces[-1] += atom.letters
        else:
            pieces[-1].append("")
            pieces.append([""])
    best = max((piece[:_LONGEST] for piece in pieces), key=lambda piece: (sum(map(bool, piece)), len(piece)))
    yield from map("".join, product(*((char,) if char else sorted(DIGITS) for char in best)))


def _digits(points: Ids) -> Any:
    return (points - np.uint32(0x30) < 10) | (points - np.uint32(0xFF10) < 10)


def _slot(letters: Sequence[Ids]) -> Ids:
    """Where letters stand in a table of those that words begin with (a multiplicative hash)."""
    mixed = letters[0].astype(np.uint32)
    for one in letters[1:]:
        mixed = mixed * np.uint32(2_654_435_761) + one.astype(np.uint32)
    return mixed >> np.uint32(16)


def _all(text: str) -> Any:
    def places(word: str) -> Ids:
        found, at = [], text.find(word)
        while at >= 0:
            found.append(at)
            at = text.find(word, at + 1)
        return np.array(found, np.int64)

    return places


def _chunks(starts: Ids) -> Iterator[tuple[int, int]]:
    first, last = 0, len(starts) - 1
    while first < last:
        end = int(np.searchsorted(starts, starts[first] + _CHUNK, "right")) - 1
        end = min(max(end, first + 1), last)
        yield first, end
        first = end
