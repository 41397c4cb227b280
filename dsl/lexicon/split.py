"""Characters written in two (禾少 for 秒), put together again."""

from __future__ import annotations

import re
from functools import cache

from dsl.lexicon.normal import letters
from dsl.lexicon.reading import Reading
from dsl.lexicon.tables import lines


def whole(reading: Reading) -> tuple[str, list[tuple[int, int]]] | None:
    """A text's letters with what is in two as one, and the span of letters of each; None where nothing is."""
    pattern, table = _table()
    if not pattern.search(reading.letters):
        return None
    text, joined, at, end = reading.letters, "", [], 0
    for found in pattern.finditer(text):
        joined += text[end : found.start()] + table[found[0]]
        at += [(place, place + 1) for place in range(end, found.start())] + [found.span()]
        end = found.end()
    return joined + text[end:], at + [(place, place + 1) for place in range(end, len(text))]


@cache
def _table() -> tuple[re.Pattern[str], dict[str, str]]:
    ways = {letters(way): char for char, *others in (line.split(" ") for line in lines("splits.txt")) for way in others}
    return re.compile("|".join(map(re.escape, sorted(ways, key=len, reverse=True)))), ways
