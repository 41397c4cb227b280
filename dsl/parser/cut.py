"""A file is cut into declarations before any is parsed, so that a mistake in one leaves the others whole.

One pass of one regular expression: strings and comments are stepped over, brackets are counted. Time is linear.
A line that can only begin a declaration begins one, even where a bracket is open or the statement before is unfinished.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import grammar
from dsl.diagnostics import Diagnostic, Place
from dsl.rules import text
from dsl.source import Source, Span
from dsl.syntax.tree import Comment

MAX_CHARACTERS = 1_000_000
MAX_DEPTH = 50

# What a cut must see: a string as a whole (triple, closed, or open to the line's end), a comment, a bracket, an end.
# Copy's braces balance on the line or belong to the string, so a string is read as the grammar reads it.
PIECE = re.compile(
    r'"""[\s\S]*?"""|"(?>(?:[^"\\\n{]|\\.|\{\{(?>(?:[^}\n]|\}(?!\})){0,1000})\}\}'
    r'|\{%(?>(?:[^%\n]|%(?!\})){0,1000})%\}|\{)*)"|"[^\n]*|#[^\n]*|[{}()\n;]'
)


def _words(*terminals: str) -> str:
    return "(?:" + "|".join(word for terminal in terminals for word in grammar.spellings(terminal)) + r")(?!\w)"


_SAYS_SOMETHING = re.compile(r"(?>(?:[ \t\r\n;]|#[^\n]*)*)[^ \t\r\n;]")
# A line that ends so goes on in the next.
CONTINUES = re.compile(rf"(?:(?<!\w){_words('AND', 'OR', 'NOT')}|[,=<>])\s*$")
_NAMED = rf"[ \t]+(?!{_words('AND', 'OR', 'IN', 'IS')})[^\W\d]\w*[ \t]*"
_TITLED = rf'(?:"[^"\n]*"[ \t]*)?(?:{_words("EXTENDS", "FORMERLY")}[\w, \t]*)?'
# Inside a block `policy rules` is a statement, and in an expression `segment rich` is a test: what follows tells.
_OPENS = rf"{_words('BRAND', 'PRODUCT', 'POLICY', 'CAMPAIGN', 'LIFECYCLE')}{_NAMED}{_TITLED}\{{"
_EQUALS = rf"{_words('SEGMENT', 'CALENDAR', 'FUNNEL', 'MEASURE')}{_NAMED}{_TITLED}="
_TRIAL = rf"{_words('TEST')}[ \t]*\"[^\"\n]*\"[ \t]*\{{"
_SCHEMA = rf"{_words('EVENT')}{_NAMED}\{{|{_words('CUSTOMER')}[ \t]*\{{"
DECLARES = re.compile(rf"[ \t]*(?:{_OPENS}|{_EQUALS}|{_TRIAL}|{_SCHEMA})")
# A test's own lines begin with `customer` and `event`.
_TESTS = re.compile(rf"[ \t]*{_words('TEST')}[ \t]*\"[^\"\n]*\"[ \t]*")
_DECLARES_AFTER_TEST = re.compile(rf"[ \t]*(?:{_OPENS}|{_EQUALS}|{_TRIAL})")


@dataclass(frozen=True)
class Piece:
    """The text of one declaration, and where in its file it starts."""

    text: str
    start: int


@dataclass(frozen=True)
class Cut:
    pieces: tuple[Piece, ...]
    comments: tuple[Comment, ...]


def cut(source: Source) -> tuple[Cut, list[Diagnostic]]:
    """The declarations and comments of a file in order, and what keeps it from being cut (then none of them)."""
    refused = _refuse(source)
    if refused:
        return Cut((), ()), [refused]
    found: list[Piece] = []
    comments: list[Comment] = []
    opened: list[int] = []
    start = line = 0
    comment, joined, testing = -1, False, False
    for piece in PIECE.finditer(source.text):
        mark = piece.group()
        if mark.startswith("#"):
            comment = piece.start()
            comments.append(Comment(mark, Span(piece.start(), piece.end())))
        elif mark in ("{", "("):
            if not opened:
                testing = bool(_TESTS.fullmatch(source.text, line, piece.start()))
            opened.append(piece.start())
            if len(opened) > MAX_DEPTH:
                return Cut((), ()), [text.nested_too_deeply(_at(source, piece.start()), MAX_DEPTH)]
        elif mark in ("}", ")"):
            if opened:
                opened.pop()
        elif mark in ("\n", ";"):
            said = source.text[line : comment if comment >= line else piece.start()]
            line = piece.end()
            if said.strip():
                joined = bool(CONTINUES.search(said))
            declares = _DECLARES_AFTER_TEST if testing else DECLARES
            if (opened or (mark == "\n" and joined)) and not declares.match(source.text, line):
                continue
            opened.clear()
            _keep(source.text, start, piece.start(), found)
            start = piece.end()
    _keep(source.text, start, len(source.text), found)
    return Cut(tuple(found), tuple(comments)), []


def _keep(whole: str, start: int, end: int, found: list[Piece]) -> None:
    piece = whole[start:end].rstrip("\r")
    if _SAYS_SOMETHING.match(piece):
        found.append(Piece(piece, start))


def _refuse(source: Source) -> Diagnostic | None:
    if len(source.text) > MAX_CHARACTERS:
        return text.file_too_long(_at(source, 0), MAX_CHARACTERS)
    nul = source.text.find("\0")
    return text.nul_character(_at(source, nul)) if nul >= 0 else None


def _at(source: Source, offset: int) -> Place:
    return Place(source, Span(offset, offset + 1))
