"""DuckDB, embedded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
from sqlglot import exp

from runtime.engines import jsonlines
from runtime.engines.base import BadFile, Busy, OfGroups, OfRows
from runtime.engines.delimited import columns
from runtime.errors import InputError

_OF_FILES = (
    duckdb.IOException,
    duckdb.InvalidInputException,
    duckdb.SerializationException,
    duckdb.ConversionException,  # an instant in a file beyond the years that the engine knows
)


class DuckDB:
    """Rows keep the order of their files and of ORDER BY (preserve_insertion_order stays on: numbering relies on it)."""

    name = "duckdb"
    embedded = True

    def __init__(self) -> None:
        self._db = duckdb.connect(":memory:")
        self._db.execute("SET TimeZone = 'UTC'")
        self._db.execute("SET enable_progress_bar = false")
        # What does not fit into memory holds phone numbers too: nobody else may read it, and it goes with the engine.
        try:
            self._spilled = TemporaryDirectory(prefix="camp-", ignore_cleanup_errors=True)
        except OSError as error:
            raise InputError(
                "No folder for what does not fit into memory can be made", "Make room, or set TMPDIR."
            ) from error
        self._db.execute(f"SET temp_directory = {_text(self._spilled.name)}")
        self._torn: set[str] = set()

    def attach(self, name: str, path: Path) -> dict[str, str]:
        view = _name(name)
        self._drop(name, f"{name}_torn", f"{name}_scan")
        try:
            if path.suffix == ".csv":
                self._db.execute(f"CREATE TEMP TABLE {view} AS {self._delimited(name, path)}")
                self._whole(name, path)
            elif path.suffix == ".jsonl":
                self._lines(name, path)
            else:
                source = f"read_parquet({_path(path)}, file_row_number = true, hive_partitioning = false)"
                shown = "* EXCLUDE (file_row_number), file_row_number + 1 AS __row"
                self._db.execute(f"CREATE TEMP VIEW {view} AS SELECT {shown} FROM {source}")
            found = self._db.execute(f"DESCRIBE {view}").fetchall()
        except (duckdb.Error, OSError) as error:
            raise BadFile(f"{path} cannot be read: {str(error).splitlines()[0]}") from error
        return {row[0]: row[1] for row in found if row[0] != "__row"}

    def _replace(self, name: str, sql: str) -> None:
        """A view does not replace a table, nor a table a view."""
        try:
            self._run(sql)
        except duckdb.CatalogException as error:
            if "Existing object" not in str(error):
                raise
            self._drop(name)
            self._run(sql)

    def _drop(self, *names: str) -> None:
        for name in names:
            try:
                self._db.execute(f"DROP VIEW IF EXISTS {_name(name)}")
            except duckdb.CatalogException:  # it is a table
                self._db.execute(f"DROP TABLE {_name(name)}")

    def torn(self, name: str) -> list[tuple[int, str, str]]:
        if name not in self._torn:
            return []
        found = (
            f"SELECT line, min(csv_line), min(error_message) FROM {_name(name + '_torn')} GROUP BY line ORDER BY line"
        )
        return [(line, text, why.splitlines()[0]) for line, text, why in self._db.execute(found).fetchall()]

    def _delimited(self, name: str, path: Path) -> str:
        names, mark = columns(path)
        types = ", ".join(f"'c{at}': 'VARCHAR'" for at in range(len(names)))
        shown = ", ".join(f"c{at} AS {_name(column)}" for at, column in enumerate(names))
        self._torn.add(name)
        return (
            f"SELECT row_number() OVER () AS __row, {shown} FROM read_csv({_path(path)}, auto_detect = false,"
            f" columns = {{{types}}}, header = true, delim = {_text(mark)}, quote = '\"', escape = '\"',"
            f" hive_partitioning = false, store_rejects = true, rejects_table = {_text(name + '_torn')},"
            f" rejects_scan = {_text(name + '_scan')}, rejects_limit = 0)"
        )

    def _lines(self, name: str, path: Path) -> None:
        held, torn = _name(f"{name}_lines"), _name(f"{name}_torn")
        self._db.execute(f"CREATE OR REPLACE TEMP TABLE {held} AS {jsonlines.lines(_path(path))}")
        names = [found for (found,) in self._db.execute(jsonlines.keys(held)).fetchall()]
        columns = {_text(jsonlines.pointer(one)): _name(one) for one in names}
        self._db.execute(f"CREATE TEMP VIEW {_name(name)} AS {jsonlines.rows(held, columns)}")
        why = f"SELECT __row AS line, line AS csv_line, 'it is no JSON object' AS error_message FROM {held}"
        self._db.execute(f"CREATE TEMP TABLE {torn} AS {why} WHERE NOT fine")
        self._torn.add(name)

    def _whole(self, name: str, path: Path) -> None:
        """A line of too many values is one bad line; a quote that nothing closes swallows the lines after it."""
        torn = "'TOO MANY COLUMNS', 'MISSING COLUMNS', 'INVALID ENCODING'"
        query = (
            f"SELECT line, error_message FROM {_name(name + '_torn')} WHERE error_type NOT IN ({torn}) ORDER BY line"
        )
        found = self._db.execute(query).fetchone()
        if found:
            raise BadFile(f"{path} cannot be read from line {found[0]} on: {str(found[1]).splitlines()[0]}")

    def create(self, name: str, query: exp.Expr) -> None:
        self._replace(name, f"CREATE OR REPLACE TEMP TABLE {_name(name)} AS {self._sql(query)}")

    def view(self, name: str, query: exp.Expr) -> None:
        self._replace(name, f"CREATE OR REPLACE TEMP VIEW {_name(name)} AS {self._sql(query)}")

    def append(self, name: str, query: exp.Expr) -> None:
        self._run(f"INSERT INTO {_name(name)} {self._sql(query)}")

    def insert(self, name: str, columns: Mapping[str, str], rows: Sequence[Sequence[Any]]) -> None:
        if not rows:
            made = ", ".join(f"{_name(column)} {type}" for column, type in columns.items())
            self._replace(name, f"CREATE OR REPLACE TEMP TABLE {_name(name)} ({made})")
            return
        typed = ", ".join(f"CAST({_name(one)} AS {type}) AS {_name(one)}" for one, type in columns.items())
        self._db.register("__rows", _arrow({column: [row[at] for row in rows] for at, column in enumerate(columns)}))
        self._replace(name, f"CREATE OR REPLACE TEMP TABLE {_name(name)} AS SELECT {typed} FROM __rows")
        self._db.unregister("__rows")

    def keep(self, name: str, columns: Mapping[str, Any]) -> None:
        self._db.register("__columns", _arrow(dict(columns)))
        self._db.execute(f"CREATE OR REPLACE TEMP TABLE {_name(name)} AS SELECT * FROM __columns")
        self._db.unregister("__columns")

    def rows(self, query: exp.Expr) -> list[tuple[Any, ...]]:
        return self._run(self._sql(query)).fetchall()

    def arrays(self, query: exp.Expr) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self._run(self._sql(query)).fetchnumpy()
        return found

    def grouped(
        self,
        name: str,
        columns: Mapping[str, str],
        queries: Sequence[exp.Query],
        by: str,
        kernel: OfGroups,
        keys: exp.Query | None = None,
    ) -> None:
        """All groups at once. The numbers are small and nearly all there, so each is its own place."""
        import numpy as np  # a tenth of a second, and whoever asks about few customers does without

        last = -1
        if keys is not None:
            ((found,),) = self.rows(exp.select(exp.Max(this=exp.column(by, quoted=True))).from_(keys.subquery("k")))
            last = last if found is None else found
        kept = kernel(np.arange(last + 1), [partial(self.arrays, query) for query in queries])
        typed = ", ".join(f"CAST({_name(one)} AS {type}) AS {_name(one)}" for one, type in columns.items())
        self._db.register("__columns", _arrow(dict(kept)))
        self._replace(name, f"CREATE OR REPLACE TEMP TABLE {_name(name)} AS SELECT {typed} FROM __columns")
        self._db.unregister("__columns")

    def mapped(self, name: str, columns: Mapping[str, str], query: exp.Expr, kernel: OfRows) -> None:
        self.insert(name, columns, list(kernel(self.rows(query))))

    def write(self, query: exp.Expr, path: Path) -> None:
        how = "FORMAT csv, HEADER" if path.suffix == ".csv" else "FORMAT parquet, COMPRESSION zstd"
        try:
            self._db.execute(f"COPY ({self._sql(query)}) TO {_text(str(path))} ({how})")
        except duckdb.IOException as error:
            raise OSError(0, str(error).splitlines()[0]) from error

    def stream(self, batches: Any, path: Path) -> None:
        """The rows of an Arrow reader as a file, a few at a time, in their order."""
        self._db.register("__batches", batches)
        try:
            self.write(exp.select("*").from_("__batches"), path)
        finally:
            self._db.unregister("__batches")

    def run(self, statement: exp.Expr) -> None:
        self._run(self._sql(statement))

    def open(self, catalog: str, path: Path) -> None:
        try:
            self._db.execute(f"ATTACH {_text(str(path))} AS {_name(catalog)}")
        except duckdb.Error as error:
            why = str(error).splitlines()[0]
            if "Could not set lock" in why or "already attached" in why:
                raise Busy(why) from error
            raise BadFile(why) from error

    def shut(self, catalog: str) -> None:
        with suppress(duckdb.Error):  # it is gone, or the engine is
            self._db.execute(f"DETACH {_name(catalog)}")

    def inside(self, catalog: str) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        query = "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE database_name = ?"
        for table, column, type in self._db.execute(f"{query} ORDER BY table_name, column_index", [catalog]).fetchall():
            found.setdefault(table, {})[column] = type
        return found

    @contextmanager
    def together(self) -> Iterator[None]:
        self._db.execute("BEGIN")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException as error:
            with suppress(duckdb.Error):  # a commit that failed has rolled back already
                self._db.execute("ROLLBACK")
            if isinstance(error, duckdb.Error):
                raise BadFile(str(error).splitlines()[0]) from error
            raise

    def gather(self, name: str, columns: Mapping[str, str], paths: Sequence[Path]) -> None:
        shown = ", ".join(_name(column) for column in columns)
        if paths:
            source = f"read_parquet([{', '.join(_path(path) for path in paths)}], union_by_name = true)"
            missing = "".join(f", NULL::{type} AS {_name(column)}" for column, type in columns.items())
            none = f"SELECT {missing[2:]} WHERE false"
            query = f"SELECT {shown} FROM ({none} UNION ALL BY NAME SELECT * FROM {source})"
        else:
            query = (
                "SELECT " + ", ".join(f"NULL::{type} AS {_name(one)}" for one, type in columns.items()) + " WHERE false"
            )
        self._run(f"CREATE OR REPLACE TEMP VIEW {_name(name)} AS {query}")

    def spread(self, over: int | None) -> None:
        self._db.execute("RESET threads" if over is None else f"SET threads = {over}")

    def plan(self, thoroughly: bool) -> None:
        self._db.execute(f"PRAGMA {'enable' if thoroughly else 'disable'}_optimizer")

    def versions(self) -> dict[str, str]:
        return {name: version(name) for name in ("duckdb", "sqlglot")}

    def close(self) -> None:
        self._db.close()
        self._spilled.cleanup()

    def _sql(self, query: exp.Expr) -> str:
        return query.sql(dialect="duckdb", copy=False)  # nobody builds on a query that has run

    def _run(self, sql: str) -> duckdb.DuckDBPyConnection:
        # A view over a file is read only now: what is broken inside of a Parquet file shows here.
        try:
            return self._db.execute(sql)
        except _OF_FILES as error:
            raise _unreadable(error) from error
        except duckdb.Error as error:
            if type(error) is not duckdb.Error:
                raise  # a mistake of ours; without a kind of its own it comes from the library that reads the file
            raise _unreadable(error) from error


def _arrow(columns: Mapping[str, Any]) -> Any:
    import pyarrow  # a fifth of a cold start, and whoever only reads does without

    return pyarrow.table(columns)


def _unreadable(error: Exception) -> BadFile:
    return BadFile(f"An input file cannot be read to its end: {str(error).splitlines()[0]}")


def _name(name: str) -> str:
    return exp.to_identifier(name, quoted=True).sql(dialect="duckdb")


def _text(text: str) -> str:
    return exp.Literal.string(text).sql(dialect="duckdb")


def _path(path: Path) -> str:
    """A file's name as a text in which no character stands for others."""
    return _text("".join(f"[{char}]" if char in "*?[" else char for char in str(path)))
