"""Sentences by pattern: an English one with gaps, and the other language's with the same gaps in an order of its own.

What a gap is called says what stands in it:

    {name}          something of the user's: it stays as it is
    {words:what}    words of Camp's own ("field", "money in CNY"): they are translated too, or the pattern does not fit
    {codes:names}   names with commas between them, which get backticks
    {list:items}    words with commas between them; what stands in backticks or quotes stays as it is
    {several:items} the same with semicolons
    {number:date}   digits and what joins them, or the pattern does not fit

`file(s)` in a pattern is both `file` and `files`. Of several patterns that fit, the one with the most fixed text counts.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any

_GAP = re.compile(r"\{(?:(words|codes|list|several|number):)?([a-z]+)\}")
_CODE = re.compile(r'`[^`]*`|"[^"]*"')
_TICKED = re.compile(r"`[^`]*`")
_BRACKETS = re.compile(r"\([^()]*\)")
_NUMBER = re.compile(r"[\d.,:T%+-]+")
_MORE = " …"


def table(name: str) -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / name).read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Pattern:
    """`written`: as the catalogue spells it. `fixed`: what stands before, between and behind the gaps; `gaps`: (kind, name)."""

    written: str
    fixed: tuple[str, ...]
    gaps: tuple[tuple[str, str], ...]
    meant: str

    @property
    def weight(self) -> tuple[int, int]:
        """Fixed text, then gaps that take only words that are known."""
        return sum(map(len, self.fixed)), sum(kind in ("words", "list", "several", "number") for kind, _ in self.gaps)

    def gapped(self, text: str) -> list[str] | None:
        """What stands in the gaps, each as short as can be but for the last; None where the text is another."""
        first, *between, last = self.fixed if len(self.fixed) > 1 else (self.fixed[0], "")
        if not self.gaps:
            return [] if text == first else None
        end = len(text) - len(last)
        if not text.startswith(first) or not text.endswith(last) or end < len(first):
            return None
        found, at = [], len(first)
        for part in between:
            there = text.find(part, at, end)
            if there < 0:
                return None
            found.append(text[at:there])
            at = there + len(part)
        return [*found, text[at:end]]


class Catalogue:
    """`uses`: how often each pattern, as it is written, has been the one that fits."""

    def __init__(self, tables: Mapping[str, Mapping[str, str]]) -> None:
        self._tables = tables
        self.uses: dict[str, int] = {}

    @cached_property
    def messages(self) -> tuple[Pattern, ...]:
        return _patterns(self._tables["messages"])

    @cached_property
    def words(self) -> tuple[Pattern, ...]:
        return _patterns(self._tables["words"])

    def label(self, word: str) -> str:
        return self._tables["labels"].get(word, word)

    def sentence(self, text: str) -> str | None:
        found = self._translated(text, self.messages)
        return None if found is None else _TICKED.sub(_set_off, found)

    def word(self, text: str) -> str | None:
        """Words inside a sentence, which may begin it: `Money in CNY`."""
        if _CODE.fullmatch(text):
            return text
        return self._translated(text, self.words) or self._translated(text[:1].lower() + text[1:], self.words)

    def _translated(self, text: str, patterns: tuple[Pattern, ...]) -> str | None:
        for pattern in patterns:
            found = pattern.gapped(text)
            if found is None:
                continue
            gaps = [self._gap(kind, part) for (kind, _), part in zip(pattern.gaps, found, strict=True)]
            filled = {name: part for (_, name), part in zip(pattern.gaps, gaps, strict=True) if part is not None}
            if len(filled) == len(gaps):
                self.uses[pattern.written] = self.uses.get(pattern.written, 0) + 1
                return _filled(pattern.meant, filled)
        return None

    def _gap(self, kind: str, text: str) -> str | None:
        if kind == "words":
            return self.word(text)
        if kind == "number":
            return text if _NUMBER.fullmatch(text) else None
        if not kind:
            return text
        if kind == "several":
            said = [self.word(item) for item in text.split("; ")]
            return None if None in said else "；".join(filter(None, said))
        more = text.endswith(_MORE)
        items = [
            item if kind == "codes" and _CODE.fullmatch(item) else f"`{item}`" if kind == "codes" else self.word(item)
            for item in _items(text.removesuffix(_MORE))
        ]
        known = [item for item in items if item is not None]
        return "、".join(known) + " 等" * more if len(known) == len(items) else None


def _filled(meant: str, gaps: Mapping[str, str]) -> str:
    return _GAP.sub(lambda gap: gaps[gap[2]], meant)


def _patterns(written: Mapping[str, str]) -> tuple[Pattern, ...]:
    found = [one for text, meant in written.items() for one in _compiled(text, meant)]
    return tuple(sorted(found, key=lambda one: one.weight, reverse=True))


def _compiled(written: str, meant: str) -> Iterator[Pattern]:
    one, *more = written.split("(s)")
    for ends in product(("", "s"), repeat=len(more)):
        text = one + "".join(end + part for end, part in zip(ends, more, strict=True))
        kinds = [(gap[1] or "", gap[2]) for gap in _GAP.finditer(text)]
        fixed = _GAP.sub("\0", text).split("\0")
        yield Pattern(written, tuple(fixed), tuple(kinds), meant)


def _items(text: str) -> list[str]:
    """What stands between commas, but not inside backticks, quotes or brackets."""
    masked = _CODE.sub(lambda code: "\0" * len(code[0]), text)
    masked = _BRACKETS.sub(lambda inside: "\0" * len(inside[0]), masked)
    items, at = [], 0
    for comma in re.finditer(", ", masked):
        items.append(text[at : comma.start()])
        at = comma.end()
    return [*items, text[at:]]


def _set_off(code: re.Match[str]) -> str:
    """Code with a blank where a Chinese character stands beside it."""
    before, behind = code.string[code.start() - 1 : code.start()], code.string[code.end() : code.end() + 1]
    return " " * _chinese(before) + code[0] + " " * _chinese(behind)


def _chinese(character: str) -> bool:
    return "一" <= character <= "鿿"
