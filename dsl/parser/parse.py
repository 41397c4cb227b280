"""Text → syntax tree, declaration by declaration; what cannot be read is told, statement by statement, and left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from lark import Lark
from lark.exceptions import UnexpectedInput

import grammar
from dsl.diagnostics import Diagnostic
from dsl.parser.build import build
from dsl.parser.build_expr import Branch
from dsl.parser.cache import kept
from dsl.parser.cut import Piece, cut
from dsl.parser.fullwidth import narrowed
from dsl.parser.literals import check_literals
from dsl.rules.text import CANNOT_BE_PARSED
from dsl.source import Source
from dsl.syntax.tree import Declaration, File

# What a declaration introduces: its first two words, as far as they can be made out.
_NEXT = re.compile(r"[ \t;{}]*")
HEAD = re.compile(r"(?>(?:\s|;|#[^\n]*)*)(\w*)[ \t]*(\w*)")


@cache
def parser() -> Lark:
    return kept(grammar.source())


def parse(source: Source) -> tuple[File, list[Diagnostic]]:
    """Every declaration that can be read, without its statements that cannot; the names of what cannot stand in `unread`."""
    narrow, found = narrowed(source)
    file, problems = _file(source, narrow, [])
    if problems:
        # Only what cannot be read as it is needs the help of how its lines begin.
        from dsl.parser.brackets import mended  # what mistakes need is loaded where there are some

        whole, unbalanced = mended(narrow)
        if unbalanced:
            file, problems = _file(source, whole, unbalanced)
    return file, [*found, *problems]


def _file(source: Source, narrow: Source, unbalanced: list[Diagnostic]) -> tuple[File, list[Diagnostic]]:
    """`narrow`: the text to read; its places are those of `source`."""
    pieces, refused = cut(narrow)
    found = [*unbalanced, *refused]
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
            word, name = HEAD.match(piece.text).groups()  # type: ignore[union-attr]
            unread |= {grammar.words().get(word, word), name}
        else:
            declaration = build(tree, piece.start, len(piece.text))
            declarations.append(replace(declaration, broken=True) if problems else declaration)
    found = list(_once(sorted(found, key=lambda one: (one.span.start, one.span.end)), narrow.text))
    return File(source, tuple(declarations), pieces.comments, frozenset(unread)), found


def _once(found: list[Diagnostic], text: str) -> Iterator[Diagnostic]:
    """One slip is told once. `found`: in the order of places.

    The word right behind one that cannot stand where it does is a part of the same mistake (two words swapped); a round bracket
    that was closed for the reader is told only where nothing else is wrong between the two.
    """
    last: Diagnostic | None = None
    for one in found:
        same = one.code == CANNOT_BE_PARSED and last is not None and last.code == one.code
        if same and last and _NEXT.fullmatch(text, last.span.end, one.span.start):
            continue
        if one.message.startswith("A `(`") and last and one.related[0].place.span.start <= last.span.start:
            continue
        yield one
        last = one


def _read(piece: Piece, source: Source) -> tuple[Branch | None, list[Diagnostic], frozenset[str]]:
    """The tree of a declaration without what cannot be read, what is wrong with it, and the words that are lost with it."""
    try:
        tree = parser().parse(piece.text)
    except UnexpectedInput:
        pass
    else:
        if not check_literals(tree, piece.start, source):
            return tree, [], frozenset()
    return _without_mistakes(piece, source)


def _without_mistakes(piece: Piece, source: Source) -> tuple[Branch | None, list[Diagnostic], frozenset[str]]:
    """The same of a declaration that cannot be read as it is: each mistake costs its statement."""
    from dsl.parser import recover
    from dsl.parser.explain import explain

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
