"""What is told to a user about a mistake, as a value and as text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from dsl.source import Source, Span, display_width

Severity = Literal["error", "warning", "info"]
LONGEST = 240  # characters of a line or a message that are shown


@dataclass(frozen=True)
class Place:
    source: Source
    span: Span

    def __str__(self) -> str:
        line, column = self.source.line_and_column(self.span.start)
        return f"{self.source.path}:{line}:{column}"

    @property
    def line(self) -> int:
        return self.source.line_and_column(self.span.start)[0]


@dataclass(frozen=True)
class Related:
    """Another place that has to do with it: the policy line that forbids, the first of two declarations."""

    label: str
    place: Place


@dataclass(frozen=True)
class Fix:
    """Text to write in the place of a span. Safe: it changes no meaning; else somebody has to look at it."""

    span: Span
    text: str
    safe: bool = False


@dataclass(frozen=True)
class Diagnostic:
    """code: stable, as CAMP1xx (text) or CAMP2xx (syntax); message: what is wrong; help: what to do."""

    code: str
    message: str
    source: Source
    span: Span
    help: str = ""
    severity: Severity = "error"
    related: tuple[Related, ...] = ()
    fix: Fix | None = None

    @property
    def place(self) -> Place:
        return Place(self.source, self.span)


def render(found: Diagnostic, paint: Callable[[str, str], str] | None = None, lang: str = "en") -> str:
    """The finding with its line, and a caret line that stands under it by display width; then related lines and help.

    paint: (part, text) → the text as it is shown. Parts are the severities, code and help.
    """
    paint = paint or (lambda part, text: text)
    say, label, colon = _speech(lang)
    width = max(len(str(place.line)) for place in (found.place, *(other.place for other in found.related)))
    margin = " " * width
    head, place = paint(found.severity, f"{label(found.severity)}[{found.code}]"), _excerpt(found.place, width)
    rows = [
        f"{head}{colon}{paint('code', _clipped(say(found.message)))}",
        *place[:-1],
        paint(found.severity, place[-1]),
    ]
    for other in found.related:
        rows += [f"{margin} = {say(other.label)}", *_excerpt(other.place, width)]
    if found.help:
        rows.append(f"{margin} = {paint('help', label('help'))}{colon}{_clipped(say(found.help))}")
    return "\n".join(rows)


def _speech(lang: str) -> tuple[Callable[[str], str], Callable[[str], str], str]:
    """How sentences and single words are said, and what stands behind a word that heads a line."""
    if lang == "en":
        return str, str, ": "
    from dsl.lang import label, translate

    return lambda text: translate(text, lang), lambda word: label(word, lang), "："


def _clipped(text: str) -> str:
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"


def _excerpt(place: Place, width: int) -> list[str]:
    line, column = place.source.line_and_column(place.span.start)
    shown = place.source.line(line).replace("\t", " ")
    begin, end = column - 1, column - 1 + max(1, place.span.end - place.span.start)
    if len(shown) > LONGEST:
        # Around the place, so that a line of a million characters stays a line.
        cut = max(begin - LONGEST // 2, 0)
        begin, end, shown = begin - cut, end - cut, shown[cut : cut + LONGEST]
    before, marked = shown[:begin], shown[begin:end]
    margin = " " * width
    carets = " " * display_width(before) + "^" * max(1, display_width(marked))
    return [f"{margin} --> {place.source.path}:{line}:{column}", f"{line:>{width}} | {shown}", f"{margin} | {carets}"]
