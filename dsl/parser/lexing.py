"""Newlines end statements, except inside ( ) and after a comma, a comparison, `and`, `or` or `not`."""

from __future__ import annotations

from collections.abc import Iterator

from lark import Token

CONTINUES = frozenset({"_COMMA", "_ASSIGN", "CMP", "AND", "OR", "NOT"})


class DropSeparators:
    """Lark's postlex protocol: separators are always lexed, and dropped where a statement cannot end."""

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
