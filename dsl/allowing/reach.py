"""How far a comment's word goes: its own line, or what follows it where it stands alone.

Alone it covers the statement below it, whole, however many lines that takes (a message with its block, a segment over three
lines), and of a declaration with a block the line that opens it: never a whole campaign.
"""

from __future__ import annotations

import re

import grammar
from dsl.parser.cut import CONTINUES, PIECE, Cut
from dsl.parser.parse import HEAD
from dsl.source import Source, Span
from dsl.syntax.tree import Comment

_NEXT = re.compile(r"(?>(?:[\s;]|#[^\n]*)*)")
_WITHOUT_BLOCK = ("SEGMENT", "CALENDAR", "FUNNEL")  # what stands behind their `=` is one statement


def reach(source: Source, comment: Comment, whole: Cut) -> Span:
    """Where the findings begin that a comment speaks of. `source`: with ordinary punctuation, as it was cut."""
    text = source.text
    begin = text.rfind("\n", 0, comment.span.start) + 1
    if text[begin : comment.span.start].strip(" \t;"):
        return Span(begin, _line_end(text, begin))
    start = _after(text, comment.span.end)
    if start == len(text) or text[start] in "})":
        return Span(comment.span.end, comment.span.end)
    piece = next((one for one in whole.pieces if one.start <= start < one.start + len(one.text)), None)
    if piece is None or _after(text, piece.start) != start:
        end = _statement_end(text, start)
    else:
        word = HEAD.match(piece.text)
        one = word is not None and grammar.words().get(word[1]) in _WITHOUT_BLOCK
        end = piece.start + len(piece.text) if one else _opened(text, start, piece.start + len(piece.text))
    return Span(start, max(end, _line_end(text, start)))


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


def _statement_end(text: str, start: int) -> int:
    """The end of the statement that begins there, with what stands in its brackets and on lines that go on with it."""
    depth, line, comment = 0, start, -1
    for piece in PIECE.finditer(text, start):
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
    return len(text)
