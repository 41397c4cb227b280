"""Text → the same text in its canonical form: tokens and comments → a layout tree → rows of cells → text.

docs/formatting.md says what the form is.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass

import grammar
from dsl.diagnostics import Diagnostic
from dsl.format.align import aligned
from dsl.format.layout import layout
from dsl.format.rows import rows
from dsl.format.words import GROUPS, Language
from dsl.parser.fullwidth import narrowed
from dsl.parser.parse import parse
from dsl.source import Source
from dsl.syntax.expr import Name
from dsl.syntax.tree import File

_FIELDS: dict[type, tuple[str, ...]] = {}  # of each kind of value, those to compare


class MeaningChanged(Exception):
    """A mistake of the formatter's own: what it made of the text says something else, so that nothing may be written."""


def formatted(source: Source, language: Language | None = None) -> tuple[str, list[Diagnostic]]:
    """The canonical text, keywords in `language` where one is asked for; or the text as it is, and why it cannot be read."""
    before, found = parse(source)
    if any(one.severity == "error" for one in found):
        return source.text, found
    source, _ = narrowed(source)
    text = "".join(f"{line}\n" for line in aligned(rows(layout(source, before.comments, language))))
    if text != source.text:
        after, broken = parse(Source(source.path, text))
        if broken:
            raise MeaningChanged(broken[0].message)
        if not same(before.declarations, after.declarations):
            raise MeaningChanged("its declarations differ")
        if _said(before) != _said(after):
            raise MeaningChanged("its comments differ")
    return text, []


def same(one: object, other: object) -> bool:
    """Whether two values of dsl/syntax are equal but for the places where they were written."""
    if type(one) is not type(other):
        return False
    if isinstance(one, Name) and isinstance(other, Name):
        return one.text == other.text or any(
            grammar.in_english(group, one.text) == grammar.in_english(group, other.text) for group in GROUPS
        )
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(same, one, other))
    names = _compared(type(one))
    if not names:
        return one == other
    return all(same(getattr(one, name), getattr(other, name)) for name in names)


def _compared(kind: type) -> tuple[str, ...]:
    found = _FIELDS.get(kind)
    if found is None:
        found = tuple(field.name for field in fields(kind) if field.name != "span") if is_dataclass(kind) else ()
        _FIELDS[kind] = found
    return found


def _said(file: File) -> list[str]:
    return [comment.text.rstrip() for comment in file.comments]
