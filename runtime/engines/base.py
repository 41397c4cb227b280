"""What the runtime asks of an engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from sqlglot import exp


class BadFile(Exception):
    """An input file that the engine cannot read, in words for whoever made it."""


class Engine(Protocol):
    """Tables live as long as the engine. Queries are sqlglot's; each engine writes its own dialect."""

    name: str

    def attach(self, name: str, path: Path) -> dict[str, str]:
        """Make a Parquet or CSV file readable as `name`, with its columns and their types. CSV columns are all VARCHAR.

        The extra column `__row` numbers the rows from 1 in the file's order. BadFile where it cannot be read.
        """

    def torn(self, name: str) -> list[tuple[int, str, str]]:
        """The lines of an attached CSV that are no rows: which, what stands there, and why."""

    def create(self, name: str, query: exp.Expr) -> None:
        """A table of a query's rows; one of that name is replaced."""

    def view(self, name: str, query: exp.Expr) -> None:
        """The same without a copy of the rows, for what is read once or twice. No table has that name."""

    def append(self, name: str, query: exp.Expr) -> None: ...

    def insert(self, name: str, columns: Mapping[str, str], rows: Sequence[Sequence[Any]]) -> None:
        """A table of some rows; one of that name is replaced. `columns`: name → SQL type."""

    def keep(self, name: str, columns: Mapping[str, Any]) -> None:
        """A new table of NumPy or Arrow columns."""

    def rows(self, query: exp.Expr) -> list[tuple[Any, ...]]: ...

    def arrays(self, query: exp.Expr) -> Mapping[str, Any]:
        """A result as NumPy arrays by column, in the query's order."""

    def write(self, query: exp.Expr, path: Path) -> None:
        """A result as a Parquet file, or as CSV by the name's end, in the query's order. OSError where it cannot be written."""

    def versions(self) -> dict[str, str]: ...

    def close(self) -> None: ...
