"""A DuckDB file: its tables and views `customers`, `ledger`, and of each event one of its name. It is opened for reading only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from runtime.engines.base import BadFile, Busy, Engine
from runtime.errors import InputError
from runtime.inputs.base import CUSTOMERS, EVENTS, LEDGER, unusable
from runtime.inputs.content import of_rows
from runtime.place import Place

_CATALOG = "given_data"


class Database:
    def __init__(self, engine: Engine, path: Path) -> None:
        self.engine, self.path = engine, path
        self.place: Place = path
        engine.shut(_CATALOG)  # an earlier load's
        try:
            engine.open(_CATALOG, path, change=False)
            self._tables = engine.inside(_CATALOG)
        except Busy as error:
            help = "Wait until it is done; a ledger cannot be the data of its own run."
            raise InputError(f"Another process has {path}, or it is the ledger", help) from error
        except BadFile as error:
            message = f"{path} is no folder, and no DuckDB file that can be read: {error}"
            raise InputError(
                message, "Name a data folder, or write the file again with this version of DuckDB."
            ) from error
        self._columns: dict[str, dict[str, str]] = {}

    def names(self) -> set[str]:
        return named_by(self._tables)

    def lacking(self, name: str, why: str = "") -> str:
        return f"There is no table `{own(name)}` in {self.place}" + (f", and {why}" if why else "")

    def shown(self, name: str) -> str:
        return own(name)

    def attach(self, name: str, table: str) -> dict[str, str]:
        try:
            self.engine.look(table, _CATALOG, own(name))
        except BadFile as error:
            raise unusable(f"{own(name)} in {self.path} cannot be read: {error}", "Is the file whole?") from error
        self._columns[name] = dict(self._tables[own(name)])
        return dict(self._columns[name])

    def fingerprint(self, read: Mapping[str, str]) -> list[str]:
        return of_rows(self.engine, read, self._columns)

    def state(self, names: Iterable[str]) -> list[tuple[int, int]]:
        try:
            files = [self.path, self.path.with_name(f"{self.path.name}.wal")]
            return [(found.st_mtime_ns, found.st_size) for file in files if file.exists() for found in [file.stat()]]
        except OSError:
            return []

    def close(self) -> None: ...


def named_by(tables: Iterable[str]) -> set[str]:
    """A database's tables → the names of what they hold: what is no customers and no ledger may be an event."""
    return {name if name in (CUSTOMERS, LEDGER) else EVENTS + name for name in tables}


def own(name: str) -> str:
    """The other way round: the table of a name."""
    return name.removeprefix(EVENTS)
