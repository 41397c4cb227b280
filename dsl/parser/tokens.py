"""Text → its tokens as the parser read them: which words are keywords, and which are names, depends on the place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lark.exceptions import UnexpectedInput

from dsl.parser.cut import cut
from dsl.parser.parse import parser
from dsl.source import Source, Span

SEPARATOR = "_SEP"


@dataclass(frozen=True, slots=True)
class Read:
    """`type`: the terminal's name."""

    type: str
    text: str
    span: Span


def tokens(source: Source) -> Iterator[Read]:
    """Every token of the declarations that can be read; of the others those up to the first mistake.

    Separators and comments are left out.
    """
    for declaration in declarations(source):
        yield from (token for token in declaration if token.type != SEPARATOR)


def declarations(source: Source) -> Iterator[list[Read]]:
    """The tokens of each declaration, with the separators that end a statement, and only those."""
    for piece in cut(source)[0].pieces:
        found: list[Read] = []
        reading = parser().parse_interactive(piece.text)
        try:
            for token in reading.iter_parse():
                start = piece.start + (token.start_pos or 0)
                found.append(Read(token.type, str(token), Span(start, start + len(token))))
        except UnexpectedInput:
            pass
        yield found
