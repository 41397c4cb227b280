"""Text → Lark trees, one a declaration, with a diagnostic for each declaration that cannot be read."""

from __future__ import annotations

from functools import cache

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

import grammar
from dsl.diagnostics import Diagnostic
from dsl.parser.cut import Declaration, cut
from dsl.parser.lexing import DropSeparators
from dsl.parser.literals import check_literals
from dsl.source import Source, Span

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


def parse(source: Source) -> tuple[list[Tree[Token]], list[Diagnostic]]:
    """Every declaration that can be read, and what is wrong with the others. Positions count from each cut's start."""
    declarations, found = cut(source)
    trees: list[Tree[Token]] = []
    for declaration in declarations:
        try:
            tree = parser().parse(declaration.text)
        except UnexpectedInput as error:
            found.append(_explain(error, declaration, source))
        else:
            trees.append(tree)
            found += check_literals(tree, declaration.start, source)
    return trees, found


def _explain(error: UnexpectedInput, declaration: Declaration, source: Source) -> Diagnostic:
    if isinstance(error, UnexpectedToken) and error.token.type != "$END":
        text, start = str(error.token), error.token.start_pos or 0
        message, expected = f"`{_short(text)}` cannot stand here", error.accepts or error.expected
    elif isinstance(error, UnexpectedCharacters):
        start = error.pos_in_stream or 0
        text = declaration.text[start : start + 1]
        message, expected = f"`{text}` cannot stand here", error.allowed
        if text == '"':
            message, expected = "This text is never closed", set()
    else:
        start, text = len(declaration.text.rstrip()), " "
        message = "The declaration ends too early"
        expected = error.expected if isinstance(error, UnexpectedToken) else set()
    begin = min(declaration.start + start, max(len(source.text) - 1, 0))
    return Diagnostic("CAMP201", message, source, Span(begin, begin + len(text.rstrip()) or begin + 1), _help(expected))


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
