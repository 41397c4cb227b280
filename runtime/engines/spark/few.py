"""A run over little: what a table costs then is its query and its job, not its rows.

Few rows are neither cut into parts nor compiled for, and a kept table of a very small run is held by the asking process and goes
with each query that reads it: no file is written, Spark works out by itself what only picks from it, and drops what joins with
a table that is empty. What comes here is bounded twice. Once the input is larger than HELD, or a table had more than ROWS rows,
every further table is written to the scratch folder.
"""

from __future__ import annotations

from typing import Any

SMALL = 16_000_000  # bytes: a file of more is not for one worker
HELD = 1_000_000  # bytes of all files together; with more, no table of a run comes to this process
ROWS = 100_000
SETTINGS = {
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}


class Few:
    """Whether a run is still small. It is until something large is read, and never again after that."""

    def __init__(self, session: Any) -> None:
        self._session = session
        self._large = {name: session.conf.get(name) for name in SETTINGS}
        self._bytes = 0
        self.held = True  # tables are held here, and not written
        self._set(SETTINGS)

    def read(self, size: int) -> None:
        """A file of so many bytes is one more input."""
        self._bytes += size
        if size > SMALL:
            self.end()
        self.held = self.held and self._bytes <= HELD

    def end(self) -> None:
        """Something of any size is read."""
        self.held = False
        self._set(self._large)

    def hold(self, frame: Any) -> Any:
        """The rows of a query, which is run now. They stay in the virtual machine that asks where there is one here."""
        machine = getattr(self._session, "_jsparkSession", None)
        if machine is None:
            found, schema = frame.toArrow(), frame.schema
            number, made = found.num_rows, self._session.createDataFrame(found, schema)
        else:
            rows, schema = frame._jdf.collectAsList(), frame._jdf.schema()
            number, made = rows.size(), type(frame)(machine.createDataFrame(rows, schema), self._session)
        self.held = number <= ROWS
        return made

    def _set(self, settings: dict[str, str]) -> None:
        for name, value in settings.items():
            self._session.conf.set(name, value)
