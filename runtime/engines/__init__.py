"""Engines, one file each: the only places that import one. `open_engine` loads the one that a program names."""

from __future__ import annotations

from runtime import stopping
from runtime.engines.base import Engine


def open_engine(name: str) -> Engine:
    assert name == "duckdb", f"no engine is called {name}"
    from runtime.engines.duckdb import DuckDB

    engine = DuckDB()
    stopping.watch(engine)
    return engine
