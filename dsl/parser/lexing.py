"""Text → tokens. Which keyword a word is depends on what the parser expects there: keywords are words of a place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from lark import Token
from lark.common import LexerConf
from lark.exceptions import UnexpectedCharacters
from lark.lexer import Lexer, LexerState

import grammar

CONTINUES = frozenset({"_COMMA", "_ASSIGN", "CMP", "AND", "OR", "NOT"})


class DropSeparators:
    """Newlines end statements, except inside ( ) and after a comma, a comparison, `and`, `or` or `not`.

    Lark's postlex protocol: separators are always lexed, and dropped where a statement cannot end.
    """

    always_accept = ("_SEP",)

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        depth = 0
        previous = ""
        for token in stream:
            if token.type == "_LPAR":
                depth += 1
            elif token.type == "_RPAR":
                depth -= 1
            elif token.type == "_SEP" and (depth > 0 or previous in CONTINUES):
                continue
            previous = token.type
            yield token


class WordLexer(Lexer):
    """What Lark's contextual lexer does for this grammar, with one regular expression.

    Lark's compiles one for each of a hundred sets of terminals that states of the parser accept, which takes longer
    than reading a small project. Here a word is read as a whole and looked up in the keyword table; all other
    terminals are told apart by their first characters.
    """

    __future_interface__ = 2

    def __init__(self, conf: LexerConf) -> None:
        patterns = {terminal.name: terminal.pattern.to_regexp() for terminal in conf.terminals}
        table = grammar.table()
        self._words: dict[str, list[str]] = {}
        self._phrases: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
        for terminal, spelled in table["keywords"].items():
            for word in spelled:
                first, _, more = word.partition(" ")
                if more:
                    rest = re.compile(rf"[ \t]+{grammar.phrase(more)}(?!\w)")
                    self._phrases.setdefault(first, []).append((terminal, rest))
                else:
                    self._words.setdefault(word, []).append(terminal)
        self._before = {name: re.compile(after) for name, after in table["before"].items()}
        self._code, name = re.compile(patterns.pop("CODE")), patterns.pop("NAME")
        ranked = sorted(conf.terminals, key=lambda terminal: -terminal.priority)
        others = [one.name for one in ranked if one.name in patterns and one.name not in table["keywords"]]
        self._ignored = frozenset(conf.ignore)
        self._any = re.compile("|".join(f"(?P<{one}>{patterns[one]})" for one in others) + f"|(?P<NAME>{name})")

    def lex(self, lexer_state: LexerState, parser_state: Any) -> Iterator[Token]:
        text, at = lexer_state.text.text, lexer_state.text.start
        assert isinstance(text, str)
        states = parser_state.parse_conf.states
        while at < lexer_state.text.end:
            accepted = states[parser_state.position]
            found = self._any.match(text, at)
            if found is None:
                expected = {name for name in accepted if name.isupper()}
                raise UnexpectedCharacters(text, at, 0, 0, allowed=expected)  # type: ignore[no-untyped-call]
            kind, value = str(found.lastgroup), found.group()
            if kind == "NAME":
                kind, value = self._word(value, text, at, accepted)
            start, at = at, at + len(value)
            if kind not in self._ignored:
                # Lines and columns are told by Source; a token knows its place in the text alone.
                yield Token(kind, value, start, end_pos=at)

    def _word(self, word: str, text: str, at: int, accepted: Mapping[str, object]) -> tuple[str, str]:
        for terminal, rest in self._phrases.get(word, ()):
            more = rest.match(text, at + len(word))
            if terminal in accepted and more:
                return terminal, word + more.group()
        for terminal in self._words.get(word, ()):
            after = self._before.get(terminal)
            if terminal in accepted and (after is None or after.match(text, at + len(word))):
                return terminal, word
        if "CODE" in accepted:
            code = self._code.match(text, at)
            if code:
                return "CODE", code.group()
        return "NAME", word
