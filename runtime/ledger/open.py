"""Opening a ledger, of whichever kind it is."""

from __future__ import annotations

from pathlib import Path

from runtime.engines.base import Engine
from runtime.errors import InputError
from runtime.ledger.dataset import Dataset
from runtime.ledger.file import File
from runtime.ledger.store import LEDGER, SUFFIX, Store


def open_store(engine: Engine, path: Path, make: bool = True, name: str = LEDGER) -> Store:
    """The ledger at a path: a file NAME.duckdb, or else a folder, the dataset. It is locked until it is closed.

    make: a new one where there is none. name: of the views by which queries read it, NAME_table.
    InputError where there is none, it is not whole, or another process has it.
    """
    if not make and (not path.exists() or (path.is_dir() and not any(path.iterdir()))):
        raise InputError(f"There is no ledger at {path}", "`camp plan … --ledger FILE.duckdb` begins one.")
    if path.is_dir() or (not path.exists() and path.suffix != SUFFIX):
        return Dataset(engine, path, name)
    return File(engine, path, name)
