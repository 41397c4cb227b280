"""Rows → lines of text: cells of neighbouring rows in columns, then comments at line ends in one column."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from dsl.format.rows import Row
from dsl.format.words import width

FAR = 40  # what is so many columns longer than all that is shorter stands out of its column


def aligned(rows: Iterable[Row]) -> Iterator[str]:
    made: list[tuple[Row, str]] = []
    for (kind, _), run in groupby(rows, key=lambda row: (row.kind, row.indent)):
        same = list(run)
        made += zip(same, _columns(same) if kind else ["".join(row.cells) for row in same], strict=True)
    lines = [(row, " " * row.indent + text if text else "") for row, text in made]
    for (is_code, _), group in groupby(lines, key=lambda line: (_is_code(*line), line[0].indent)):
        together = list(group)
        if is_code:
            yield from _noted(together)
        else:
            yield from (text + (f"  {row.note}" if row.note else "") for row, text in together)


def _columns(rows: Sequence[Row]) -> list[str]:
    """Each cell but a row's last is padded to its column's width; a column that is empty in all rows takes no room."""
    columns: list[list[int]] = []
    for row in rows:
        for at, cell in enumerate(row.cells[:-1]):
            columns += [[]] if at == len(columns) else []
            columns[at].append(width(cell))
    widths = [_common(found) for found in columns]
    return [
        "".join(_padded(cell, widths[at]) for at, cell in enumerate(row.cells[:-1])) + row.cells[-1] for row in rows
    ]


def _common(widths: Iterable[int]) -> int:
    """The width of a column: that of the widest, but for those which are far wider than the rest."""
    first, *others = sorted(widths)
    for wider in others:
        if wider - first > FAR:
            break
        first = wider
    return first


def _padded(cell: str, columns: int) -> str:
    return cell + " " * max(columns - width(cell), 0) + (" " if columns or cell else "")


def _is_code(row: Row, text: str) -> bool:
    """Whether its comment may stand in a column with its neighbours'."""
    return bool(text) and not row.remark and "\n" not in text


def _noted(lines: Sequence[tuple[Row, str]]) -> Iterator[str]:
    """Neighbouring lines with their comments in one column, two blanks behind the longest that has one."""
    widths = [width(text) for row, text in lines if row.note]
    column = _common(widths) if widths else 0
    for row, text in lines:
        yield f"{text}{' ' * max(column - width(text), 0)}  {row.note}" if row.note else text
