"""Literals that have the right shape and no meaning: 25:00, February 30, a number of a thousand digits."""

from __future__ import annotations

from datetime import datetime

from lark import Token, Tree

from dsl.diagnostics import Diagnostic, Place
from dsl.quantities import time_range
from dsl.rules import text
from dsl.source import Source, Span

MAX_NUMBER = 30
MAX_TREE = 120
_ASKED = frozenset({"TIMERANGE", "DATE", "DATETIME", "MONTHDAY", "NUMBER", "PERCENT"})


def check_literals(tree: Tree[Token], offset: int, source: Source) -> list[Diagnostic]:
    """CAMP202 to CAMP204: hours no clock shows, dates no calendar has, endless numbers. `offset`: the declaration's start.

    CAMP104 where the tree is deeper than what follows can go: `not not not …` has no brackets to count.
    """
    found = []
    todo: list[tuple[Tree[Token] | Token, int]] = [(tree, 0)]
    while todo:
        node, depth = todo.pop()
        if isinstance(node, Tree):
            if depth > MAX_TREE:
                begin = offset + node.meta.start_pos
                return [text.nested_too_deeply(Place(source, Span(begin, begin + 1)), MAX_TREE)]
            todo += [(child, depth + 1) for child in reversed(node.children)]
            continue
        if node.type not in _ASKED:
            continue
        begin = offset + (node.start_pos or 0)
        place = Place(source, Span(begin, begin + len(node)))
        if node.type == "TIMERANGE" and time_range(node) is None:
            found.append(text.no_such_hours(place, node))
        elif (
            node.type in ("DATE", "DATETIME")
            and not _exists(node)
            or node.type == "MONTHDAY"
            and not _exists(f"2024-{node}")
        ):
            found.append(text.no_such_date(place, node))
        elif node.type in ("NUMBER", "PERCENT") and len(node) > MAX_NUMBER:
            found.append(text.number_too_long(place, MAX_NUMBER))
    return found


def _exists(written: str) -> bool:
    try:
        datetime.fromisoformat(written)
    except ValueError:
        return False
    return True
