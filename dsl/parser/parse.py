"""Text → syntax tree, declaration by declaration, with a diagnostic for each that cannot be read."""

from __future__ import annotations

import re
from functools import cache

from lark import Lark
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

import grammar
from dsl.diagnostics import Diagnostic, Place
from dsl.parser.build import build
from dsl.parser.cache import kept
from dsl.parser.cut import Piece, cut
from dsl.parser.literals import check_literals
from dsl.rules import text
from dsl.source import Source, Span
from dsl.syntax.tree import Declaration, File

# Terminals that no keyword names, as a reader would call them.
_SPOKEN = {
    "NAME": "a name",
    "STRING": 'a text in "…"',
    "NUMBER": "a number",
    "PERCENT": "a percentage",
    "DATE": "a date (2026-03-01)",
    "TIMERANGE": "hours (16:00-18:00)",
    "CODE": "a currency (CNY)",
    "CMP": "a comparison",
    "OPTIONAL": "`?`",
    "_LB": "`{`",
    "_RB": "`}`",
    "_LPAR": "`(`",
    "_RPAR": "`)`",
    "_COMMA": "a comma",
    "_ASSIGN": "`=`",
    "_DOTDOT": "`..`",
    "_SEP": "the end of the statement",
}


# What a declaration introduces: its first two words, as far as they can be made out.
_HEAD = re.compile(r"(?:\s|;|#[^\n]*)*+(\w*)[ \t]*(\w*)")


@cache
def parser() -> Lark:
    return kept(grammar.source())


def parse(source: Source) -> tuple[File, list[Diagnostic]]:
    """Every declaration that can be read, and what is wrong with the others, whose names stand in `unread`."""
    pieces, found = cut(source)
    declarations: list[Declaration] = []
    unread: set[str] = set()
    for piece in pieces.pieces:
        problems: list[Diagnostic] = []
        try:
            tree = parser().parse(piece.text)
        except UnexpectedInput as error:
            problems.append(_explain(error, piece, source))
        else:
            problems += check_literals(tree, piece.start, source)
            if not problems:
                declarations.append(build(tree, piece.start))
        if problems:
            word, name = _HEAD.match(piece.text).groups()  # type: ignore[union-attr]
            unread |= {grammar.words().get(word, word), name}
            found += problems
    return File(source, tuple(declarations), pieces.comments, frozenset(unread)), found


def _explain(error: UnexpectedInput, piece: Piece, source: Source) -> Diagnostic:
    help = _help(error.interactive_parser.accepts())  # type: ignore[no-untyped-call]
    if isinstance(error, UnexpectedToken) and error.token.type != "$END":
        shown, start = str(error.token), error.token.start_pos or 0
        ends = error.token.type == "_SEP"
        message = "The statement cannot end here" if ends else f"`{_short(shown)}` cannot stand here"
    elif isinstance(error, UnexpectedCharacters):
        start = error.pos_in_stream or 0
        shown = piece.text[start : start + 1]
        message = f"`{shown}` cannot stand here"
        if shown == '"':
            message = "This text is never closed"
            help = 'End it with `"` on the same line, or begin and end it with three of them.'
    else:
        start, shown, message = len(piece.text.rstrip()), "", "The declaration ends too early"
    begin = min(piece.start + start, max(len(source.text) - 1, 0))
    place = Place(source, Span(begin, begin + max(len(shown.rstrip()), 1)))
    return text.cannot_be_parsed(place, message, help)


def _help(expected: set[str]) -> str:
    spoken = sorted({_spoken(name) for name in expected if not name.startswith("$")})
    if not spoken:
        return ""
    if len(spoken) > 12:
        return "Expected one of " + ", ".join(spoken[:12]) + " …"
    return "Expected " + (" or ".join(spoken) if len(spoken) < 3 else "one of " + ", ".join(spoken))


def _spoken(terminal: str) -> str:
    spelled = grammar.spellings(terminal)
    return f"`{spelled[0]}`" if spelled else _SPOKEN.get(terminal, terminal)


def _short(text: str) -> str:
    return text.replace("\n", " ").strip()[:30]
