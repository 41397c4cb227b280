"""DuckDB, embedded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from sqlglot import exp

from runtime.engines.base import BadFile


class DuckDB:
    """Rows keep the order of their files and of ORDER BY (preserve_insertion_order stays on: numbering relies on it)."""

    name = "duckdb"

    def __init__(self) -> None:
        self._db = duckdb.connect(":memory:")
        self._db.execute("SET TimeZone = 'UTC'")
        self._db.execute("SET enable_progress_bar = false")
        self._torn: set[str] = set()

    def attach(self, name: str, path: Path) -> dict[str, str]:
        file, view = _text(str(path)), _name(name)
        try:
            if path.suffix == ".csv":
                source = (
                    f"read_csv({file}, all_varchar = true, header = true, store_rejects = true,"
                    f" rejects_table = {_text(name + '_torn')}, rejects_scan = {_text(name + '_scan')}, rejects_limit = 10000)"
                )
                self._db.execute(f"CREATE TEMP TABLE {view} AS SELECT row_number() OVER () AS __row, * FROM {source}")
                self._torn.add(name)
            else:
                source = f"read_parquet({file}, file_row_number = true)"
                columns = "* EXCLUDE (file_row_number), file_row_number + 1 AS __row"
                self._db.execute(f"CREATE TEMP VIEW {view} AS SELECT {columns} FROM {source}")
            found = self._db.execute(f"DESCRIBE {view}").fetchall()
        except duckdb.Error as error:
            raise BadFile(f"{path} cannot be read: {str(error).splitlines()[0]}") from error
        return {row[0]: row[1] for row in found if row[0] != "__row"}

    def torn(self, name: str) -> list[tuple[int, str]]:
        if name not in self._torn:
            return []
        query = f"SELECT line, error_message FROM {_name(name + '_torn')} ORDER BY line"
        return [(int(line), str(message).splitlines()[0]) for line, message in self._db.execute(query).fetchall()]

    def create(self, name: str, query: exp.Expr) -> None:
        self._run(f"CREATE TEMP TABLE {_name(name)} AS {self._sql(query)}")

    def append(self, name: str, query: exp.Expr) -> None:
        self._run(f"INSERT INTO {_name(name)} {self._sql(query)}")

    def insert(self, name: str, columns: Mapping[str, str], rows: Sequence[Sequence[Any]]) -> None:
        self._db.execute(
            f"CREATE TEMP TABLE {_name(name)} ({', '.join(f'{_name(c)} {t}' for c, t in columns.items())})"
        )
        if rows:
            arrays = {column: [row[at] for row in rows] for at, column in enumerate(columns)}
            self._db.register("__rows", pa.table(arrays))
            self._db.execute(f"INSERT INTO {_name(name)} SELECT * FROM __rows")
            self._db.unregister("__rows")

    def keep(self, name: str, columns: Mapping[str, Any]) -> None:
        self._db.register("__columns", pa.table(dict(columns)))
        self._db.execute(f"CREATE TEMP TABLE {_name(name)} AS SELECT * FROM __columns")
        self._db.unregister("__columns")

    def rows(self, query: exp.Expr) -> list[tuple[Any, ...]]:
        return self._run(self._sql(query)).fetchall()

    def arrays(self, query: exp.Expr) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self._run(self._sql(query)).fetchnumpy()
        return found

    def write(self, query: exp.Expr, path: Path) -> None:
        self._run(f"COPY ({self._sql(query)}) TO {_text(str(path))} (FORMAT parquet, COMPRESSION zstd)")

    def versions(self) -> dict[str, str]:
        return {name: version(name) for name in ("duckdb", "sqlglot")}

    def close(self) -> None:
        self._db.close()

    def _sql(self, query: exp.Expr) -> str:
        return query.sql(dialect="duckdb")

    def _run(self, sql: str) -> duckdb.DuckDBPyConnection:
        try:
            return self._db.execute(sql)
        except (duckdb.IOException, duckdb.InvalidInputException, duckdb.SerializationException) as error:
            # A view over a file is read only now: a truncated Parquet file shows here.
            raise BadFile(f"An input file cannot be read to its end: {str(error).splitlines()[0]}") from error


def _name(name: str) -> str:
    return exp.to_identifier(name, quoted=True).sql(dialect="duckdb")


def _text(text: str) -> str:
    return exp.Literal.string(text).sql(dialect="duckdb")
