"""What the tables of a database have in common, whoever keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runtime.engines.base import Engine
from runtime.inputs.base import CUSTOMERS, EVENTS, LEDGER
from runtime.place import Place


class Tables:
    """`customers`, `ledger`, and of each event one of its name. columns: of those that were attached, with their types."""

    def __init__(self, engine: Engine, place: Place, tables: Mapping[str, Mapping[str, Any]]) -> None:
        self.engine, self.place, self.tables = engine, place, tables
        self.columns: dict[str, dict[str, str]] = {}

    def names(self) -> set[str]:
        """What is no customers and no ledger may be an event."""
        return {name if name in (CUSTOMERS, LEDGER) else EVENTS + name for name in self.tables}

    def lacking(self, name: str, why: str = "") -> str:
        return f"There is no table `{own(name)}` in {self.place}" + (f", and {why}" if why else "")

    def shown(self, name: str) -> str:
        return own(name)

    def fingerprint(self, read: Mapping[str, str]) -> list[str]:
        """Of each table its columns, and what changes with its rows, whatever order they come in: a database promises none."""
        found: list[str] = []
        for name in sorted(read):
            found += [name, str(sorted(self.columns[name].items())), self.engine.content(read[name])]
        return found


def own(name: str) -> str:
    """The table of a name."""
    return name.removeprefix(EVENTS)
