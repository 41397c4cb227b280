"""How far a comment's word goes: its own line, or what follows it where it stands alone.

Alone it covers the statement below it, whole, however many lines that takes (a message with its block, a segment over three
lines), and of a declaration with a block the line that opens it: never a whole campaign.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence

import grammar
from dsl.parser.cut import CONTINUES, PIECE, Cut
from dsl.parser.parse import HEAD
from dsl.source import Span
from dsl.syntax.tree import Comment

_NEXT = re.compile(r"(?>(?:[\s;]|#[^\n]*)*)")
_WITHOUT_BLOCK = ("SEGMENT", "CALENDAR", "FUNNEL", "MEASURE")  # what stands behind their `=` is one statement


class Reach:
    """How far each comment of a file goes. `text`: with ordinary punctuation, as it was cut.

    Time is linear, whatever the file: no stretch of it is read once for each of many comments.
    """

    def __init__(self, text: str, whole: Cut) -> None:
        self.text, self.pieces = text, whole.pieces
        self.starts = [piece.start for piece in whole.pieces]
        self.next = _followed(text, whole.comments)
        self.ends: dict[int, int] = {}

    def of(self, comment: Comment) -> Span:
        """Where the findings begin that the comment speaks of."""
        text = self.text
        begin = text.rfind("\n", 0, comment.span.start) + 1
        if text[begin : comment.span.start].strip(" \t;"):
            return Span(begin, _line_end(text, begin))
        start = self.next[comment.span.start]
        if start == len(text) or text[start] in "})":
            return Span(comment.span.end, comment.span.end)
        if start not in self.ends:
            self.ends[start] = max(self._end(start), _line_end(text, start))
        return Span(start, self.ends[start])

    def _end(self, start: int) -> int:
        at = bisect_right(self.starts, start) - 1
        piece = self.pieces[at]
        end = piece.start + len(piece.text)
        if _after(self.text, piece.start) != start:
            return _statement_end(self.text, start, end)
        word = HEAD.match(piece.text)
        whole = word is not None and grammar.words().get(word[1]) in _WITHOUT_BLOCK
        return end if whole else _opened(self.text, start, end)


def _followed(text: str, comments: Sequence[Comment]) -> dict[int, int]:
    """Where something is said behind each comment, by its start; of comments below each other the last one knows."""
    found: dict[int, int] = {}
    later = len(text), len(text)
    for comment in reversed(comments):
        begin, said = later
        between = text[comment.span.end : begin]
        blank = not between.strip("; \t\r\n\f\v")
        here = said if blank else _after(text, comment.span.end)
        found[comment.span.start] = here
        later = comment.span.start, here
    return found


def _after(text: str, at: int) -> int:
    """Where something is said next."""
    found = _NEXT.match(text, at)
    assert found is not None
    return found.end()


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _opened(text: str, start: int, end: int) -> int:
    """The end of the line on which a declaration opens its block; its own end where it opens none."""
    opens = next((piece.start() for piece in PIECE.finditer(text, start, end) if piece[0] == "{"), None)
    return end if opens is None else _line_end(text, opens)


def _statement_end(text: str, start: int, last: int) -> int:
    """The end of the statement that begins there, with what stands in its brackets and on lines that go on with it."""
    depth, line, comment = 0, start, -1
    for piece in PIECE.finditer(text, start, last):
        mark = piece[0]
        if mark.startswith("#"):
            comment = piece.start()
        elif mark in ("{", "("):
            depth += 1
        elif mark in ("}", ")"):
            depth -= 1
            if depth < 0:
                return piece.start()
        elif mark in ("\n", ";"):
            said = text[line : comment if comment >= line else piece.start()]
            line = piece.end()
            if depth == 0 and not (mark == "\n" and CONTINUES.search(said)):
                return piece.start()
    return last
