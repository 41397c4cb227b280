"""Whether two characters are a word: what honest text is told from tricks by."""

from __future__ import annotations

from functools import cache

from dsl.lexicon.reading import Reading
from dsl.lexicon.tables import lines


def real(left: str, right: str) -> bool:
    return bool(left and right) and right in _pairs().get(left, "")


def before(reading: Reading, place: int) -> bool:
    """Whether a letter makes a real word with the one right before it."""
    return place > 0 and not reading.gap(place) and real(reading.letters[place - 1], reading.letters[place])


def after(reading: Reading, place: int) -> bool:
    """The same with the one right after it."""
    return place + 1 < len(reading.letters) and before(reading, place + 1)


@cache
def _pairs() -> dict[str, str]:
    return {line[0]: line[2:] for line in lines("pairs.txt")}
