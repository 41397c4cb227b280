"""Literals that have the right shape and no meaning: 25:00, February 30."""

from __future__ import annotations

from datetime import date

from lark import Token, Tree

from dsl.diagnostics import Diagnostic
from dsl.quantities import time_range
from dsl.source import Source, Span


def check_literals(tree: Tree[Token], offset: int, source: Source) -> list[Diagnostic]:
    """CAMP202 hours that no clock shows, CAMP203 dates that no calendar has. `offset`: where the declaration starts."""
    found = []
    for token in tree.scan_values(lambda value: isinstance(value, Token)):
        begin = offset + (token.start_pos or 0)
        span = Span(begin, begin + len(token))
        if token.type == "TIMERANGE" and time_range(token) is None:
            help = "Hours run from 00:00 to 23:59; 24:00 may end them."
            found.append(Diagnostic("CAMP202", f"{token} is not a range of hours", source, span, help))
        elif token.type == "DATE" and not _exists(token):
            help = "A date is year-month-day, as 2026-03-01."
            found.append(Diagnostic("CAMP203", f"There is no {token}", source, span, help))
    return found


def _exists(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
