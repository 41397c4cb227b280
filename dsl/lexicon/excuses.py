"""Why a banned word may stand: an allowed phrase around it, a phrase elsewhere that lifts the ban, a clause that denies it."""

from __future__ import annotations

from collections.abc import Sequence

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
        self._spans: dict[int, list[Span] | None] = {}

    def lifted(self, ban: int) -> bool:
        """Whether a phrase anywhere in the text lifts the ban."""
        return self._of(ban) is None

    def excuse(self, ban: int, start: int, end: int, guessed: bool = False) -> bool:
        """Whether the hit on these letters is fine. What is only guessed is fine by its own letters too: 低吸 is not 低息."""
        spans = self._of(ban)
        if spans is None or any(_encloses(span, start, end, guessed) for span in spans):
            return True
        from dsl.lexicon.negation import negated  # its table takes longer to read than most texts, which hold no hit

        return negated(self._reading.text, self._reading.at[start], self._reading.at[end - 1] + 1)

    def _of(self, ban: int) -> list[Span] | None:
        if ban not in self._spans:
            self._spans[ban] = self._allowed(self._phrases[ban])
        return self._spans[ban]

    def _allowed(self, phrases: Phrases) -> list[Span] | None:
        """None: the ban is lifted."""
        if any(True for phrase in phrases.unless for _ in phrase.all(self._reading)):
            return None
        return [span for phrase in phrases.allowed for span in phrase.all(self._reading)]


def _encloses(span: Span, start: int, end: int, guessed: bool) -> bool:
    """Whether an allowed phrase holds a hit and is more than it; a word itself is never allowed by its ban."""
    return span[0] <= start and end <= span[1] and (guessed or span[1] - span[0] > end - start)
