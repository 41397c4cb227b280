"""Finding banned words in a text: the longest allowed phrase around a word excuses it."""

from __future__ import annotations

from collections.abc import Iterator

from dsl.terms import Ban


def banned(text: str, ban: Ban) -> Iterator[tuple[int, int, str]]:
    """Places [start, end) of each of the ban's words that no allowed phrase encloses, with the word."""
    excused = [span for phrase in ban.allowed for span in _occurrences(text, phrase)]
    for word in ban.words:
        for start, end in _occurrences(text, word):
            if not any(left <= start and end <= right for left, right in excused):
                yield start, end, word


def _occurrences(text: str, phrase: str) -> Iterator[tuple[int, int]]:
    at = text.find(phrase)
    while at >= 0:
        yield at, at + len(phrase)
        at = text.find(phrase, at + 1)
