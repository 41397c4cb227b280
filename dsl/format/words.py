"""Tokens as they are written: how a keyword is spelled, and whether a blank stands between two tokens."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

import grammar
from dsl.source import display_width

Language = Literal["en", "zh"]

_OPENING = frozenset({"_LPAR", "_DOTDOT"})  # nothing between these and what follows
_CLOSING = frozenset({"_RPAR", "_COMMA", "_DOTDOT", "OPTIONAL"})  # nothing between these and what precedes
_CALLED = frozenset({"COUNT", "SUM", "LATEST", "DAYS_SINCE", "TEXT", "ONE_OF"})  # `count(`
_UNITS = frozenset({"SECOND", "MINUTE", "HOUR", "DAY", "WEEK", "MONTH", "CODE"})


@dataclass(slots=True)
class Word:
    """`type`: the terminal's name; `text`: as it will be written."""

    type: str
    text: str


def spelled(type: str, text: str, before: Word | None, language: Language | None) -> str:
    """A token's text in `language`, a phrase of several words with single blanks; `before`: the token to its left.

    English has a singular for units: `1 day`, `per month`.
    """
    found = _spellings(type)
    if not found:
        return text
    if language == "zh":
        return found[1]
    if language == "en":
        one = before is not None and (before.type == "PER" or (before.type == "NUMBER" and before.text == "1"))
        return found[2] if one and len(found) > 2 else found[0]
    return " ".join(text.split()) if " " in text or "\t" in text else text


def spaced(left: Word, right: Word) -> bool:
    """Whether a blank stands between two neighbours on a line."""
    if right.type in _CLOSING or left.type in _OPENING:
        return False
    if right.type == "_LPAR":
        return left.type not in _CALLED
    return not (left.type == "NUMBER" and right.type in _UNITS and not right.text.isascii())


def width(text: str) -> int:
    """Columns of a terminal."""
    return len(text) if text.isascii() else display_width(text)


@cache
def _spellings(type: str) -> list[str]:
    return grammar.spellings(type)
