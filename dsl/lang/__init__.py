"""What is said to people, in another language than English. Nothing here is read as long as the language is English.

The code says everything in English; zh.toml knows the Chinese of each sentence. A sentence that is not in it stays English.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

from dsl.lang.catalogue import Catalogue, table

Lang = Literal["en", "zh"]
LANGS: tuple[Lang, ...] = ("en", "zh")


@dataclass(frozen=True)
class Page:
    """What `camp rules CODE` says of a rule; its examples stand with the rule."""

    name: str
    what: str
    why: str
    source: str = ""

    @property
    def said(self) -> tuple[tuple[str, str], ...]:
        return ("What", self.what), ("Why", self.why)


def translate(text: str, lang: str) -> str:
    """The sentence in that language; as it is where nobody has translated it."""
    return text if lang == "en" else _known(text, lang)


@cache
def catalogue(lang: str) -> Catalogue:
    return Catalogue(table(f"{lang}.toml"))


@cache
def rules(lang: str) -> Mapping[str, Page]:
    """Code → its page."""
    return {code: Page(**page) for code, page in table(f"rules_{lang}.toml").items()}


@cache
def command_line(lang: str) -> Mapping[str, str]:
    """A paragraph of a command's help, or the help of an option → the same in that language."""
    texts: dict[str, str] = table(f"cli_{lang}.toml")["help"]
    return texts


@cache
def titles(lang: str) -> Mapping[str, str]:
    """The words around a command's help: `Options` and so on."""
    texts: dict[str, str] = table(f"cli_{lang}.toml")["titles"]
    return texts


@cache
def phrases(lang: str) -> Mapping[str, str]:
    """A phrase with which a program is read aloud → the same in that language, its gaps in an order of its own."""
    return table(f"spoken_{lang}.toml")


def label(word: str, lang: str) -> str:
    """A single word at the head of a line: `error`, `help`."""
    return word if lang == "en" else catalogue(lang).label(word)


@lru_cache(maxsize=10_000)  # a project with one mistake in a thousand campaigns
def _known(text: str, lang: str) -> str:
    found = catalogue(lang).sentence(text)
    return text if found is None else found
