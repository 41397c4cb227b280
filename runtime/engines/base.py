"""What the runtime asks of an engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from sqlglot import exp


class BadFile(Exception):
    """An input file that the engine cannot read, in words for whoever made it."""


class Busy(Exception):
    """Another process has it."""


class Engine(Protocol):
    """Tables live as long as the engine. Queries are sqlglot's; each engine writes its own dialect."""

    name: str
    share: int | None  # how many bytes of rows Python may hold at a time; None: as many as there are

    def attach(self, name: str, path: Path) -> dict[str, str]:
        """Make a Parquet or CSV file readable as `name`, with its columns and their types. CSV columns are all VARCHAR.

        The extra column `__row` numbers the rows from 1 in the file's order. BadFile where it cannot be read.
        """

    def torn(self, name: str) -> list[tuple[int, str, str]]:
        """The lines of an attached CSV that are no rows: which, what stands there, and why."""

    def create(self, name: str, query: exp.Expr) -> None:
        """A table of a query's rows; what has that name is replaced."""

    def view(self, name: str, query: exp.Expr) -> None:
        """The same without a copy of the rows, for what is read once or twice."""

    def append(self, name: str, query: exp.Expr) -> None: ...

    def insert(self, name: str, columns: Mapping[str, str], rows: Sequence[Sequence[Any]]) -> None:
        """A table of some rows; one of that name is replaced. `columns`: name → SQL type."""

    def keep(self, name: str, columns: Mapping[str, Any]) -> None:
        """A table of NumPy or Arrow columns; one of that name is replaced."""

    def rows(self, query: exp.Expr) -> list[tuple[Any, ...]]: ...

    def arrays(self, query: exp.Expr) -> Mapping[str, Any]:
        """A result as NumPy arrays by column, in the query's order."""

    def write(self, query: exp.Expr, path: Path) -> None:
        """A result as a Parquet file, or as CSV by the name's end, in the query's order. OSError where it cannot be written."""

    def run(self, statement: exp.Expr) -> None:
        """A statement that changes what `open` has opened."""

    def open(self, catalog: str, path: Path) -> None:
        """A database file of the engine's own kind, made where there is none, for this process alone until `shut`.

        BadFile where it cannot be read, Busy where another process has it.
        """

    def shut(self, catalog: str) -> None: ...

    def inside(self, catalog: str) -> dict[str, dict[str, str]]:
        """The tables of an opened database: name → column → SQL type."""

    def together(self) -> AbstractContextManager[None]:
        """Statements that all count where the block ends, and none where it raises. BadFile where they cannot be kept."""

    def gather(self, name: str, columns: Mapping[str, str], paths: Sequence[Path]) -> None:
        """A view of the rows of several Parquet files, in their order; a column that a file lacks is missing in its rows."""

    def spread(self, over: int | None) -> None:
        """How many threads a query may take; None: as many as there are processors. Few rows are done sooner by one."""

    def plan(self, thoroughly: bool) -> None:
        """Whether queries are made better before they run. Of a few rows that takes longer than running them as they stand."""

    def versions(self) -> dict[str, str]: ...

    def close(self) -> None: ...
