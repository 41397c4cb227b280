"""By what a finding is known again after the files around it have changed (SARIF 2.1.0 §3.27.17, partialFingerprints).

An *identity* is a digest of the rule's code, the declaration, the text that is marked and the names that the message quotes; a
*fingerprint* is an identity and a number, since the same may be found twice in a declaration. Neither lines nor paths are in it:
a file that grows, is moved or cut in two keeps its findings, and a project's names are unique whatever file declares them. Only
what is marked is in it, not the whole line: a word changed elsewhere on it is no new mistake. Of a statement with a block (a
message) it is what stands before the block.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import grammar
from dsl.diagnostics import Diagnostic
from dsl.parser.cut import PIECE, cut
from dsl.parser.fullwidth import narrowed
from dsl.parser.parse import HEAD
from dsl.source import Source

VERSION = "camp/v1"
_QUOTED = re.compile(r'`[^`]*`|"[^"]*"')


@dataclass(frozen=True)
class Known:
    """`declaration`: `campaign fast_lane`, in English keywords; empty outside of all. `number`: among equals, from 1."""

    finding: Diagnostic
    declaration: str
    identity: str
    number: int

    @property
    def fingerprint(self) -> str:
        return f"{self.identity}:{self.number}"


def known(found: Iterable[Diagnostic]) -> list[Known]:
    """The findings with their fingerprints, in the same order. `found`: of a whole project, or the numbers are others."""
    declarations = _Declarations()
    seen: Counter[str] = Counter()
    told = []
    for one in found:
        declaration = declarations.around(one)
        identity = _identity(one, declaration)
        seen[identity] += 1
        told.append(Known(one, declaration, identity, seen[identity]))
    return told


def _identity(one: Diagnostic, declaration: str) -> str:
    parts = [one.code, declaration, " ".join(_head(one).split()), *_QUOTED.findall(one.message)]
    return hashlib.sha256("\0".join(parts).encode(errors="surrogatepass")).hexdigest()[:32]


def _head(one: Diagnostic) -> str:
    """What is marked, up to its block, a comment or the line's end."""
    text, start, end = one.source.text, one.span.start, one.span.end
    stops = (piece.start() for piece in PIECE.finditer(text, start, end) if piece[0][0] in "{#\n")
    return text[start : next(stops, end)] or text[start:end]


class _Declarations:
    """Which declaration a place lies in: of the files with findings only, which need not have been parsed again."""

    def __init__(self) -> None:
        self._of: dict[str, list[tuple[int, int, str]]] = {}

    def around(self, one: Diagnostic) -> str:
        path = one.source.path
        if path not in self._of:
            self._of[path] = list(_heads(one.source)) if path.endswith(".camp") else []
        return next((name for begin, end, name in self._of[path] if begin <= one.span.start < end), "")


def _heads(source: Source) -> Iterator[tuple[int, int, str]]:
    for piece in cut(narrowed(source)[0])[0].pieces:
        found = HEAD.match(piece.text)
        word, name = found.groups() if found else ("", "")
        terminal = grammar.words().get(word)
        shown = f"{grammar.spellings(terminal)[0]} {name}".rstrip() if terminal else ""
        yield piece.start, piece.start + len(piece.text), shown
