"""What only sounds or looks like a banned word: homophones (妙批), pinyin (dai款, miaopi), characters in two (代贝款).

All of it is a guess, and told as one. Honest text is full of homophones: one is held for a trick only where a letter of the word
stands as it is, and neither what stands there nor what an edge of it makes with its neighbour is a real word (pairs.txt).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import cache, lru_cache

from dsl.lexicon import gaps, normal
from dsl.lexicon.pattern import Span
from dsl.lexicon.reading import Reading
from dsl.lexicon.real import after, before, real
from dsl.lexicon.tables import lines

# Syllables are characters of the private use area: a text becomes one of the same length.
_FIRST = 0xE000
# Latin letters: no banned word takes more, and web addresses do.
_LONGEST = 30
_LATIN = re.compile("[A-Za-zＡ-Ｚａ-ｚ]{2,}")


class Sounded:
    """`spoken`: syllables, other letters as they are."""

    def __init__(self, spoken: str, at: list[Span] | None = None) -> None:
        """at: the span of letters of each; None: they are the letters one by one."""
        self.spoken = spoken
        self._at = at

    def at(self, start: int, end: int) -> list[Span]:
        return [(place, place + 1) for place in range(start, end)] if self._at is None else self._at[start:end]


def sound(letters: str) -> str:
    """Letters with each ideograph as its syllable."""
    return letters.translate(_readings())


def sounded(reading: Reading) -> list[Sounded]:
    """The text as it sounds; where it has Latin letters that are pinyin, once more with these read."""
    letters = reading.letters
    plain = Sounded(sound(letters))
    spoken, at, end = "", [], 0
    for first, last in _runs(reading):
        spoken += plain.spoken[end:first]
        at += plain.at(end, first)
        for size, syllable in _parsed(letters[first:last]):
            spoken += syllable
            at.append((first, first + size))
            first += size
        end = last
    if not end:
        return [plain]
    return [plain, Sounded(spoken + plain.spoken[end:], at + plain.at(end, len(letters)))]


def suspicious(word: str, reading: Reading, one: Sounded, start: int, end: int) -> bool:
    """Whether one.spoken[start:end], which sounds like the word, is a trick. `word`: its letters."""
    spans = one.at(start, end)
    first, last = spans[0][0], spans[-1][1]
    shown = [reading.letters[left:right] for left, right in spans]
    same = [left == right for left, right in zip(shown, word, strict=True)]
    if all(same) or not all(gaps.blank(reading.gap(place)) for place in range(first + 1, last)):
        return False
    if any(part.isascii() for part in shown):
        return _whole(reading, first, last)
    return any(same) and not _honest(reading, first, last, shown, same)


def _whole(reading: Reading, first: int, last: int) -> bool:
    """Whether pinyin is all of the Latin letters that stand together."""
    return not any(
        0 < place < len(reading.letters)
        and not reading.gap(place)
        and reading.letters[place - 1 : place + 1].isalpha()
        and reading.letters[place - 1 : place + 1].isascii()
        for place in (first, last)
    )


def _honest(reading: Reading, first: int, last: int, shown: list[str], same: list[bool]) -> bool:
    """Whether real words are what stands there: within it around a changed letter, or across its edges."""
    inside = (number for number in range(len(shown) - 1) if not (same[number] and same[number + 1]))
    if any(real(shown[number], shown[number + 1]) for number in inside):
        return True
    return before(reading, first) or after(reading, last - 1)


def _runs(reading: Reading) -> Iterator[tuple[int, int]]:
    """Letters of Latin script that were written together and are pinyin, two or more."""
    for found in _LATIN.finditer(reading.text):
        if _parsed(normal.letters(found[0])):
            yield bisect_left(reading.at, found.start()), bisect_left(reading.at, found.end())


@lru_cache(maxsize=4096)
def _parsed(run: str) -> tuple[tuple[int, str], ...]:
    """A run as syllables, the longest first, with the length of each; none where it is not all pinyin."""
    if len(run) > _LONGEST:
        return ()
    for size in range(min(6, len(run)), 0, -1):
        if (syllable := _codes().get(run[:size])) is not None:
            rest = _parsed(run[size:])
            if rest or size == len(run):
                return ((size, syllable), *rest)
    return ()


@cache
def _groups() -> list[tuple[str, str, str]]:
    """Syllables, their codes and their characters."""
    rows = [line.split(" ") for line in lines("syllables.txt")]
    return [(syllable, chr(_FIRST + number), chars) for number, (syllable, chars) in enumerate(rows)]


@cache
def _codes() -> dict[str, str]:
    return {syllable: code for syllable, code, _ in _groups()}


@cache
def _readings() -> dict[int, int]:
    chars = "".join([chars for _, _, chars in _groups()])
    return str.maketrans(chars, "".join([code * len(chars) for _, code, chars in _groups()]))
