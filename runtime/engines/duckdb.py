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

from runtime.engines.base import BadFile, Busy, OfGroups, OfRows, Runs
from runtime.engines.memory import shared_out
from runtime.engines.reading import Reading
from runtime.engines.turns import turns
from runtime.engines.written import name_of, path_of, text_of
from runtime.errors import InputError
from runtime.stopping import whole

_KEPT = 32_000_000  # bytes that a thread has let go of and that the system does not get back at once


class DuckDB(Reading):
    """Rows keep the order of their files and of ORDER BY (preserve_insertion_order stays on: numbering relies on it)."""

    name = "duckdb"
    embedded = True

    def __init__(self, memory: int | None = None) -> None:
        shared = None if memory is None else shared_out(memory, os.cpu_count() or 1)
        self.share = shared.share if shared else None
        self._threads = shared.threads if shared else None
        super().__init__(memory)
        self._db.execute("SET TimeZone = 'UTC'")
        self._db.execute("SET enable_progress_bar = false")
        # What does not fit into memory holds phone numbers too: nobody else may read it, and it goes with the engine.
        try:
            self._spilled = TemporaryDirectory(prefix="camp-", ignore_cleanup_errors=True)
        except OSError as error:
            raise InputError(
                "No folder for what does not fit into memory can be made", "Make room, or set TMPDIR."
            ) from error
        self._db.execute(f"SET temp_directory = {text_of(self._spilled.name)}")
        if shared:
            self._db.execute(f"SET memory_limit = '{shared.engine}B'")
            self._db.execute(f"SET allocator_flush_threshold = '{_KEPT}B'")
            self.spread(None)
        self.room = Path(self._spilled.name)

    def create(self, name: str, query: exp.Expr) -> None:
        self._replace(name, f"CREATE OR REPLACE TEMP TABLE {name_of(name)} AS {self._sql(query)}")

    def view(self, name: str, query: exp.Expr) -> None:
        self._replace(name, f"CREATE OR REPLACE TEMP VIEW {name_of(name)} AS {self._sql(query)}")

    def append(self, name: str, query: exp.Expr) -> None:
        self._own(name)
        self._run(f"INSERT INTO {name_of(name)} {self._sql(query)}")

    def rename(self, name: str, to: str) -> None:
        self._own(name)
        self._drop(to)
        self._db.execute(f"ALTER TABLE {name_of(name)} RENAME TO {name_of(to)}")

    def drop(self, *names: str) -> None:
        self._drop(*names)

    def insert(self, name: str, columns: Mapping[str, str], rows: Sequence[Sequence[Any]]) -> None:
        if not rows:
            made = ", ".join(f"{name_of(column)} {type}" for column, type in columns.items())
            self._replace(name, f"CREATE OR REPLACE TEMP TABLE {name_of(name)} ({made})")
            return
        typed = ", ".join(f"CAST({name_of(one)} AS {type}) AS {name_of(one)}" for one, type in columns.items())
        self._db.register("__rows", arrow({column: [row[at] for row in rows] for at, column in enumerate(columns)}))
        self._replace(name, f"CREATE OR REPLACE TEMP TABLE {name_of(name)} AS SELECT {typed} FROM __rows")
        self._db.unregister("__rows")

    def keep(self, name: str, columns: Mapping[str, Any]) -> None:
        self._drop(name)
        self._lent[name] = lent = arrow(columns)
        self._db.register(name, lent)

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
        typed = ", ".join(f"CAST({name_of(one)} AS {type}) AS {name_of(one)}" for one, type in columns.items())
        for at, (low, high) in enumerate(among):
            pieces = [partial(self._piece, query, by, None if whole else (low, high)) for query in queries]
            kept = dict(kernel(np.arange(low, high), pieces))
            self._db.register("__columns", arrow(kept))
            rows = f"SELECT {typed} FROM __columns"
            if at:
                self._run(f"INSERT INTO {name_of(name)} {rows}")
            else:
                self._replace(name, f"CREATE OR REPLACE TEMP TABLE {name_of(name)} AS {rows}")
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
            self._db.execute(f"COPY ({self._sql(query)}) TO {text_of(str(path))} ({how})")
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
            self._db.execute(f"ATTACH {text_of(str(path))} AS {name_of(catalog)}{'' if change else ' (READ_ONLY)'}")
        except duckdb.Error as error:
            why = str(error).splitlines()[0]
            if "Could not set lock" in why or "already attached" in why:
                raise Busy(why) from error
            raise BadFile(why) from error

    def shut(self, catalog: str) -> None:
        with whole(), suppress(duckdb.Error):  # it is gone, or the engine is
            self._db.execute(f"DETACH {name_of(catalog)}")

    def inside(self, catalog: str) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        query = "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE database_name = ?"
        query += " AND schema_name = 'main'"
        for table, column, type in self._db.execute(f"{query} ORDER BY table_name, column_index", [catalog]).fetchall():
            found.setdefault(table, {})[column] = type
        return found

    def look(self, name: str, catalog: str, table: str) -> None:
        self._drop(name)
        there = f"{name_of(catalog)}.main.{name_of(table)}"
        query = "SELECT 1 FROM duckdb_tables() WHERE database_name = ? AND schema_name = 'main' AND table_name = ?"
        try:
            if self._db.execute(query, [catalog, table]).fetchall():
                self._db.execute(f"CREATE TEMP VIEW {name_of(name)} AS SELECT rowid + 1 AS __row, * FROM {there}")
            else:
                rows = f"SELECT row_number() OVER () AS __row, * FROM {there}"
                self._db.execute(f"CREATE TEMP TABLE {name_of(name)} AS {rows}")
        except duckdb.Error as error:
            raise BadFile(str(error).splitlines()[0]) from error

    def content(self, name: str) -> str:
        query = f"SELECT count(*), sum(CAST(hash(*COLUMNS(* EXCLUDE (__row))) AS HUGEINT)) FROM {name_of(name)}"
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
        shown = ", ".join(name_of(column) for column in columns)
        if paths:
            source = f"read_parquet([{', '.join(path_of(path) for path in paths)}], union_by_name = true)"
            missing = "".join(f", NULL::{type} AS {name_of(column)}" for column, type in columns.items())
            none = f"SELECT {missing[2:]} WHERE false"
            query = f"SELECT {shown} FROM ({none} UNION ALL BY NAME SELECT * FROM {source})"
        else:
            query = (
                "SELECT "
                + ", ".join(f"NULL::{type} AS {name_of(one)}" for one, type in columns.items())
                + " WHERE false"
            )
        self._run(f"CREATE OR REPLACE TEMP VIEW {name_of(name)} AS {query}")

    def spread(self, over: int | None) -> None:
        threads = self._threads if over is None else over
        self._db.execute("RESET threads" if threads is None else f"SET threads = {threads}")

    def plan(self, thoroughly: bool) -> None:
        self._db.execute(f"PRAGMA {'enable' if thoroughly else 'disable'}_optimizer")

    def count(self, name: str) -> int | None:
        if name in self._lent:
            return int(self._lent[name].num_rows)
        found = self._db.execute("SELECT estimated_size FROM duckdb_tables() WHERE table_name = ?", [name]).fetchall()
        return int(found[0][0]) if found else None

    def held(self) -> int | None:
        taken = "SELECT sum(memory_usage_bytes + temporary_storage_bytes) FROM duckdb_memory()"
        ((found,),) = self._db.execute(f"{taken} WHERE tag = 'IN_MEMORY_TABLE'").fetchall()
        return int(found) + sum(int(one.nbytes) for one in self._lent.values())

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


def arrow(columns: Mapping[str, Any]) -> Any:
    """A table of columns; a list of NumPy arrays is one of which each goes on where the one before it ends."""
    import numpy as np
    import pyarrow  # a fifth of a cold start, and whoever only reads does without

    parted = {
        name: pyarrow.chunked_array(one)
        for name, one in columns.items()
        if isinstance(one, list) and one and isinstance(one[0], np.ndarray)
    }
    runs = {name: _runs(one) for name, one in columns.items() if isinstance(one, Runs)}
    return pyarrow.table({**columns, **parted, **runs})


def _runs(of: Runs) -> Any:
    import numpy as np
    import pyarrow

    held = [(value, times) for value, times in of.of if times]
    ends = np.cumsum([times for _, times in held], dtype=np.int64)
    return pyarrow.RunEndEncodedArray.from_arrays(ends, pyarrow.array([value for value, _ in held], "int32"))
