"""A table of arrays that the embedded engine reads where they lie behaves as any other table."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from sqlglot import exp

from runtime.engines.base import Runs
from runtime.engines.duckdb import DuckDB
from runtime.relational.sql import table


@pytest.fixture
def engine() -> Iterator[DuckDB]:
    made = DuckDB()
    made.keep(
        "lent", {"id": [np.array([4, 5], np.int32), np.array([9], np.int32)], "n": Runs([(7, 2), (8, 0), (6, 1)])}
    )
    yield made
    made.close()


def held(engine: DuckDB, name: str) -> list[tuple[object, ...]]:
    return engine.rows(exp.select("id", "n").from_(table(name)))


ROWS = [(4, 7), (5, 7), (9, 6)]


def test_pieces_and_runs_are_rows_in_their_order(engine: DuckDB) -> None:
    assert held(engine, "lent") == ROWS
    assert engine.count("lent") == 3
    assert (engine.held() or 0) > 0


def test_it_is_added_to(engine: DuckDB) -> None:
    engine.append("lent", exp.select("id", "n").from_(table("lent")).where("id > 4"))
    assert held(engine, "lent") == [*ROWS, (5, 7), (9, 6)]


def test_it_is_renamed_and_the_old_name_is_free(engine: DuckDB) -> None:
    engine.rename("lent", "other")
    engine.keep("lent", {"id": np.array([1], np.int32), "n": Runs([(2, 1)])})
    assert (held(engine, "other"), held(engine, "lent")) == (ROWS, [(1, 2)])


def test_it_is_replaced_by_what_is_made_of_it(engine: DuckDB) -> None:
    engine.create("lent", exp.select("id", "n").from_(table("lent")).where("n = 7"))
    assert held(engine, "lent") == ROWS[:2]


def test_dropped_it_is_gone(engine: DuckDB) -> None:
    before = engine.held() or 0
    engine.drop("lent")
    assert engine.count("lent") is None and (engine.held() or 0) < before
