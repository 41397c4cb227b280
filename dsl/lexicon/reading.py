"""A text as its letters, each with its place in what was written."""

from __future__ import annotations

import re
from functools import cached_property
from itertools import pairwise

from dsl.lexicon import gaps
from dsl.lexicon.normal import LETTERS, letters
from dsl.lexicon.numbers import ONE_OR_MORE, ROUND, ZERO

_KEYCAP = re.compile("[0-9#*]\ufe0f?\u20e3")
_ROUND = re.compile(f"[{ROUND}]")
_DIGITS = re.compile(ONE_OR_MORE)


class Reading:
    """`letters` of `text`; `at`: where each of them was written, in code points."""

    def __init__(self, text: str, keycaps: bool = True, zeros: bool = False) -> None:
        """keycaps: whether 1️⃣ is the digit that it shows; else it separates. zeros: whether O is one inside a number."""
        self.text = text
        self._shown = text if keycaps else _KEYCAP.sub(lambda found: "\ufe0f" * len(found[0]), text)
        if zeros:
            self._shown = ZERO.sub(lambda found: "0" * len(found[0]), self._shown)
        self.letters = letters(self._shown)

    @cached_property
    def at(self) -> list[int]:
        return [place for place, char in enumerate(self._shown) for _ in LETTERS[char]]

    @cached_property
    def numbers(self) -> dict[int, tuple[int, int]]:
        """Of each letter that is a digit, where the number that it is part of begins and ends."""
        found: dict[int, tuple[int, int]] = {}
        at = self.at
        for run in _DIGITS.finditer(self.letters):
            first, end = run.span()
            cuts = [
                place
                for place in range(first + 1, end)
                if at[place] > at[place - 1] + 1 and not gaps.numeric(self.gap(place))
            ]
            for start, last in pairwise([first, *cuts, end]):
                found.update(dict.fromkeys(range(start, last), (start, last)))
        return found

    def gap(self, place: int) -> str:
        """What was written between a letter and the one before it; before the first and after the last, up to the edge."""
        start = self.at[place - 1] + 1 if place else 0
        end = self.at[place] if place < len(self.at) else len(self.text)
        return self.text[start:end]


def readings(text: str) -> list[Reading]:
    """A keycap is a digit in a number and an emoji between letters, and O a letter or a zero; nobody knows which before a
    word is found."""
    ways = [Reading(text)]
    if "\u20e3" in text:
        ways.append(Reading(text, keycaps=False))
    if _ROUND.search(text) and ZERO.search(text):  # the first is much faster
        ways.append(Reading(text, zeros=True))
    return ways
