"""Tokens as they are written: how a keyword is spelled, and whether a blank stands between two tokens."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

import grammar
from dsl.source import display_width

Language = Literal["en", "zh"]

GROUPS = ("kinds", "channels", "verifications", "reasons")  # of names that are written in both languages
_OPENING = frozenset({"_LPAR", "_DOTDOT"})  # nothing between these and what follows
_CLOSING = frozenset({"_RPAR", "_COMMA", "_DOTDOT", "OPTIONAL"})  # nothing between these and what precedes
_CALLED = frozenset({"COUNT", "SUM", "LATEST", "DAYS_SINCE", "TEXT", "ONE_OF"})  # `count(`
_UNITS = frozenset({"SECOND", "MINUTE", "HOUR", "DAY", "WEEK", "MONTH", "CODE"})


@dataclass(slots=True)
class Word:
    """`type`: the terminal's name; `text`: as it will be written. `group`: of names that every project knows."""

    type: str
    text: str
    group: str | None = None


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


def named(group: str, text: str, language: Language) -> str:
    """A name that every project knows, in `language`; any other as it is."""
    english = grammar.in_english(group, text)
    return grammar.named(group).get(english, text) if language == "zh" else english


def group(before: list[str]) -> str | None:
    """Which group a name belongs to, by the types of the tokens before it: a kind, a channel, a way to verify, a reason."""
    at = len(before) - 1
    while at > 0 and before[at] == "_COMMA" and before[at - 1] == "NAME":
        at -= 2  # in a list: as the first of it
    last, second = (before[at] if at >= 0 else ""), (before[at - 1] if at >= 1 else "")
    if last in ("KIND", "BLOCK", "EXEMPT") or (last == "OF" and second == "NUMBER"):
        return "kinds"
    if last in ("MESSAGE", "CONFIRM", "ELSE", "COST", "CHANNEL", "ON"):
        return "channels"
    return {"VERIFY": "verifications", "BECAUSE": "reasons"}.get(last)


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
