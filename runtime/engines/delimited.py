"""The columns of a delimited text file, read from its first line alone: an engine that guesses them from rows reads the whole
file another way because of a few odd ones."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from runtime.engines.base import BadFile

_SEPARATORS = ",;\t|"  # the first of them wins where a header has as many of one as of another


def columns(path: Path) -> tuple[list[str], str]:
    """The names of the columns, and what separates values. BadFile where the first line names none."""
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as opened:
        first = opened.readline(1_000_000)
    readings = {mark: _split(first, mark) for mark in _SEPARATORS}
    mark = max(_SEPARATORS, key=lambda mark: len(readings[mark]))
    names = [name.strip() or f"column{at}" for at, name in enumerate(readings[mark], 1)]
    if not first.strip():
        raise BadFile(f"{path} is empty: its first line has to name the columns")
    if any("\udc80" <= char <= "\udcff" for char in first):
        raise BadFile(f"{path} is not UTF-8: its first line cannot be read")
    seen: set[str] = set()
    for name in names:
        if name.casefold() in seen:
            raise BadFile(f"{path} has two columns called `{name}`")
        seen.add(name.casefold())
    return names, mark


def _split(line: str, mark: str) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(line), delimiter=mark), [])
    except csv.Error:
        return []
