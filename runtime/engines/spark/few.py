"""A run over little: what a table costs then is its query and its job, not its rows.

Few rows are neither cut into parts nor compiled for, and a kept table of a very small run is held by the asking process and goes
with each query that reads it: no file is written, Spark works out by itself what only picks from it, and drops what joins with
a table that is empty. Behind Spark Connect the virtual machine is elsewhere, and tables are written.

What comes here is bounded twice. Once the input is larger than HELD, or a table had more than ROWS rows, every further table is
written to the scratch folder.
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
        self._machine = getattr(session, "_jsparkSession", None)  # none here behind Spark Connect
        self.held = self._machine is not None  # tables are held here, and not written
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
        """The rows of a query, which is run now. They stay in the virtual machine that asks."""
        assert self._machine is not None
        rows, schema = frame._jdf.collectAsList(), frame._jdf.schema()
        self.held = rows.size() <= ROWS
        return type(frame)(self._machine.createDataFrame(rows, schema), self._session)

    def _set(self, settings: dict[str, str]) -> None:
        for name, value in settings.items():
            self._session.conf.set(name, value)
