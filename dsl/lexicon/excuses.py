"""Why a banned word may stand: an allowed phrase around it, a phrase elsewhere that lifts the ban, a clause that denies it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate

from dsl.lexicon.pattern import Pattern, Span
from dsl.lexicon.reading import Reading
from dsl.terms import Ban


class Phrases:
    """What one ban allows, made ready."""

    def __init__(self, ban: Ban) -> None:
        self.allowed = [Pattern(phrase) for phrase in ban.allowed if phrase]
        self.unless = [Pattern(phrase) for phrase in ban.unless if phrase]


class Excuses:
    """Those of one text, each looked for when a ban first needs it."""

    def __init__(self, phrases: Sequence[Phrases], reading: Reading) -> None:
        self._phrases = phrases
        self._reading = reading
        self._spans: dict[int, Enclosing | None] = {}

    def lifted(self, ban: int) -> bool:
        """Whether a phrase anywhere in the text lifts the ban."""
        return self._of(ban) is None

    def excuse(self, ban: int, start: int, end: int, guessed: bool = False) -> bool:
        """Whether the hit on these letters is fine. What is only guessed is fine by its own letters too: 低吸 is not 低息."""
        spans = self._of(ban)
        if spans is None or spans.holds(start, end, guessed):
            return True
        from dsl.lexicon.negation import negated  # its table takes longer to read than most texts, which hold no hit

        return negated(self._reading.text, self._reading.at[start], self._reading.at[end - 1] + 1)

    def _of(self, ban: int) -> Enclosing | None:
        if ban not in self._spans:
            self._spans[ban] = self._allowed(self._phrases[ban])
        return self._spans[ban]

    def _allowed(self, phrases: Phrases) -> Enclosing | None:
        """None: the ban is lifted."""
        if any(True for phrase in phrases.unless for _ in phrase.all(self._reading)):
            return None
        return Enclosing(span for phrase in phrases.allowed for span in phrase.all(self._reading))


class Enclosing:
    """Allowed phrases of one ban in one text: as many as there are hits, so none may ask each."""

    def __init__(self, spans: Iterable[Span]) -> None:
        ordered = sorted(spans)
        self._starts = [start for start, _ in ordered]
        self._furthest = list(accumulate((end for _, end in ordered), max))

    def holds(self, start: int, end: int, guessed: bool) -> bool:
        """Whether one holds a hit and is more than it; a word itself is never allowed by its ban."""
        reach = self._reach(bisect_right(self._starts, start))
        return reach > end or (reach == end and (guessed or self._reach(bisect_left(self._starts, start)) == end))

    def _reach(self, many: int) -> int:
        """Where the furthest of the first so many ends."""
        return self._furthest[many - 1] if many else 0
