"""Files of every form → tables of DuckDB: Parquet, CSV and lines of JSON, alone or in parts, and batches of Arrow."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from runtime.engines import delimited, jsonlines
from runtime.engines.base import BadFile, Part
from runtime.engines.connection import Connection
from runtime.engines.written import name_of, path_of, text_of, value_of

_OF_FILES = (
    duckdb.IOException,
    duckdb.InvalidInputException,
    duckdb.SerializationException,
    duckdb.ConversionException,  # an instant in a file beyond the years that the engine knows
)


class Reading:
    """What of the engine reads files, and tells which of their lines are no rows."""

    def __init__(self, memory: int | None) -> None:
        self._db = Connection(memory)
        self._lent: dict[str, Any] = {}  # tables of Arrow that the engine reads where they lie
        self._torn: set[str] = set()
        self._torn_parts: dict[str, list[tuple[int, str, str]]] = {}

    def attach(self, name: str, path: Path) -> dict[str, str]:
        view = name_of(name)
        self._drop(name, f"{name}_torn", f"{name}_scan")
        self._torn_parts.pop(name, None)
        try:
            if path.suffix == ".csv":
                self._db.execute(f"CREATE TEMP TABLE {view} AS {self._delimited(name, path)}")
                self._whole(name, path)
            elif path.suffix == ".jsonl":
                self._lines(name, path)
            else:
                source = f"read_parquet({path_of(path)}, file_row_number = true, hive_partitioning = false)"
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
        found = self._db.execute(f"DESCRIBE {name_of(name)}").fetchall()
        return {row[0]: row[1] for row in found if row[0] != "__row"}

    def _add(self, name: str, part: Part) -> None:
        """One more part of text, read as a file of its own, and its rows numbered behind those that are there."""
        one, keys = (
            f"{name}_part",
            "".join(f", {value_of(value)} AS {name_of(key)}" for key, value in part.keys.items()),
        )
        columns = self.attach(one, part.path)
        self._torn_parts[name] += [(line, held, f"in {part.path.name}: {why}") for line, held, why in self.torn(one)]
        shown = "".join(f", {name_of(column)}" for column in columns)
        try:
            before = self._db.execute(f"SELECT count(*) FROM {name_of(name)}").fetchall()[0][0]
            into = f"INSERT INTO {name_of(name)} BY NAME"
        except duckdb.CatalogException:
            before, into = 0, f"CREATE TEMP TABLE {name_of(name)} AS"
        self._db.execute(f"{into} SELECT __row + {before} AS __row{shown}{keys} FROM {name_of(one)}")
        self._drop(one, f"{one}_torn", f"{one}_scan")

    def _side_by_side(self, name: str, parts: Sequence[Part]) -> None:
        """A view over all of them. Where each begins, and what its folder says, is looked up by the number of the file."""
        files = ", ".join(path_of(part.path) for part in parts)
        try:
            counts = self._db.execute(f"SELECT num_rows FROM parquet_file_metadata([{files}])").fetchall()
            before = [0]
            for (count,) in counts[:-1]:
                before.append(before[-1] + count)
            at = "[CAST(file_index AS BIGINT) + 1]"
            number = f"CAST(file_row_number + 1 + {before}{at} AS BIGINT) AS __row"
            keys = "".join(
                f", CAST([{', '.join(value_of(part.keys[key]) for part in parts)}]{at} AS VARCHAR) AS {name_of(key)}"
                for key in parts[0].keys
            )
            source = f"read_parquet([{files}], file_row_number = true, hive_partitioning = false)"
            shown = f"* EXCLUDE (file_row_number){keys}, {number}"
            self._db.execute(f"CREATE TEMP VIEW {name_of(name)} AS SELECT {shown} FROM {source}")
        except duckdb.Error as error:
            raise BadFile(f"{parts[0].path.parent} cannot be read: {str(error).splitlines()[0]}") from error

    def columns(self, path: Path) -> dict[str, str]:
        try:
            if path.suffix == ".csv":
                return dict.fromkeys(delimited.columns(path)[0], "VARCHAR")
            source = f"read_parquet({path_of(path)}, hive_partitioning = false)"
            return {row[0]: row[1] for row in self._db.execute(f"DESCRIBE FROM {source}").fetchall()}
        except (duckdb.Error, OSError) as error:
            raise BadFile(f"{path} cannot be read: {str(error).splitlines()[0]}") from error

    def stream(self, name: str, batches: Any) -> dict[str, str]:
        self._drop(name)
        self._db.register("__batches", batches)
        try:
            rows = "SELECT row_number() OVER () AS __row, * FROM __batches"
            self._db.execute(f"CREATE TEMP TABLE {name_of(name)} AS {rows}")
        finally:
            self._db.unregister("__batches")
        found = self._db.execute(f"DESCRIBE {name_of(name)}").fetchall()
        return {row[0]: row[1] for row in found if row[0] != "__row"}

    def torn(self, name: str) -> list[tuple[int, str, str]]:
        if name in self._torn_parts:
            return self._torn_parts[name]
        if name not in self._torn:
            return []
        found = (
            f"SELECT line, min(csv_line), min(error_message) FROM {name_of(name + '_torn')} GROUP BY line ORDER BY line"
        )
        return [(line, text, why.splitlines()[0]) for line, text, why in self._db.execute(found).fetchall()]

    def _delimited(self, name: str, path: Path) -> str:
        names, mark = delimited.columns(path)
        types = ", ".join(f"'c{at}': 'VARCHAR'" for at in range(len(names)))
        shown = ", ".join(f"c{at} AS {name_of(column)}" for at, column in enumerate(names))
        self._torn.add(name)
        return (
            f"SELECT row_number() OVER () AS __row, {shown} FROM read_csv({path_of(path)}, auto_detect = false,"
            f" columns = {{{types}}}, header = true, delim = {text_of(mark)}, quote = '\"', escape = '\"',"
            f" hive_partitioning = false, store_rejects = true, rejects_table = {text_of(name + '_torn')},"
            f" rejects_scan = {text_of(name + '_scan')}, rejects_limit = 0)"
        )

    def _lines(self, name: str, path: Path) -> None:
        held, torn = name_of(f"{name}_lines"), name_of(f"{name}_torn")
        self._db.execute(f"CREATE OR REPLACE TEMP TABLE {held} AS {jsonlines.lines(path_of(path))}")
        names = [found for (found,) in self._db.execute(jsonlines.keys(held)).fetchall()]
        columns = {text_of(jsonlines.pointer(one)): name_of(one) for one in names}
        self._db.execute(f"CREATE TEMP VIEW {name_of(name)} AS {jsonlines.rows(held, columns)}")
        why = f"SELECT __row AS line, line AS csv_line, 'it is no JSON object' AS error_message FROM {held}"
        self._db.execute(f"CREATE TEMP TABLE {torn} AS {why} WHERE NOT fine")
        self._torn.add(name)

    def _whole(self, name: str, path: Path) -> None:
        """A line of too many values is one bad line; a quote that nothing closes swallows the lines after it."""
        torn = "'TOO MANY COLUMNS', 'MISSING COLUMNS', 'INVALID ENCODING'"
        query = (
            f"SELECT line, error_message FROM {name_of(name + '_torn')} WHERE error_type NOT IN ({torn}) ORDER BY line"
        )
        found = self._db.execute(query).fetchone()
        if found:
            raise BadFile(f"{path} cannot be read from line {found[0]} on: {str(found[1]).splitlines()[0]}")

    def _replace(self, name: str, sql: str) -> None:
        """A view does not replace a table, nor a table a view."""
        self._own(name)  # the statement may read what it replaces
        try:
            self._run(sql)
        except duckdb.CatalogException as error:
            if "Existing object" not in str(error):
                raise
            self._drop(name)
            self._run(sql)

    def _own(self, name: str) -> None:
        """What is read where it lies becomes a table of the engine's."""
        if name in self._lent:
            self._db.execute(f"CREATE OR REPLACE TEMP TABLE __own AS SELECT * FROM {name_of(name)}")
            self._drop(name)
            self._db.execute(f"ALTER TABLE __own RENAME TO {name_of(name)}")

    def _drop(self, *names: str) -> None:
        for name in names:
            if self._lent.pop(name, None) is not None:
                self._db.unregister(name)
                continue
            try:
                self._db.execute(f"DROP VIEW IF EXISTS {name_of(name)}")
            except duckdb.CatalogException:  # it is a table
                self._db.execute(f"DROP TABLE {name_of(name)}")

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


def _unreadable(error: Exception) -> BadFile:
    return BadFile(f"An input file cannot be read to its end: {str(error).splitlines()[0]}")
