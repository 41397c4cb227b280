"""Engines, one file each: the only places that import one. `open_engine` loads the one that a program names."""

from __future__ import annotations

from runtime import stopping
from runtime.engines.base import Engine


def open_engine(name: str, memory: int | None = None, url: str | None = None, scratch: str | None = None) -> Engine:
    """InputError where it cannot be had.

    memory: how many bytes the whole process may hold. url: of the cluster, scratch: a folder that all of its workers see.
    """
    if name == "spark":
        from runtime.engines.spark.engine import Spark

        engine: Engine = Spark(url, scratch)
        stopping.watch(engine)
        return engine
    assert name == "duckdb", f"no engine is called {name}"
    from runtime.engines.duckdb import DuckDB

    engine = DuckDB(memory)
    stopping.watch(engine)
    return engine
