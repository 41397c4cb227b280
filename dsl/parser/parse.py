"""Text → syntax tree, declaration by declaration, with a diagnostic for each that cannot be read."""

from __future__ import annotations

import re
from functools import cache

from lark import Lark
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

import grammar
from dsl.diagnostics import Diagnostic, Place
from dsl.parser.build import build
from dsl.parser.cut import Piece, cut
from dsl.parser.lexing import DropSeparators
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
    "OPTIONAL": "?",
    "_LB": "{",
    "_RB": "}",
    "_LPAR": "(",
    "_RPAR": ")",
    "_COMMA": "a comma",
    "_ASSIGN": "=",
    "_DOTDOT": "..",
    "_SEP": "the end of the statement",
}


# What a declaration introduces: its first two words, as far as they can be made out.
_HEAD = re.compile(r"(?:\s|;|#[^\n]*)*+(\w*)[ \t]*(\w*)")


@cache
def parser() -> Lark:
    return Lark(
        grammar.source(),
        parser="lalr",
        lexer="contextual",
        propagate_positions=True,
        maybe_placeholders=False,
        postlex=DropSeparators(),
    )


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
    if isinstance(error, UnexpectedToken) and error.token.type != "$END":
        shown, start = str(error.token), error.token.start_pos or 0
        message, expected = f"`{_short(shown)}` cannot stand here", error.accepts or error.expected
    elif isinstance(error, UnexpectedCharacters):
        start = error.pos_in_stream or 0
        shown = piece.text[start : start + 1]
        message, expected = f"`{shown}` cannot stand here", error.allowed
        if shown == '"':
            message, expected = "This text is never closed", set()
    else:
        start, shown = len(piece.text.rstrip()), " "
        message = "The declaration ends too early"
        expected = error.expected if isinstance(error, UnexpectedToken) else set()
    begin = min(piece.start + start, max(len(source.text) - 1, 0))
    place = Place(source, Span(begin, begin + len(shown.rstrip()) or begin + 1))
    return text.cannot_be_parsed(place, message, _help(expected))


def _help(expected: object) -> str:
    names = sorted(expected) if isinstance(expected, (set, frozenset)) else []
    spoken = sorted({_spoken(name) for name in names if not name.startswith("$")})
    if not spoken:
        return ""
    if len(spoken) > 12:
        return "Expected one of " + ", ".join(spoken[:12]) + " …"
    return "Expected " + (" or ".join(spoken) if len(spoken) < 3 else "one of " + ", ".join(spoken))


def _spoken(terminal: str) -> str:
    spelled = grammar.spellings(terminal)
    return f"`{spelled[0]}`" if spelled else _SPOKEN.get(terminal, terminal)


def _short(text: str) -> str:
    return text.replace("\n", " ").strip()[:30] or "the end of the line"
