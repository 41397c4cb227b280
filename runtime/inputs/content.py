"""What changes with the rows of a database's tables, whatever order they come in: a database promises none."""

from __future__ import annotations

from collections.abc import Mapping

from runtime.engines.base import Engine


def of_rows(engine: Engine, read: Mapping[str, str], columns: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Of each table its columns with their types, and what its rows come to."""
    found: list[str] = []
    for name in sorted(read):
        found += [name, str(sorted(columns[name].items())), engine.content(read[name])]
    return found
