"""Characters written in two (禾少 for 秒), put together again."""

from __future__ import annotations

from functools import cache

from dsl.lexicon.index import Index
from dsl.lexicon.normal import letters
from dsl.lexicon.pattern import Span
from dsl.lexicon.reading import Reading
from dsl.lexicon.tables import lines


def whole(reading: Reading) -> tuple[str, list[Span]] | None:
    """A text's letters with what is in two as one, and the span of letters of each; None where nothing is."""
    text = reading.letters
    joined, at, end = "", [], 0
    ways, index = _table()
    for place, number in index.find(text):
        way, char = ways[number]
        if place >= end and text.startswith(way, place):
            joined += text[end:place] + char
            at += [(one, one + 1) for one in range(end, place)] + [(place, place + len(way))]
            end = place + len(way)
    return (joined + text[end:], at + [(one, one + 1) for one in range(end, len(text))]) if end else None


@cache
def _table() -> tuple[list[tuple[str, str]], Index]:
    rows = (line.split(" ") for line in lines("splits.txt"))
    ways = sorted(((letters(way), char) for char, *others in rows for way in others), key=lambda one: -len(one[0]))
    return ways, Index((way[:2], number) for number, (way, _) in enumerate(ways))
