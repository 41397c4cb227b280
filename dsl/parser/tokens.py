"""Text → its tokens as the parser read them: which words are keywords, and which are names, depends on the place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lark.exceptions import UnexpectedInput

from dsl.parser.cut import cut
from dsl.parser.parse import parser
from dsl.source import Source, Span


@dataclass(frozen=True, slots=True)
class Read:
    """`type`: the terminal's name. Separators and comments are left out."""

    type: str
    text: str
    span: Span


def tokens(source: Source) -> Iterator[Read]:
    """Every token of the declarations that can be read; of the others those up to the first mistake."""
    for piece in cut(source)[0].pieces:
        reading = parser().parse_interactive(piece.text)
        try:
            for token in reading.iter_parse():
                start = piece.start + (token.start_pos or 0)
                if token.type != "_SEP":
                    yield Read(token.type, str(token), Span(start, start + len(token)))
        except UnexpectedInput:
            continue
