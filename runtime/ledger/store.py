"""Where a ledger lies. A change is all there or not at all, and only one process at a time may make any."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from sqlglot import exp

from runtime.engines.base import BadFile, Engine
from runtime.errors import InputError
from runtime.relational.sql import col, table

SUFFIX, LEDGER = ".duckdb", "ledger"
CHANGED = "ledger_change"  # the rows that replace others


class Change(Protocol):
    """What is written together. No query may read a table that the same change has written to."""

    def prepare(self, name: str, columns: Mapping[str, str]) -> None:
        """The table is there with these columns; further ones are added to one that lacks them."""

    def append(self, name: str, query: exp.Query) -> None:
        """A query's rows, in the table's columns and their order."""

    def replace(self, name: str, query: exp.Query, key: Sequence[str]) -> None:
        """The same, in place of the rows that have the same key. `query` gives each key once."""

    def remove(self, name: str, rows: exp.Expr) -> None:
        """Without the rows for which a condition over the table's columns holds; where they are qualified, by its name."""


class Store(Protocol):
    path: Path
    engine: Engine

    @property
    def tables(self) -> Mapping[str, Mapping[str, str]]:
        """Each table with its columns."""

    def change(self) -> AbstractContextManager[Change]:
        """Committed where the block ends, and forgotten where it raises. InputError where it cannot be written."""

    def close(self) -> None: ...


def held(name: str, alias: str | None = None) -> exp.Expr:
    """A table of the ledger, as queries read it."""
    return table(f"{LEDGER}_{name}", alias)


def among(name: str, key: Sequence[str]) -> exp.Expr:
    """Whether a row of the table has the key of one that is about to be written."""
    same = [exp.EQ(this=col(one, "c"), expression=col(one, name)) for one in key]
    return exp.Exists(this=exp.select("1").from_(table(CHANGED, "c")).where(*same))


def broken(path: Path, why: str) -> InputError:
    help = "Nothing was written. Put the last copy of it in its place (`camp ledger export` makes them), and run again."
    return InputError(f"The ledger {path} is not whole: {why}", help)


def in_use(path: Path) -> InputError:
    help = "Wait until it has ended. Nothing was written, and nothing is lost: the same command goes on then."
    return InputError(f"Another camp command is using the ledger {path}", help)


def unwritable(path: Path, error: BadFile | OSError) -> InputError:
    why = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
    help = "Nothing was changed in it. Make room, and run the same command again."
    return InputError(f"The ledger {path} cannot be written: {why}", help)
