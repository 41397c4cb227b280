"""Literals that have the right shape and no meaning: 25:00, February 30."""

from __future__ import annotations

from datetime import date

from lark import Token, Tree

from dsl.diagnostics import Diagnostic, Place
from dsl.quantities import time_range
from dsl.rules import text
from dsl.source import Source, Span


def check_literals(tree: Tree[Token], offset: int, source: Source) -> list[Diagnostic]:
    """CAMP202 hours that no clock shows, CAMP203 dates that no calendar has. `offset`: where the declaration starts."""
    found = []
    for token in tree.scan_values(lambda value: isinstance(value, Token)):
        begin = offset + (token.start_pos or 0)
        place = Place(source, Span(begin, begin + len(token)))
        if token.type == "TIMERANGE" and time_range(token) is None:
            found.append(text.no_such_hours(place, token))
        elif token.type == "DATE" and not _exists(token):
            found.append(text.no_such_date(place, token))
    return found


def _exists(written: str) -> bool:
    try:
        date.fromisoformat(written)
    except ValueError:
        return False
    return True
