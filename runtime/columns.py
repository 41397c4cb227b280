"""A table of plain text: the first column to the left, the others to the right, measured in columns of a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from dsl.source import display_width


def aligned(rows: Sequence[Sequence[str]]) -> tuple[list[str], str]:
    """A line for each row, and a rule as wide as they are."""
    widths = [max(display_width(row[at]) for row in rows) for at in range(len(rows[0]))]

    def line(row: Sequence[str]) -> str:
        blanks = [" " * (width - display_width(cell)) for cell, width in zip(row, widths, strict=True)]
        return "  ".join([row[0] + blanks[0], *(blank + cell for blank, cell in zip(blanks[1:], row[1:], strict=True))])

    return [line(row) for row in rows], "─" * (sum(widths) + 2 * (len(widths) - 1))
