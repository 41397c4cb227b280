"""What is told to a user about a mistake, as a value and as text."""

from __future__ import annotations

from dataclasses import dataclass

from dsl.source import Source, Span, display_width


@dataclass(frozen=True)
class Diagnostic:
    """code: stable, as CAMP1xx (text) or CAMP2xx (syntax); message: what is wrong; help: what to do."""

    code: str
    message: str
    source: Source
    span: Span
    help: str = ""


def render(found: Diagnostic) -> str:
    """The finding with its line, and a caret line that stands under it by display width."""
    line, column = found.source.line_and_column(found.span.start)
    shown = found.source.line(line).replace("\t", " ")
    before = shown[: column - 1]
    marked = shown[column - 1 : column - 1 + max(1, found.span.end - found.span.start)]
    margin = " " * len(str(line))
    carets = " " * display_width(before) + "^" * max(1, display_width(marked))
    rows = [
        f"error[{found.code}]: {found.message}",
        f"{margin} --> {found.source.path}:{line}:{column}",
        f"{line} | {shown}",
        f"{margin} | {carets}",
    ]
    if found.help:
        rows.append(f"{margin} = help: {found.help}")
    return "\n".join(rows)
