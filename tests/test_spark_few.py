"""Of a very small run no table is written for the workers; of a larger one each is, and none comes to the process that asks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlglot

from runtime.engines import open_engine
from runtime.engines.base import Engine
from tests.sparks import NEEDED, URL

pytestmark = NEEDED
COLUMNS = {"i": "BIGINT", "x": "VARCHAR", "t": "TIMESTAMP", "d": "DECIMAL(18,4)", "b": "BOOLEAN"}
ROWS = [(i, None if i % 2 else f"甲{i}", None, None, i > 2) for i in range(5)]


def query(text: str) -> Any:
    return sqlglot.parse_one(text, read="duckdb")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = open_engine("spark", url=URL, scratch=str(tmp_path / "scratch"))
    yield made
    made.close()


def written(tmp_path: Path) -> list[str]:
    """The tables in the scratch folder that have a file with rows."""
    return sorted({one.parent.name for one in (tmp_path / "scratch").glob("*/*/part-*.parquet")}, key=int)


def made(engine: Engine, tmp_path: Path) -> list[Any]:
    """A table of each kind that is kept, and their rows."""
    pq.write_table(pa.table({"i": list(range(5))}), tmp_path / "read.parquet")
    engine.attach("read", tmp_path / "read.parquet")
    engine.insert("w", COLUMNS, ROWS)
    engine.create("joined", query("SELECT w.*, CAST(NULL AS VARCHAR) AS n FROM w JOIN read ON w.i = read.i"))
    engine.create("none", query("SELECT * FROM joined WHERE i > 100"))
    engine.append("joined", query("SELECT i + 10, x, t, d, b, NULL FROM w"))
    engine.append("none", query("SELECT *, NULL FROM w WHERE i > 100"))
    engine.mapped("twice", {"i": "BIGINT"}, query("SELECT i FROM joined"), _twice)
    return [engine.rows(query(f"SELECT * FROM {name} ORDER BY i")) for name in ("joined", "none", "twice")]


def _twice(rows: Any) -> Any:
    return ((i * 2,) for (i,) in rows)


def test_a_small_run_writes_no_table(engine: Engine, tmp_path: Path) -> None:
    joined, none, twice = made(engine, tmp_path)
    assert joined == [(*row, None) for row in ROWS] + [(row[0] + 10, *row[1:], None) for row in ROWS]
    assert (none, twice) == ([], [(i * 2,) for i in (*range(5), *range(10, 15))])
    assert written(tmp_path) == []


def test_a_larger_run_writes_each_and_brings_none(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same rows, whatever they come from."""
    from runtime.engines.spark import few

    small = made(engine, tmp_path)
    monkeypatch.setattr(few, "HELD", 100)
    monkeypatch.setattr(few.Few, "hold", _brought)
    assert made(engine, tmp_path) == small
    assert len(written(tmp_path)) == 5  # three that are made, and what is added to two


def test_nothing_travels_to_be_joined_with_a_table_without_rows(engine: Engine) -> None:
    engine._few.end()  # type: ignore[attr-defined]  # each table is written
    engine.insert("w", COLUMNS, ROWS)
    engine.create("none", query("SELECT i FROM w WHERE i > 100"))
    engine.create("some", query("SELECT i FROM w WHERE i > 1"))
    for name, stages in (("none", 0), ("some", 1)):
        frame = engine._frame(query(f"SELECT count(*) FROM w JOIN {name} AS o ON o.i = w.i GROUP BY w.x"))  # type: ignore[attr-defined]
        plan = frame._jdf.queryExecution().optimizedPlan().toString()
        assert plan.count("Join") == stages and ("LocalRelation <empty>" in plan) is not bool(stages), plan
    engine.append("none", query("SELECT i FROM w WHERE i = 3"))
    assert engine.rows(query("SELECT i FROM none")) == [(3,)]


def _brought(self: Any, frame: Any) -> Any:
    raise AssertionError(f"a table is brought: {frame.columns}")


def test_a_table_is_added_to_from_itself(engine: Engine) -> None:
    engine.insert("w", {"i": "BIGINT"}, [(i,) for i in range(3)])
    for _ in range(2):
        engine.append("w", query("SELECT i + 10 FROM w"))
    found = sorted(i for (i,) in engine.rows(query("SELECT i FROM w")))
    assert found == [0, 1, 2, 10, 10, 11, 11, 12, 12, 20, 21, 22]


def test_a_table_has_another_name(engine: Engine) -> None:
    engine.insert("w", {"i": "BIGINT"}, [(1,)])
    engine.append("w", query("SELECT i + 1 FROM w"))
    engine.rename("w", "v")
    engine.create("w", query("SELECT i * 10 AS i FROM v"))
    engine.drop("none")
    assert sorted(engine.rows(query("SELECT * FROM v"))) == [(1,), (2,)]
    assert sorted(engine.rows(query("SELECT * FROM w"))) == [(10,), (20,)]


def test_no_table_is_held_after_one_with_many_rows(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A few bytes may become many rows."""
    from runtime.engines.spark import few

    monkeypatch.setattr(few, "ROWS", 10)
    engine.insert("w", {"i": "BIGINT"}, [(i,) for i in range(5)])
    engine.create("some", query("SELECT a.i FROM w AS a CROSS JOIN (SELECT 1 UNION ALL SELECT 2) AS b"))
    engine.create("many", query("SELECT a.i FROM w AS a CROSS JOIN w AS b"))
    assert written(tmp_path) == []
    engine.create("next", query("SELECT count(*) AS n FROM many"))
    assert engine.rows(query("SELECT * FROM next")) == [(25,)]
    assert len(written(tmp_path)) == 1
