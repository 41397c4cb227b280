"""A DuckDB file: its tables and views `customers`, `ledger`, and of each event one of its name. It is opened for reading only."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from runtime.engines.base import BadFile, Busy, Engine
from runtime.errors import InputError
from runtime.inputs.base import unusable
from runtime.inputs.tables import Tables, own

_CATALOG = "given_data"


class Database(Tables):
    def __init__(self, engine: Engine, path: Path) -> None:
        self.path = path
        engine.shut(_CATALOG)  # an earlier load's
        try:
            engine.open(_CATALOG, path, change=False)
            super().__init__(engine, path, engine.inside(_CATALOG))
        except Busy as error:
            help = "Wait until it is done; a ledger cannot be the data of its own run."
            raise InputError(f"Another process has {path}, or it is the ledger", help) from error
        except BadFile as error:
            message = f"{path} is no folder, and no DuckDB file that can be read: {error}"
            raise InputError(
                message, "Name a data folder, or write the file again with this version of DuckDB."
            ) from error

    def attach(self, name: str, table: str) -> dict[str, str]:
        try:
            self.engine.look(table, _CATALOG, own(name))
        except BadFile as error:
            raise unusable(f"{own(name)} in {self.path} cannot be read: {error}", "Is the file whole?") from error
        self.columns[name] = dict(self.tables[own(name)])
        return dict(self.columns[name])

    def state(self, names: Iterable[str]) -> list[tuple[int, int]]:
        try:
            files = [self.path, self.path.with_name(f"{self.path.name}.wal")]
            return [(found.st_mtime_ns, found.st_size) for file in files if file.exists() for found in [file.stat()]]
        except OSError:
            return []

    def close(self) -> None: ...
