"""Our lexer gives what Lark's contextual lexer gives, and the kept parser is the built one."""

from __future__ import annotations

import random
import re
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedInput

import grammar
from dsl.parser.cut import cut
from dsl.parser.lexing import DropSeparators
from dsl.parser.parse import parser
from dsl.source import Source
from tests.completing import HERE

FILES = sorted([*(HERE.parent / "campaigns").glob("*.camp"), HERE / "preamble.camp", *HERE.glob("cases/*/*/*.camp")])
PIECES = [piece.text for path in FILES for piece in cut(Source("", path.read_text(encoding="utf-8")))[0].pieces]
WORDS = sorted({word for piece in PIECES for word in re.findall(r"\w+|[^\w\s]+|\s+", piece)} | set(grammar.words()))


@cache
def lark() -> Lark:
    """The same grammar, read by Lark's own lexer."""
    options = {"parser": "lalr", "lexer": "contextual", "propagate_positions": True, "maybe_placeholders": False}
    return Lark(grammar.source(), **options, postlex=DropSeparators())


def shape(node: Tree[Token] | Token) -> object:
    if isinstance(node, Token):
        return node.type, str(node), node.start_pos
    span = () if node.meta.empty else (node.meta.start_pos, node.meta.end_pos)
    return str(node.data), span, [shape(child) for child in node.children]


def read(reader: Lark, text: str) -> object:
    try:
        return shape(reader.parse(text))
    except UnexpectedInput:
        return "cannot be read"


def test_every_file_at_hand_gives_the_same_trees() -> None:
    assert len(PIECES) > 40
    for piece in PIECES:
        assert read(parser(), piece) == read(lark(), piece)


@given(st.integers(0, len(PIECES) - 1), st.randoms(use_true_random=False))
@settings(max_examples=300, deadline=None)
def test_random_splices_are_read_or_refused_alike(which: int, chance: random.Random) -> None:
    parts = re.findall(r"\w+|[^\w\s]+|\s+", PIECES[which])
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(parts))
        parts[at : at + chance.randint(0, 2)] = [chance.choice(WORDS) for _ in range(chance.randint(0, 2))]
        parts = parts or ["x"]
    text = "".join(parts)
    assert read(parser(), text) == read(lark(), text)


@pytest.mark.parametrize(
    "text",
    [
        "customer { text text; link text; kind flag; window number; cap date; count number; any flag; CNY money }",
        "segment s = count > 3 and any and count(any) > 3 and last in last 3 days",
        "event campaign { event text; once text }",
        "segment s = assets > 5万元 and CNY = 5 CNY",
    ],
)
def test_keywords_are_words_of_a_place(text: str) -> None:
    assert read(parser(), text) == read(lark(), text) != "cannot be read"


def test_a_token_ends_where_it_ends_in_the_text() -> None:
    readable = [piece for piece in PIECES if read(parser(), piece) != "cannot be read"]
    assert len(readable) > 40
    for piece in readable:
        for token in parser().parse(piece).scan_values(lambda value: isinstance(value, Token)):
            assert piece[token.start_pos : token.end_pos] == str(token)
