"""Engines, one file each: the only places that import one. `open_engine` loads the one that a program names."""

from __future__ import annotations

from runtime import stopping
from runtime.engines.base import Engine


def open_engine(name: str, memory: int | None = None) -> Engine:
    """memory: how many bytes the whole process may hold. InputError where that is too little for anything."""
    assert name == "duckdb", f"no engine is called {name}"
    from runtime.engines.duckdb import DuckDB

    engine = DuckDB(memory)
    stopping.watch(engine)
    return engine
