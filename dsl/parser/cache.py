"""The built parser, kept between runs: building it takes longer than checking a small project.

It is kept as JSON by dsl/keeping.py; where that keeps nothing, the parser is built anew.
"""

from __future__ import annotations

import hashlib
import sys
from typing import Any

import lark
from lark import Lark
from lark.grammar import Rule
from lark.lexer import TerminalDef

from dsl import keeping
from dsl.parser.lexing import DropSeparators, WordLexer

FORMAT = 1  # of the file: to be raised when _tables writes it otherwise
OPTIONS: dict[str, Any] = {"parser": "lalr", "propagate_positions": True, "maybe_placeholders": False}


def kept(source: str) -> Lark:
    """The parser of the grammar `source`, from the cache where it is there and sound."""
    folder = keeping.folder()
    if folder is None:
        return _build(source)
    made_of = f"{FORMAT} {OPTIONS} {lark.__version__} {sys.version} {source}"
    path = folder / f"grammar-{hashlib.sha256(made_of.encode()).hexdigest()[:32]}.json"
    tables: dict[str, Any] | None = keeping.read(path, _with_numbers)
    if tables is not None:
        return Lark.load(_with_objects(tables, DropSeparators(), WordLexer))
    built = _build(source)
    data, memo = built.memo_serialize([TerminalDef, Rule])
    keeping.write(path, _with_objects({"data": data, "memo": memo}, None, None))
    return built


def _build(source: str) -> Lark:
    return Lark(source, **OPTIONS, lexer=WordLexer, postlex=DropSeparators())


def _with_objects(tables: dict[str, Any], postlex: object, lexer: object) -> dict[str, Any]:
    """Lark's tables with the two things in them that are no data."""
    data = tables["data"]
    data["options"] |= {"postlex": postlex, "lexer": lexer}
    data["parser"]["lexer_conf"] |= {"lexer_type": lexer}
    return tables


def _with_numbers(table: dict[str, Any]) -> dict[Any, Any]:
    """JSON has no numbers as keys; Lark's tables have, and no names made of digits."""
    if next(iter(table), "").isdigit():
        return {int(key): value for key, value in table.items()}
    return table
