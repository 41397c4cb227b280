"""Text → syntax tree, declaration by declaration; what cannot be read is told, statement by statement, and left out."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

from lark import Lark
from lark.exceptions import UnexpectedInput

import grammar
from dsl.diagnostics import Diagnostic
from dsl.parser import recover
from dsl.parser.brackets import mended
from dsl.parser.build import build
from dsl.parser.build_expr import Branch
from dsl.parser.cache import kept
from dsl.parser.cut import Piece, cut
from dsl.parser.explain import explain
from dsl.parser.fullwidth import narrowed
from dsl.parser.literals import check_literals
from dsl.source import Source
from dsl.syntax.tree import Declaration, File

# What a declaration introduces: its first two words, as far as they can be made out.
_HEAD = re.compile(r"(?:\s|;|#[^\n]*)*+(\w*)[ \t]*(\w*)")


@cache
def parser() -> Lark:
    return kept(grammar.source())


def parse(source: Source) -> tuple[File, list[Diagnostic]]:
    """Every declaration that can be read, without its statements that cannot; the names of what cannot stand in `unread`."""
    narrow, found = narrowed(source)
    narrow, unbalanced = mended(narrow)
    pieces, refused = cut(narrow)
    found += [*unbalanced, *refused]
    declarations: list[Declaration] = []
    unread: set[str] = set()
    broken = bool(unbalanced)
    for piece in pieces.pieces:
        tree, problems, lost = _read(piece, narrow)
        # What stands indented behind a mistake is a part of it that was cut off: one slip is told once.
        orphan = broken and piece.text.lstrip("\r\n")[:1] in (" ", "\t", "}")
        broken = bool(problems)
        found += [] if orphan else [replace(one, source=source) for one in problems]
        unread |= lost
        if tree is None:
            word, name = _HEAD.match(piece.text).groups()  # type: ignore[union-attr]
            unread |= {grammar.words().get(word, word), name}
        else:
            declaration = build(tree, piece.start)
            declarations.append(replace(declaration, broken=True) if problems else declaration)
    found = [one for one in found if not _told_already(one, found)]
    return File(source, tuple(declarations), pieces.comments, frozenset(unread)), found


def _told_already(one: Diagnostic, found: list[Diagnostic]) -> bool:
    """A round bracket that was closed for the reader where it stopped anyway: the mistake between the two is the same."""
    if not one.message.startswith("A `(`"):
        return False
    opener = one.related[0].place.span.start
    return any(other is not one and opener <= other.span.start <= one.span.end for other in found)


def _read(piece: Piece, source: Source) -> tuple[Branch | None, list[Diagnostic], frozenset[str]]:
    """The tree of a declaration without what cannot be read, what is wrong with it, and the words that are lost with it."""
    found: list[Diagnostic] = []
    lost: frozenset[str] = frozenset()
    text = piece.text
    for _ in range(recover.MOST):
        try:
            tree = parser().parse(text)
        except UnexpectedInput as error:
            problem, at = explain(error, Piece(text, piece.start), source)
            closing = recover.unclosed(text) if at >= recover.said_until(piece.text) else ""
            if found and found[-1].span == problem.span:  # nothing was gained by leaving something out
                return None, found, lost
            found.append(problem)
            if closing and len(text) == len(piece.text):
                text += "\n" + closing
                continue
        else:
            wrong = check_literals(tree, piece.start, source)
            if not wrong:
                return tree, found, lost
            found.append(wrong[0])
            at = wrong[0].span.start - piece.start
        left = recover.without(text, at)
        if left is None:
            return None, found, lost
        text, said = left
        lost |= recover.words(said)
    return None, found, lost
