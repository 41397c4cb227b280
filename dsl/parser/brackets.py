"""Brackets that were not opened or not closed, told by how lines begin: people indent what they mean.

What is lacking is put in the place of a line's end, so that no other place in the file moves. Without this the file would be cut
in the wrong places, and one slip would be told five times.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace

import grammar
from dsl.diagnostics import Diagnostic, Fix, Place, Related
from dsl.parser.cut import CONTINUES, DECLARES, PIECE
from dsl.rules import text
from dsl.source import Source, Span


def _words(*terminals: str) -> str:
    return "(?:" + "|".join(word for terminal in terminals for word in grammar.spellings(terminal)) + ")"


_TITLE = r'(?:[ \t]*"[^"\n]*")?'
# Lines that can only begin a block, and do not: `audience` alone, `message sms` alone, `campaign x "X"` before an indented line.
_INNER = rf"[ \t]+(?:{_words('AUDIENCE', 'ARMS', 'CARD', 'ANY', 'NONE', 'ALL')}|{_words('MESSAGE', 'CONFIRM')}[ \t]+[^\W\d]\w*)"
_NAMED = rf"{_words('BRAND', 'PRODUCT', 'POLICY', 'CAMPAIGN', 'LIFECYCLE')}[ \t]+[^\W\d]\w*"
_OUTER = rf"(?:{_NAMED}{_TITLE}|{_words('TEST')}{_TITLE}|{_words('CUSTOMER')})"
_UNOPENED = re.compile(rf"^({_INNER}|{_OUTER})(?=[ \t]*(?:\r?\n|#))", re.MULTILINE)


def mended(source: Source) -> tuple[Source, list[Diagnostic]]:
    """The file with what is lacking, and a finding for each."""
    opened, told = _opened(source)
    closed, more = _closed(opened)
    return closed, [*told, *more]


def _opened(source: Source) -> tuple[Source, list[Diagnostic]]:
    lines = list(_UNOPENED.finditer(source.text))
    if not lines:
        return source, []
    depths = _depths(source.text, [line.start(1) for line in lines])
    text, told = source.text, []
    for line in lines:
        start, end = line.span(1)
        start += len(line[1]) - len(line[1].lstrip())
        following = source.text[line.end() :].lstrip(" \t\r\n")
        depth = depths[line.start(1)]
        fits = depth == 0 if line[1][0] not in " \t" else depth > 0
        deeper = _indent(source.text, source.text.find("\n", end) + 1) > _indent(source.text, line.start())
        if not fits or following[:1] in ("{", "") or not deeper or end >= len(text):
            continue
        text = text[:end] + "{" + text[end + 1 :]
        word = line[1].split()[0]
        told.append(_finding(source, Span(start, end), f"The block of `{word}` is not opened", "{", end))
    return Source(source.path, text), told


def _depths(text: str, places: list[int]) -> dict[int, int]:
    """How many braces are open at each place; -1 inside a text."""
    found: dict[int, int] = {}
    waiting, depth = list(reversed(places)), 0
    for piece in PIECE.finditer(text):
        while waiting and waiting[-1] <= piece.start():
            found[waiting.pop()] = depth
        while waiting and waiting[-1] < piece.end():
            found[waiting.pop()] = -1
        depth += {"{": 1, "}": -1}.get(piece.group(), 0)
    return {**dict.fromkeys(waiting, depth), **found}


@dataclass(frozen=True)
class _Block:
    """`indent`: of the line that opens it; `word`: with which that line begins."""

    bracket: str
    at: int
    indent: int
    word: str


def _closed(source: Source) -> tuple[Source, list[Diagnostic]]:
    """Brackets that a line, or another bracket, shows to be over: no line of a block stands as far left as its first."""
    text = source.text
    braces, rounds = (text.count(left) != text.count(right) for left, right in ("{}", "()"))
    if braces or rounds:  # not only in texts and comments?
        marks = Counter(piece.group() for piece in PIECE.finditer(text))
        braces, rounds = (marks[left] != marks[right] for left, right in ("{}", "()"))
    if not braces and not rounds:
        return source, []
    out, told = text, []
    opened: list[_Block] = []
    line = 0

    def close(at: int, instead: str) -> None:
        nonlocal out
        block = opened.pop()
        out = out[:at] + instead + out[at + len(instead) :]
        end = max(len(text[:at].rstrip()), 1)
        what = f"The block of `{block.word}`" if block.bracket == "{" else "A `(`"
        opener = Related("it was opened here", Place(source, Span(block.at, block.at + 1)))
        found = _finding(source, Span(end - 1, end), f"{what} is never closed", instead[0], end)
        told.append(replace(found, related=(opener,)))

    for piece in PIECE.finditer(text):
        mark, at = piece.group(), piece.start()
        if mark in ("{", "("):
            head = text[line:at].split()
            opened.append(_Block(mark, at, _indent(text, line), head[0] if head else ""))
        elif mark == ")":
            if opened and opened[-1].bracket == "(":
                opened.pop()
        elif mark == "}":
            if rounds and opened and opened[-1].bracket == "(" and text[at - 1] == " ":
                close(at - 1, ")")
            first = not text[line:at].strip()
            while braces and first and len(opened) > 1 and opened[-1].indent > at - line and opened[-1].at < line:
                close(line - 1, "}")
            if opened:
                opened.pop()
        elif mark == "\n" and not CONTINUES.search(text, max(line, at - 200), at):
            if DECLARES.match(text, piece.end()):
                opened.clear()  # whatever is open ends here, and is told when its declaration is read
            line, following = piece.end(), text[piece.end() : piece.end() + 200].lstrip(" \t")[:1]
            blank = text[line : line + 1] in (" ", "\t")
            if rounds and blank and opened and opened[-1].bracket == "(" and text.rfind("\n", 0, at) < opened[-1].at:
                close(at, ");")
            says = following not in ("}", "#", "\n", "\r", "")
            while braces and says and blank and len(opened) > 1 and _indent(text, line) <= opened[-1].indent:
                close(at, "};")
                break
        elif mark == "\n":
            line = piece.end()
    return Source(source.path, out), told


def _indent(text: str, line_start: int) -> int:
    line = text[line_start : line_start + 200]
    return len(line) - len(line.lstrip(" \t"))


def _finding(source: Source, span: Span, message: str, bracket: str, at: int) -> Diagnostic:
    help = f"{'Open' if bracket == '{' else 'Close'} it with `{bracket}`."
    return text.cannot_be_parsed(Place(source, span), message, help, Fix(Span(at, at), f" {bracket}"))
