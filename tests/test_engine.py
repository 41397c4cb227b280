"""The engine's own promises: what it writes and leaves behind, and how it tells that it could not."""

from __future__ import annotations

import stat
from decimal import Decimal
from pathlib import Path

import pytest
from sqlglot import exp

from runtime.engines import open_engine
from runtime.relational.sql import table


def test_a_file_that_cannot_be_written_is_an_error_of_the_system(tmp_path: Path) -> None:
    engine = open_engine("duckdb")
    engine.insert("rows", {"n": "INTEGER"}, [(1,)])
    with pytest.raises(OSError, match="none/rows.parquet"):
        engine.write(exp.select("n").from_(table("rows")), tmp_path / "none" / "rows.parquet")
    engine.close()


def test_what_does_not_fit_into_memory_is_its_owners_alone_and_goes_with_the_engine() -> None:
    engine = open_engine("duckdb")
    ((spilled,),) = engine.rows(exp.select("current_setting('temp_directory')"))
    assert stat.S_IMODE(Path(spilled).stat().st_mode) == 0o700 and Path(spilled) != Path.cwd() / ".tmp"
    engine._run("SET memory_limit = '40MB'")  # type: ignore[attr-defined]
    engine._run("CREATE TEMP TABLE big AS SELECT range AS n, hash(range)::VARCHAR AS t FROM range(3000000)")  # type: ignore[attr-defined]
    assert list(Path(spilled).iterdir())
    engine.close()
    assert not Path(spilled).exists()


def test_rows_come_back_as_they_were_put_in() -> None:
    engine = open_engine("duckdb")
    rows = [
        (1, "a'b", Decimal("1.50"), None),
        (2, "王\n🔥", Decimal("-9999999999999999.99"), True),
        (3, "", None, False),
    ]
    engine.insert("rows", {"n": "INTEGER", "t": "VARCHAR", "m": "DECIMAL(18,2)", "order": "BOOLEAN"}, rows)
    assert engine.rows(exp.select("*").from_(table("rows")).order_by("n")) == rows
    engine.close()
