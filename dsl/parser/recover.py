"""After a mistake: the statement that holds it is left out, so that the rest of its declaration is still read.

What is left out becomes blanks, so that every place stays where it is.
"""

from __future__ import annotations

import re

from dsl.parser.cut import CONTINUES, PIECE

LONGEST = 200_000  # characters of a declaration that is read again
MOST = 20  # mistakes in one declaration; the rest of it is left unread
_WORD = re.compile(r"\w+")


def without(text: str, at: int) -> tuple[str, str] | None:
    """The text without the smallest statement around a place, and what that said; None where no statement holds it.

    A text that is never closed has swallowed whatever stands behind it: then the rest of the line goes.
    """
    span = _line(text, at) if _never_closed(text, at) else around(text, at)
    if span is None or len(text) > LONGEST:
        return None
    start, end = span
    said = text[start:end]
    blank = "".join(char if char == "\n" else " " for char in said)
    return text[:start] + blank + text[end:], said


def _never_closed(text: str, at: int) -> bool:
    found = PIECE.match(text, at)
    return found is not None and found.group()[0] == '"' and (len(found.group()) < 2 or found.group()[-1] != '"')


def _line(text: str, at: int) -> tuple[int, int] | None:
    """From the first statement of the line to its end; None on the line where the declaration begins."""
    start = text.rfind("\n", 0, at) + 1
    end = text.find("\n", at)
    return (start, end if end >= 0 else len(text)) if start > 0 and "{" in text[:start] else None


def words(said: str) -> frozenset[str]:
    """The names that a statement could have declared."""
    return frozenset(_WORD.findall(said))


def unclosed(text: str) -> str:
    """What closes the brackets that are open at the end."""
    closing = {"{": "}", "(": ")"}
    opened: list[str] = []
    for piece in PIECE.finditer(text):
        mark = piece.group()
        if mark in closing:
            opened.append(closing[mark])
        elif mark in ("}", ")") and opened and opened[-1] == mark:
            opened.pop()
    return "".join(reversed(opened))


def said_until(text: str) -> int:
    """Where the last word of the text ends: comments and blanks behind it say nothing."""
    bare = PIECE.sub(lambda piece: " " * len(piece[0]) if piece[0][0] == "#" else piece[0], text)
    return len(bare.rstrip(" \t\r\n;"))


def around(text: str, at: int) -> tuple[int, int] | None:
    """The smallest statement of a block in which a place lies, its end included; one that says something."""
    best: tuple[int, int] | None = None
    opened: list[tuple[str, int]] = []  # the bracket, and where the statement inside it begins

    def ends(upto: int) -> None:
        nonlocal best
        start = opened[-1][1]
        if start <= at <= upto and text[start:upto].strip() and (best is None or upto - start < best[1] - best[0]):
            best = (start, upto)

    for piece in PIECE.finditer(text):
        mark = piece.group()
        if mark in ("{", "("):
            opened.append((mark, piece.end()))
        elif mark in ("}", ")") and opened:
            if opened[-1][0] == "{" and mark == "}":
                ends(piece.start())
            opened.pop()
        elif mark in ("\n", ";") and opened and opened[-1][0] == "{":
            start = opened[-1][1]
            if mark == "\n" and CONTINUES.search(text, max(start, piece.start() - 200), piece.start()):
                continue
            ends(piece.start())
            opened[-1] = ("{", piece.end())
    if opened and opened[-1][0] == "{":
        ends(len(text))
    return best
