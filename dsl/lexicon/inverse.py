"""Which characters are read as a letter: the other way round than normal.py."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from itertools import chain
from unicodedata import normalize

from dsl.lexicon.normal import LETTERS
from dsl.lexicon.numbers import DIGITS, ROUND
from dsl.lexicon.pattern import Pattern
from dsl.lexicon.tables import folded

# Outside of these, a character is read as itself or as a table says; a test reads all of Unicode.
_BLOCKS = (
    range(0x3400),
    range(0xA000, 0xAC00),
    range(0xF900, 0x10000),
    range(0x10000, 0x12000),
    range(0x16000, 0x17000),
    range(0x1C000, 0x20000),
    range(0x2F800, 0x2FA20),
)


def sources(words: Iterable[Pattern]) -> frozenset[str]:
    """Every character that is read as a letter of these words, or is a mark that one of them needs."""
    letters: set[str] = set()
    marks: set[str] = set()
    for word in words:
        letters |= set(word.letters)
        letters |= DIGITS if any(not atom.letters for atom in word.atoms) else set()
        marks |= set(word.marks)
    if marks:
        every = (char for block in _BLOCKS for char in map(chr, block))
        marks |= {char for char in every if not marks.isdisjoint(normalize("NFKC", char)) and not LETTERS[char]}
    own = {char for letter in letters for char in _inverse().get(letter, "")}
    zeros = set(ROUND) if "0" in letters else set[str]()
    return frozenset({letter for letter in letters if letter in LETTERS[letter]} | own | marks | zeros)


@cache
def _inverse() -> dict[str, str]:
    """A letter to the characters, other than itself, that are read as it or hold it."""
    tables = (folded(name) for name in ("radicals.txt", "simplified.txt", "lookalikes.txt"))
    found: dict[str, str] = {}
    for char in dict.fromkeys(
        chain(*tables, (char for block in _BLOCKS for char in map(chr, block) if _changes(char)))
    ):
        for letter in set(LETTERS[char]) - {char}:
            found[letter] = found.get(letter, "") + char
    return found


def _changes(char: str) -> bool:
    return not (char.isascii() and char.islower()) and (
        normalize("NFKD", char) != char
        or char.lower() != char
        or char.casefold() != char
        or char.isnumeric()
        or char > "\U0001f12f"
    )


def character_class(chars: Iterable[str]) -> str:
    """In RE2's and Python's syntax; of no characters, one that matches none."""
    points = sorted(map(ord, chars))
    runs: list[list[int]] = []
    for point in points:
        if runs and point == runs[-1][1] + 1:
            runs[-1][1] = point
        else:
            runs.append([point, point])
    shown = "".join(
        re.escape(chr(first)) if first == last else f"{re.escape(chr(first))}-{re.escape(chr(last))}"
        for first, last in runs
    )
    return f"[{shown}]" if shown else r"[^\x00-\x{10FFFF}]"
