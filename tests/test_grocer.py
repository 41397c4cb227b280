"""A month of daily runs in one process over a real grocer's data, held against plain SQL; benchmarks/year.py runs the year."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from benchmarks import grocer, year
from runtime.verify import verify

DAYS = 30
pytestmark = pytest.mark.skipif(not grocer.SOURCE.is_dir(), reason="the grocer's data do not lie beside the repository")


def test_a_month_keeps_every_promise_and_counts_what_the_data_say(tmp_path: Path) -> None:
    grocer.make(tmp_path)
    program = year.compiled(tmp_path)
    year.run(tmp_path, DAYS, program)
    checks = verify(program, tmp_path / "l.duckdb", tmp_path / "data")
    assert [one.promise for one in checks if one.broken] == []
    assert sum(one.looked > 0 for one in checks) >= 10
    assert year.wrong(tmp_path, year.FIRST + timedelta(days=DAYS - 1)) == []
    found = {row[0]: row[1:] for row in year.funnel(tmp_path)}
    assert found["c26"][0] > 100 and found["monthly"][1] > 1_000 and found["large"][1] > 10
