"""Hits that are guesses: what sounds like a word of the lexicon, or shows a character of it in two."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dsl.lexicon import gaps, sounds, split
from dsl.lexicon.excuses import Excuses, Phrases
from dsl.lexicon.hits import Hit
from dsl.lexicon.index import Index
from dsl.lexicon.normal import alphabetic
from dsl.lexicon.pattern import Pattern
from dsl.lexicon.reading import Reading


class Guesses:
    """Of words that are ideographs only, in texts that have some: `{number}` and Latin letters have too many likes."""

    def __init__(self, words: Sequence[tuple[int, Pattern]], phrases: Sequence[Phrases]) -> None:
        self._phrases = phrases
        self._words = [
            (ban, word, sounds.sound(word.letters))
            for ban, word in words
            if len(word.atoms) == 1
            and not word.marks
            and len(word.letters) > 1
            and not any(map(alphabetic, word.letters))
        ]
        self._spoken = Index((spoken[:2], number) for number, (_, _, spoken) in enumerate(self._words))
        self._shown = Index((word.letters[:2], number) for number, (_, word, _) in enumerate(self._words))

    def find(self, reading: Reading) -> Iterator[Hit]:
        """In no order; those of one word may overlap hits that are certain."""
        if not self._words or reading.letters.isascii():
            return
        excuses = Excuses(self._phrases, reading)
        for number, first, last in (*self._split(reading), *self._sounding(reading)):
            ban, word, _ = self._words[number]
            if not excuses.excuse(ban, first, last, guessed=True):
                yield Hit(ban, word.word, reading.at[first], reading.at[last - 1] + 1, "sounds")

    def _sounding(self, reading: Reading) -> Iterator[tuple[int, int, int]]:
        for one in sounds.sounded(reading):
            for place, number in self._spoken.find(one.spoken):
                _, word, spoken = self._words[number]
                end = place + len(spoken)
                if one.spoken.startswith(spoken, place) and sounds.suspicious(word.letters, reading, one, place, end):
                    spans = one.at(place, end)
                    yield number, spans[0][0], spans[-1][1]

    def _split(self, reading: Reading) -> Iterator[tuple[int, int, int]]:
        if (whole := split.whole(reading)) is None:
            return
        letters, at = whole
        for place, number in self._shown.find(letters):
            word = self._words[number][1].letters
            spans = at[place : place + len(word)]
            if letters.startswith(word, place) and any(last - first > 1 for first, last in spans):
                first, last = spans[0][0], spans[-1][1]
                if all(gaps.blank(reading.gap(inner)) for inner in range(first + 1, last)):
                    yield number, first, last
