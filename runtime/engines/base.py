"""What the runtime asks of an engine."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from sqlglot import exp


class BadFile(Exception):
    """An input file that the engine cannot read, in words for whoever made it."""


class Busy(Exception):
    """Another process has it."""


@dataclass(frozen=True)
class Part:
    """A file of a table in many files. keys: what its folder says of its rows, as columns of text."""

    path: Path
    keys: Mapping[str, str | None] = field(default_factory=dict)


Arrays = Mapping[str, Any]  # NumPy arrays by column
Rows = Iterable[tuple[Any, ...]]
# The keys, and the arrays of each query in its order, made when they are asked for; there a key is its place among the keys.
OfGroups = Callable[[Any, Sequence[Callable[[], Arrays]]], Mapping[str, Any]]
OfRows = Callable[[Rows], Rows]


@dataclass(frozen=True)
class Runs:
    """A column of whole numbers, each of which stands so many times in a row."""

    of: list[tuple[int, int]]


class Engine(Protocol):
    """Tables live as long as the engine. Queries are sqlglot's; each engine writes its own dialect.

    embedded: what it gives as arrays lies in this process, so that millions of numbers may be asked for.
    """

    name: str
    embedded: bool
    share: int | None  # how many bytes of rows Python may hold at a time; None: as many as there are
    room: Path  # a private folder that goes with the engine

    def attach(self, name: str, path: Path) -> dict[str, str]:
        """Make a Parquet or CSV file readable as `name`, with its columns and their types. CSV columns are all VARCHAR.

        The extra column `__row` numbers the rows from 1 in the file's order. BadFile where it cannot be read.
        """

    def attach_parts(self, name: str, parts: Sequence[Part]) -> dict[str, str]:
        """The same of many files of one form and with the same columns; `__row` numbers through all of them, in their order."""

    def columns(self, path: Path) -> dict[str, str]:
        """The columns of a file that `attach` takes, and their types. BadFile where it cannot be read."""

    def stream(self, name: str, batches: Any) -> dict[str, str]:
        """A table of Arrow batches, read one after the other, with its columns; `__row` numbers the rows as they come."""

    def torn(self, name: str) -> list[tuple[int, str, str]]:
        """The lines of an attached CSV that are no rows: which, what stands there, and why."""

    def create(self, name: str, query: exp.Expr) -> None:
        """A table of a query's rows; what has that name is replaced."""

    def view(self, name: str, query: exp.Expr) -> None:
        """The same without a copy of the rows, for what is read once or twice."""

    def append(self, name: str, query: exp.Expr) -> None: ...

    def rename(self, name: str, to: str) -> None:
        """A table under another name; what has that name is replaced. Views over it have to be made anew."""

    def drop(self, *names: str) -> None:
        """Tables and views that nobody asks for any more, and that leave room to others. Those that are not there are fine."""

    def insert(self, name: str, columns: Mapping[str, str], rows: Sequence[Sequence[Any]]) -> None:
        """A table of some rows; one of that name is replaced. `columns`: name → SQL type."""

    def keep(self, name: str, columns: Mapping[str, Any]) -> None:
        """A table of NumPy or Arrow columns, of lists of NumPy arrays that follow one another, or of runs. They may stay where
        they are. It replaces another."""

    def rows(self, query: exp.Expr) -> list[tuple[Any, ...]]: ...

    def arrays(self, query: exp.Expr) -> Mapping[str, Any]:
        """A result as NumPy arrays by column, in the query's order."""

    def grouped(
        self,
        name: str,
        columns: Mapping[str, str],
        queries: Sequence[exp.Query],
        by: str,
        kernel: OfGroups,
        keys: exp.Query | None = None,
    ) -> None:
        """A table of what a kernel makes of several queries. Rows that are alike in `by`, a whole number, come together, those
        of other numbers with them or at another time and place: a kernel keeps nothing from one call to the next.

        columns: name → SQL type of what it gives. keys: a query of the numbers that have to come even where no query has them.
        """

    def mapped(self, name: str, columns: Mapping[str, str], query: exp.Expr, kernel: OfRows) -> None:
        """A table of what a kernel makes of a query's rows, a part of them at a time. `columns`: name → SQL type."""

    def write(self, query: exp.Expr, path: Path) -> None:
        """A result as a Parquet file, or as CSV by the name's end, in the query's order. OSError where it cannot be written."""

    def run(self, statement: exp.Expr) -> None:
        """A statement that changes what `open` has opened."""

    def open(self, catalog: str, path: Path, change: bool = True) -> None:
        """A database file of the engine's own kind, made where there is none, for this process alone until `shut`.

        change: without, it is only read, as others may at the same time.
        BadFile where it cannot be read, Busy where another process has it.
        """

    def shut(self, catalog: str) -> None: ...

    def inside(self, catalog: str) -> dict[str, dict[str, str]]:
        """The tables of an opened database: name → column → SQL type."""

    def look(self, name: str, catalog: str, table: str) -> None:
        """One of them under a name of its own, its rows numbered in `__row`. BadFile where it cannot be read.

        A table is read where it is; a view is written down once, since only then its rows have numbers.
        """

    def content(self, name: str) -> str:
        """What changes with the rows of a table, whatever order they come in: their number, and the sum of their hashes."""

    def together(self) -> AbstractContextManager[None]:
        """Statements that all count where the block ends, and none where it raises. BadFile where they cannot be kept."""

    def gather(self, name: str, columns: Mapping[str, str], paths: Sequence[Path]) -> None:
        """A view of the rows of several Parquet files, in their order; a column that a file lacks is missing in its rows."""

    def spread(self, over: int | None) -> None:
        """How many threads a query may take; None: as many as there are processors. Few rows are done sooner by one."""

    def plan(self, thoroughly: bool) -> None:
        """Whether queries are made better before they run. Of a few rows that takes longer than running them as they stand."""

    def count(self, name: str) -> int | None:
        """The rows of a table, where they are known without a look at them."""

    def held(self) -> int | None:
        """The bytes that all tables take, in memory or beside it, where the engine can tell."""

    def interrupt(self) -> None:
        """Have the query that runs fail soon; called from another thread. Nothing where none runs."""

    def versions(self) -> dict[str, str]: ...

    def close(self) -> None: ...
