"""Finding banned words in a text, plainly: this is what a lexicon means, and vector.py only says sooner where nothing is."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache, cached_property
from typing import TYPE_CHECKING

from dsl.lexicon.excuses import Excuses, Phrases
from dsl.lexicon.hits import Hit, How
from dsl.lexicon.index import Index
from dsl.lexicon.numbers import DIGITS
from dsl.lexicon.pattern import Pattern
from dsl.lexicon.reading import Reading, readings
from dsl.terms import Ban

if TYPE_CHECKING:
    from dsl.lexicon.guesses import Guesses
    from dsl.lexicon.vector import Sieve


class Lexicon:
    """The bans of a policy, made ready once for many texts."""

    def __init__(self, bans: Sequence[Ban]) -> None:
        self.bans = tuple(bans)
        self.words = [(number, Pattern(word)) for number, ban in enumerate(bans) for word in ban.words if word]
        self.phrases = [Phrases(ban) for ban in bans]
        self._symbols = [number for number, (_, word) in enumerate(self.words) if not word.atoms]
        self._index = Index(_starts(self.words))

    def find(self, text: str) -> list[Hit]:
        """Every hit, by place; those of one word of one ban do not overlap."""
        found: list[Hit] = []
        taken: dict[tuple[int, str], list[tuple[int, int]]] = defaultdict(list)
        for reading in readings(text):
            for hit in (*self._in(reading), *self._guesses.find(reading)):
                if _free(taken[hit.ban, hit.word], hit.start, hit.end):
                    found.append(hit)
        return sorted(found, key=lambda hit: (hit.start, hit.end, hit.ban, hit.word))

    def completed(self, before: str, after: str) -> list[Hit]:
        """Words that begin in the text before a variable's place and end in the text after it, whatever stands between.

        `start` is a place in `before`, `end` one in `after`. A `{number}` of a word may be what the variable shows.
        """
        whole = {
            (hit.ban, hit.word, hit.start, hit.end - len(before) - len(value))
            for value in ("", "1")
            for hit in self.find(before + value + after)
            if hit.start < len(before) and hit.end > len(before) + len(value)
        }
        return [
            Hit(ban, word, start, end, "disguised") for ban, word, start, end in sorted(whole, key=lambda one: one[2:])
        ]

    def suspects(self, texts: Sequence[str]) -> list[int]:
        """Numbers of the texts in which `find` may see what is written or disguised: all of these, and few others."""
        return self._sieve.suspects(texts)

    @cached_property
    def _guesses(self) -> Guesses:
        from dsl.lexicon.guesses import Guesses

        return Guesses(self.words, self.phrases)

    @cached_property
    def _sieve(self) -> Sieve:
        from dsl.lexicon.vector import Sieve  # numpy: not for `camp check`

        return Sieve([word for _, word in self.words])

    def touched(self) -> str:
        """A character class, as RE2 reads it, of all that some word has, however disguised; an empty lexicon's matches nothing.

        A value without any of them adds nothing to a word that the text around it does not hold already.
        """
        from dsl.lexicon.inverse import character_class, sources

        return character_class(sources(word for _, word in self.words))

    def _in(self, reading: Reading) -> Iterator[Hit]:
        excuses = Excuses(self.phrases, reading)
        ends: dict[int, int] = {}
        for place, number in self._index.find(reading.letters):
            ban, word = self.words[number]
            start = word.start(reading, place)
            if start < ends.get(number, 0):
                continue
            end = word.at(reading, start)
            if not end:
                continue
            ends[number] = end
            if not excuses.excuse(ban, start, end):
                first, last = word.place(reading, start, end)
                how: How = "written" if word.written(reading.text[first:last]) else "disguised"
                yield Hit(ban, word.word, first, last, how)
        yield from self._marks(reading, excuses)

    def _marks(self, reading: Reading, excuses: Excuses) -> Iterator[Hit]:
        """Words without letters stand where they are written, and phrases allow them where these are."""
        text = reading.text
        for number in self._symbols:
            ban, word = self.words[number]
            allowed = [(at, at + len(phrase)) for phrase in self.bans[ban].allowed for at in _places(text, phrase)]
            for start in _places(text, word.word):
                end = start + len(word.word)
                if not excuses.lifted(ban) and not any(left <= start and end <= right for left, right in allowed):
                    yield Hit(ban, word.word, start, end, "written")


@cache
def lexicon(bans: tuple[Ban, ...]) -> Lexicon:
    """The lexicon of some bans, made once: check, interpreter and runs ask the same ones again and again."""
    return Lexicon(bans)


def _starts(words: list[tuple[int, Pattern]]) -> Iterator[tuple[str, int]]:
    for number, (_, word) in enumerate(words):
        if word.atoms:
            yield from ((start, number) for start in ((word.key[:2],) if word.key else DIGITS))


def _free(taken: list[tuple[int, int]], start: int, end: int) -> bool:
    """Whether nothing of what is taken, which is in order, overlaps; then this is taken too."""
    place = bisect_left(taken, (start, end))
    if (place and taken[place - 1][1] > start) or (place < len(taken) and taken[place][0] < end):
        return False
    taken.insert(place, (start, end))
    return True


def _places(text: str, word: str) -> Iterator[int]:
    at = text.find(word)
    while at >= 0:
        yield at
        at = text.find(word, at + len(word))
