"""DuckDB, embedded."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
from sqlglot import exp

from runtime.engines import delimited, jsonlines
from runtime.engines.base import BadFile, Busy, OfGroups, OfRows, Part
from runtime.engines.connection import Connection
from runtime.engines.memory import shared_out
from runtime.engines.turns import turns
from runtime.errors import InputError
from runtime.stopping import whole

_KEPT = 32_000_000  # bytes that a thread has let go of and that the system does not get back at once
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

    def __init__(self, memory: int | None = None) -> None:
        shared = None if memory is None else shared_out(memory, os.cpu_count() or 1)
        self.share = shared.share if shared else None
        self._threads = shared.threads if shared else None
        self._db = Connection(memory)
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
        if shared:
            self._db.execute(f"SET memory_limit = '{shared.engine}B'")
            self._db.execute(f"SET allocator_flush_threshold = '{_KEPT}B'")
            self.spread(None)
        self.room = Path(self._spilled.name)
        self._torn: set[str] = set()
        self._torn_parts: dict[str, list[tuple[int, str, str]]] = {}

    def attach(self, name: str, path: Path) -> dict[str, str]:
        view = _name(name)
        self._drop(name, f"{name}_torn", f"{name}_scan")
        self._torn_parts.pop(name, None)
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

    def attach_parts(self, name: str, parts: Sequence[Part]) -> dict[str, str]:
        self._drop(name)
        self._torn_parts[name] = []
        if parts[0].path.suffix == ".csv":
            for part in parts:
                self._add(name, part)
        else:
            self._side_by_side(name, parts)
        found = self._db.execute(f"DESCRIBE {_name(name)}").fetchall()
        return {row[0]: row[1] for row in found if row[0] != "__row"}

    def _add(self, name: str, part: Part) -> None:
        """One more part of text, read as a file of its own, and its rows numbered behind those that are there."""
        one, keys = f"{name}_part", "".join(f", {_value(value)} AS {_name(key)}" for key, value in part.keys.items())
        columns = self.attach(one, part.path)
        self._torn_parts[name] += [(line, held, f"in {part.path.name}: {why}") for line, held, why in self.torn(one)]
        shown = "".join(f", {_name(column)}" for column in columns)
        try:
            before = self._db.execute(f"SELECT count(*) FROM {_name(name)}").fetchall()[0][0]
            into = f"INSERT INTO {_name(name)} BY NAME"
        except duckdb.CatalogException:
            before, into = 0, f"CREATE TEMP TABLE {_name(name)} AS"
        self._db.execute(f"{into} SELECT __row + {before} AS __row{shown}{keys} FROM {_name(one)}")
        self._drop(one, f"{one}_torn", f"{one}_scan")

    def _side_by_side(self, name: str, parts: Sequence[Part]) -> None:
        """A view over all of them. Where each begins, and what its folder says, is looked up by the number of the file."""
        files = ", ".join(_path(part.path) for part in parts)
        try:
            counts = self._db.execute(f"SELECT num_rows FROM parquet_file_metadata([{files}])").fetchall()
            before = [0]
            for (count,) in counts[:-1]:
                before.append(before[-1] + count)
            at = "[CAST(file_index AS BIGINT) + 1]"
            number = f"CAST(file_row_number + 1 + {before}{at} AS BIGINT) AS __row"
            keys = "".join(
                f", CAST([{', '.join(_value(part.keys[key]) for part in parts)}]{at} AS VARCHAR) AS {_name(key)}"
                for key in parts[0].keys
            )
            source = f"read_parquet([{files}], file_row_number = true, hive_partitioning = false)"
            shown = f"* EXCLUDE (file_row_number){keys}, {number}"
            self._db.execute(f"CREATE TEMP VIEW {_name(name)} AS SELECT {shown} FROM {source}")
        except duckdb.Error as error:
            raise BadFile(f"{parts[0].path.parent} cannot be read: {str(error).splitlines()[0]}") from error

    def columns(self, path: Path) -> dict[str, str]:
        try:
            if path.suffix == ".csv":
                return dict.fromkeys(delimited.columns(path)[0], "VARCHAR")
            source = f"read_parquet({_path(path)}, hive_partitioning = false)"
            return {row[0]: row[1] for row in self._db.execute(f"DESCRIBE FROM {source}").fetchall()}
        except (duckdb.Error, OSError) as error:
            raise BadFile(f"{path} cannot be read: {str(error).splitlines()[0]}") from error

    def stream(self, name: str, batches: Any) -> dict[str, str]:
        self._drop(name)
        self._db.register("__batches", batches)
        try:
            rows = "SELECT row_number() OVER () AS __row, * FROM __batches"
            self._db.execute(f"CREATE TEMP TABLE {_name(name)} AS {rows}")
        finally:
            self._db.unregister("__batches")
        found = self._db.execute(f"DESCRIBE {_name(name)}").fetchall()
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
        if name in self._torn_parts:
            return self._torn_parts[name]
        if name not in self._torn:
            return []
        found = (
            f"SELECT line, min(csv_line), min(error_message) FROM {_name(name + '_torn')} GROUP BY line ORDER BY line"
        )
        return [(line, text, why.splitlines()[0]) for line, text, why in self._db.execute(found).fetchall()]

    def _delimited(self, name: str, path: Path) -> str:
        names, mark = delimited.columns(path)
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
        found = self._run(self._sql(query))
        with self._db.fitting():
            return found.fetchall()

    def arrays(self, query: exp.Expr) -> Mapping[str, Any]:
        found = self._run(self._sql(query))
        with self._db.fitting():
            arrays: Mapping[str, Any] = found.fetchnumpy()
        return arrays

    def grouped(
        self,
        name: str,
        columns: Mapping[str, str],
        queries: Sequence[exp.Query],
        by: str,
        kernel: OfGroups,
        keys: exp.Query | None = None,
    ) -> None:
        """All groups at once, or by ranges of keys where memory is bounded. The keys are small and nearly all there, so that each
        is its own place."""
        import numpy as np  # a tenth of a second, and whoever asks about few customers does without

        last = self._last(by, [keys] if keys is not None else queries if self.share is not None else [])
        whole = self.share is None
        among = [(0, last + 1)] if whole else turns(self.rows, queries, by, last, len(columns), self.share or 0)
        typed = ", ".join(f"CAST({_name(one)} AS {type}) AS {_name(one)}" for one, type in columns.items())
        for at, (low, high) in enumerate(among):
            pieces = [partial(self._piece, query, by, None if whole else (low, high)) for query in queries]
            kept = dict(kernel(np.arange(low, high), pieces))
            self._db.register("__columns", _arrow(kept))
            rows = f"SELECT {typed} FROM __columns"
            if at:
                self._run(f"INSERT INTO {_name(name)} {rows}")
            else:
                self._replace(name, f"CREATE OR REPLACE TEMP TABLE {_name(name)} AS {rows}")
            self._db.unregister("__columns")

    def _last(self, by: str, queries: Sequence[exp.Query]) -> int:
        """The greatest key, -1 where there is none."""
        most = exp.Max(this=exp.column(by, quoted=True))
        found = [self.rows(exp.select(most.copy()).from_(query.copy().subquery("k")))[0][0] for query in queries]
        return max((one for one in found if one is not None), default=-1)

    def _piece(self, query: exp.Query, by: str, span: tuple[int, int] | None) -> Mapping[str, Any]:
        """The rows of a query, or of some keys of it, which are then counted from the first of them."""
        if span is None:
            return self.arrays(query)
        key, (low, high) = exp.column(by, quoted=True), span
        within = exp.Between(this=key, low=exp.Literal.number(low), high=exp.Literal.number(high - 1))
        mine = query.copy()
        order = mine.args.pop("order", None)
        if order is not None:  # by what need not be shown: the rows are cut where they are ordered
            mine = mine.where(within) if isinstance(mine, exp.Select) else mine
            mine.set("order", order)
        else:
            mine = exp.select("*").from_(mine.subquery("q")).where(within)
        found = dict(self.arrays(mine))
        found[by] = found[by] - low
        return found

    def mapped(self, name: str, columns: Mapping[str, str], query: exp.Expr, kernel: OfRows) -> None:
        self.insert(name, columns, list(kernel(self.rows(query))))

    def write(self, query: exp.Expr, path: Path) -> None:
        how = "FORMAT csv, HEADER" if path.suffix == ".csv" else "FORMAT parquet, COMPRESSION zstd"
        try:
            self._db.execute(f"COPY ({self._sql(query)}) TO {_text(str(path))} ({how})")
        except duckdb.IOException as error:
            raise OSError(0, str(error).splitlines()[0]) from error

    def write_batches(self, batches: Any, path: Path) -> None:
        """The rows of an Arrow reader as a file, a few at a time, in their order."""
        self._db.register("__batches", batches)
        try:
            self.write(exp.select("*").from_("__batches"), path)
        finally:
            self._db.unregister("__batches")

    def run(self, statement: exp.Expr) -> None:
        self._run(self._sql(statement))

    def open(self, catalog: str, path: Path, change: bool = True) -> None:
        try:
            self._db.execute(f"ATTACH {_text(str(path))} AS {_name(catalog)}{'' if change else ' (READ_ONLY)'}")
        except duckdb.Error as error:
            why = str(error).splitlines()[0]
            if "Could not set lock" in why or "already attached" in why:
                raise Busy(why) from error
            raise BadFile(why) from error

    def shut(self, catalog: str) -> None:
        with whole(), suppress(duckdb.Error):  # it is gone, or the engine is
            self._db.execute(f"DETACH {_name(catalog)}")

    def inside(self, catalog: str) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        query = "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE database_name = ?"
        query += " AND schema_name = 'main'"
        for table, column, type in self._db.execute(f"{query} ORDER BY table_name, column_index", [catalog]).fetchall():
            found.setdefault(table, {})[column] = type
        return found

    def look(self, name: str, catalog: str, table: str) -> None:
        self._drop(name)
        there = f"{_name(catalog)}.main.{_name(table)}"
        query = "SELECT 1 FROM duckdb_tables() WHERE database_name = ? AND schema_name = 'main' AND table_name = ?"
        try:
            if self._db.execute(query, [catalog, table]).fetchall():
                self._db.execute(f"CREATE TEMP VIEW {_name(name)} AS SELECT rowid + 1 AS __row, * FROM {there}")
            else:
                rows = f"SELECT row_number() OVER () AS __row, * FROM {there}"
                self._db.execute(f"CREATE TEMP TABLE {_name(name)} AS {rows}")
        except duckdb.Error as error:
            raise BadFile(str(error).splitlines()[0]) from error

    def content(self, name: str) -> str:
        query = f"SELECT count(*), sum(CAST(hash(*COLUMNS(* EXCLUDE (__row))) AS HUGEINT)) FROM {_name(name)}"
        ((count, total),) = self._run(query).fetchall()
        return f"{count} {total}"

    @contextmanager
    def together(self) -> Iterator[None]:
        self._db.execute("BEGIN")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException as error:
            with whole(), suppress(duckdb.Error):  # a commit that failed has rolled back already
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
        threads = self._threads if over is None else over
        self._db.execute("RESET threads" if threads is None else f"SET threads = {threads}")

    def plan(self, thoroughly: bool) -> None:
        self._db.execute(f"PRAGMA {'enable' if thoroughly else 'disable'}_optimizer")

    def count(self, name: str) -> int | None:
        found = self._db.execute("SELECT estimated_size FROM duckdb_tables() WHERE table_name = ?", [name]).fetchall()
        return int(found[0][0]) if found else None

    def held(self) -> int | None:
        taken = "SELECT sum(memory_usage_bytes + temporary_storage_bytes) FROM duckdb_memory()"
        ((found,),) = self._db.execute(f"{taken} WHERE tag = 'IN_MEMORY_TABLE'").fetchall()
        return int(found)

    def interrupt(self) -> None:
        with suppress(duckdb.Error):  # it is closed
            self._db.interrupt()

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


def _value(text: str | None) -> str:
    return "NULL" if text is None else _text(text)


def _path(path: Path) -> str:
    """A file's name as a text in which no character stands for others."""
    return _text("".join(f"[{char}]" if char in "*?[" else char for char in str(path)))
