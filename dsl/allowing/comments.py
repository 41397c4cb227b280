"""Comments that allow findings, read: `# camp: allow CAMP402, CAMP411 until 2026-12-31 because "…"`, and the same in Chinese."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import NoReturn

import grammar
from dsl.diagnostics import Diagnostic, Fix, Place
from dsl.parser.fullwidth import MEANT
from dsl.rules import allows
from dsl.rules.registry import ENTRIES
from dsl.severities import is_settled
from dsl.source import Source, Span
from dsl.suggest import nearest

_PART = re.compile(r'"[^"]*"|,|[^\s,"]+|"')
_FORM = '# camp: allow CODE until DATE because "…"'


@dataclass(frozen=True)
class Allow:
    """`until`: the last day. `covers`: where findings have to begin. `codes`: each with its place in the comment."""

    codes: tuple[tuple[str, Place], ...]
    until: date
    reason: str
    place: Place
    covers: Span


@dataclass(frozen=True)
class _Part:
    """A word, a comma or a text of the comment. `meant`: with ordinary punctuation."""

    meant: str
    written: str
    place: Place


class _Refused(Exception):
    def __init__(self, found: Diagnostic) -> None:
        super().__init__(found.message)
        self.found = found


def read(place: Place, says: int, covers: Span, today: date) -> tuple[Allow | None, list[Diagnostic]]:
    """What a comment allows, and what is wrong with it; None where it allows nothing. `says`: behind its `# camp:`."""
    parts = list(_parts(place.source, says, place.span.end))
    try:
        allow = _Reader(parts, place, covers).allow()
    except _Refused as refused:
        return None, [refused.found]
    return _fit(allow, today)


def _fit(allow: Allow, today: date) -> tuple[Allow | None, list[Diagnostic]]:
    """Without the codes that nobody can allow; None where it is over, or would be in force for too long."""
    found = [allows.not_for_allowing(place, code) for code, place in allow.codes if is_settled(code)]
    codes = tuple(one for one in allow.codes if not is_settled(one[0]))
    if allow.until < today:
        return None, [*found, *(allows.allow_expired(place, code, f"{allow.until}") for code, place in codes)]
    latest = today + timedelta(days=allows.LONGEST)
    if allow.until > latest:
        return None, [*found, allows.allow_too_long(allow.place, f"{allow.until}", f"{latest}")]
    return replace(allow, codes=codes) if codes else None, found


def _parts(source: Source, start: int, end: int) -> Iterator[_Part]:
    for part in _PART.finditer(source.text[start:end].translate(MEANT)):
        span = Span(start + part.start(), start + part.end())
        yield _Part(part[0], source.text[span.start : span.end], Place(source, span))


class _Reader:
    """One comment, part by part. What is wrong with it is told once, at the first part that does not fit."""

    def __init__(self, parts: list[_Part], place: Place, covers: Span) -> None:
        self.parts, self.place, self.covers = parts, place, covers
        self.codes: list[tuple[str, Place]] = []
        self.until: date | None = None
        self.reason: str | None = None

    def allow(self) -> Allow:
        word = self._take()
        if word is None:
            self._refuse(self.place, "This comment says nothing to Camp")
        elif word.meant not in grammar.comment_words("ALLOW"):
            self._refuse(word.place, f"`{word.written}` cannot stand here")
        self._codes()
        while (word := self._take()) is not None:
            if word.meant in grammar.spellings("UNTIL") and self.until is None:
                self.until = self._date()
            elif word.meant in grammar.spellings("BECAUSE") and self.reason is None:
                self.reason = self._reason()
            else:
                self._refuse(word.place, f"`{word.written}` cannot stand here")
        if self.until is None:
            self._refuse(self.place, "This does not say until when", "Add a day, as `until 2026-12-31`.")
        if self.reason is None:
            self._refuse(self.place, "This does not say why", 'Add the reason, as `because "…"`.')
        return Allow(tuple(self.codes), self.until, self.reason, self.place, self.covers)

    def _codes(self) -> None:
        while True:
            word = self._take()
            if word is None or word.meant in (*grammar.spellings("UNTIL"), *grammar.spellings("BECAUSE")):
                self._refuse(word.place if word else self.place, "This names no code that it allows")
            if word.meant not in ENTRIES:
                self._unknown(word)
            self.codes.append((word.meant, word.place))
            if not self.parts or self.parts[0].meant != ",":
                return
            self._take()

    def _unknown(self, word: _Part) -> NoReturn:
        by_name = {entry.name: code for code, entry in ENTRIES.items()}
        guess = by_name.get(word.meant) or nearest(word.meant, ENTRIES)
        help = f"Did you mean `{guess}`?" if guess else "`camp rules` lists them."
        fix = Fix(word.place.span, guess) if guess else None
        raise _Refused(allows.allow_not_readable(word.place, f"There is no rule called `{word.written}`", help, fix))

    def _date(self) -> date:
        word = self._take()
        if word is None:
            self._refuse(self.place, "This does not say until when", "Add a day, as `until 2026-12-31`.")
        day = _day(word.meant)
        if day is None:
            help = "A date is year-month-day, as 2026-03-01."
            self._refuse(word.place, f"`{word.written}` is no day of a calendar", help)
        return day

    def _reason(self) -> str:
        word = self._take()
        if word is None or not word.meant.startswith('"') or not word.written[1:-1].strip():
            place = word.place if word else self.place
            self._refuse(place, "This does not say why", 'Add the reason, as `because "…"`.')
        return word.written[1:-1].strip()

    def _take(self) -> _Part | None:
        return self.parts.pop(0) if self.parts else None

    def _refuse(self, place: Place, why: str, help: str = f"Write `{_FORM}`.") -> NoReturn:
        raise _Refused(allows.allow_not_readable(place, why, help))


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written) if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", written) else None
    except ValueError:
        return None
