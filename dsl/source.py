"""Source text and places in it. Offsets count characters from 0; lines and columns are told from 1."""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True, slots=True)
class Span:
    """The half-open range [start, end) of characters."""

    start: int
    end: int


@dataclass(frozen=True)
class Source:
    path: str
    text: str

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0] + [index + 1 for index, char in enumerate(self.text) if char == "\n"]

    def line_and_column(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self._line_starts, offset)
        return line, offset - self._line_starts[line - 1] + 1

    def line(self, number: int) -> str:
        """Line `number` (from 1) without its line end."""
        start = self._line_starts[number - 1]
        end = self._line_starts[number] if number < len(self._line_starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")


def inside_string(source: Source, literal: Span, start: int, end: int) -> Span:
    """Where characters [start, end) of a string literal's value were written; an escape takes two characters."""
    raw = source.text[literal.start : literal.end]
    if raw.startswith('"""'):
        return Span(literal.start + 3 + start, literal.start + 3 + end)
    offsets, at = [], 1
    while at < len(raw):
        offsets.append(at)
        at += 2 if raw[at] == "\\" else 1
    return Span(literal.start + offsets[start], literal.start + offsets[min(end, len(offsets) - 1)])


def display_width(text: str) -> int:
    """Terminal columns: wide and full-width characters take two, combining and format ones none (UAX #11)."""
    width = 0
    for char in text:
        if unicodedata.category(char) in ("Mn", "Me", "Cf"):
            continue
        width += 2 if unicodedata.east_asian_width(char) in "WF" else 1
    return width
