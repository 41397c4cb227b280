"""The grammar and the keyword table, as data. Nothing else in the project spells a keyword."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


@cache
def table() -> dict[str, Any]:
    """The keyword table as written in keywords.toml."""
    return tomllib.loads((HERE / "keywords.toml").read_text(encoding="utf-8"))


def spellings(terminal: str) -> list[str]:
    """Every spelling of a keyword, English first, then Chinese; empty where `terminal` is no keyword."""
    found: list[str] = table()["keywords"].get(terminal, [])
    return found


def comment_words(word: str) -> list[str]:
    """Every spelling of a word that only comments have."""
    found: list[str] = table()["comments"][word]
    return found


@cache
def words() -> dict[str, str]:
    """Each spelling → its terminal. LAST and LAST_PLACE share a spelling: the first in the table wins."""
    found: dict[str, str] = {}
    for terminal, spelled in table()["keywords"].items():
        for word in spelled:
            found.setdefault(word, terminal)
    return found


def named(group: str) -> dict[str, str]:
    """The names that every project knows, English → Chinese: kinds, channels, verifications, reasons, filters, copy."""
    found: dict[str, str] = table()["names"][group]
    return found


def in_english(group: str, word: str) -> str:
    """A known name as it is kept, whichever way it was written; any other as it is."""
    return word if word.isascii() else _english(group).get(word, word)


@cache
def _english(group: str) -> dict[str, str]:
    return {chinese: english for english, chinese in named(group).items()}


def phrase(word: str) -> str:
    """A regular expression for a keyword of one word or of several with blanks between them."""
    return r"[ \t]+".join(re.escape(part) for part in word.split())


def _terminal(name: str, spelled: list[str]) -> str:
    alternatives = "|".join(phrase(word) for word in sorted(spelled, key=len, reverse=True))
    after = table()["before"].get(name)
    end = f"(?={after})" if after else r"(?!\w)"
    # A priority above NAME's: where the parser expects both, the keyword is meant.
    return f"{name}.2: /(?:{alternatives}){end}/"


def source() -> str:
    """The whole Lark grammar: camp.lark and a terminal for every keyword."""
    grammar = (HERE / "camp.lark").read_text(encoding="utf-8")
    terminals = [_terminal(name, spelled) for name, spelled in table()["keywords"].items()]
    return grammar + "\n" + "\n".join(terminals) + "\n"
