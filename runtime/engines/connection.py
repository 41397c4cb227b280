"""DuckDB's connection, telling what does not fit into memory, or beside it, in words for whoever gave it that little."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import duckdb

from runtime.engines.memory import MB
from runtime.errors import InputError


class Connection:
    def __init__(self, memory: int | None) -> None:
        self._db, self._memory = duckdb.connect(":memory:"), memory
        self.register, self.unregister, self.close = self._db.register, self._db.unregister, self._db.close
        self.interrupt = self._db.interrupt

    def execute(self, sql: str, values: Sequence[Any] | None = None) -> duckdb.DuckDBPyConnection:
        with self.fitting():
            return self._db.execute(sql, values)

    @contextmanager
    def fitting(self) -> Iterator[None]:
        """For what is fetched of a result too: some of it is made only then."""
        try:
            yield
        except duckdb.OutOfMemoryException as error:
            if "max_temp_directory_size" in str(error):
                help = "Make room, or set TMPDIR."
                raise InputError("What does not fit into memory does not fit onto the disk either", help) from error
            if self._memory is None:
                message = "The work does not fit into the memory of this machine"
                raise InputError(message, "Take a larger one.") from error
            message = f"The work does not fit into {self._memory // MB:,} MB of memory"
            raise InputError(message, "Allow more with --memory.") from error
