"""Engines, one file each: the only places that import one. `open_engine` loads the one that a program names."""

from __future__ import annotations

from runtime.engines.base import Engine


def open_engine(name: str, url: str | None = None, scratch: str | None = None) -> Engine:
    """url: of the cluster, scratch: a folder that all of its workers see: both for engines that have any."""
    if name == "spark":
        from runtime.engines.spark.engine import Spark

        return Spark(url, scratch)
    assert name == "duckdb", f"no engine is called {name}"
    from runtime.engines.duckdb import DuckDB

    return DuckDB()
