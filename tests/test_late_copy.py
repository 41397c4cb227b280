"""Copy is written out for what is sent, and before caps only where something may refuse the text or a budget counts it."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from sqlglot import exp

from runtime.execute import Run, execute
from runtime.relational import refusable
from runtime.relational.sql import table
from tests.agree.compare import Case, make

MIXED = 3_215  # texts of every sort: some are asked for before, some that nothing refuses are held back by caps
LONG = 3_066  # some texts are too long


def ran(case: Case, folder: str) -> Run:
    case.world.write(case.program, Path(folder))
    return execute(case.program, Path(folder), case.at, case.horizon)


def ids(run: Run, name: str, where: str = "true") -> set[int]:
    return {r for (r,) in run.engine.rows(exp.select("r").from_(table(name)).where(where))}


def test_nothing_is_written_out_that_is_neither_sent_nor_asked_for_before() -> None:
    with tempfile.TemporaryDirectory() as folder:
        run = ran(make(MIXED, customers=25), folder)
    texts, urgent, waiting = ids(run, "texts"), ids(run, "urgent"), ids(run, "gated", "outcome IS NULL")
    kept_back = ids(run, "capped") | ids(run, "held")
    assert texts == urgent | (waiting - kept_back)
    assert not ids(run, "texts", "reason IS NOT NULL") - urgent
    assert waiting - texts and urgent and texts - urgent  # all are met
    run.engine.close()


def test_a_bound_that_is_too_small_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_fits", "_known"):
        monkeypatch.setattr(refusable, name, lambda *given: True)
    monkeypatch.setattr(refusable, "suspicion", lambda *given: exp.false())
    with tempfile.TemporaryDirectory() as folder, pytest.raises(AssertionError, match="nothing should refuse"):
        ran(make(LONG, customers=25), folder)


def test_what_nobody_asks_for_again_leaves_room(tmp_path: Path) -> None:
    """A run without a ledger is the last that asks."""
    run = ran(make(MIXED, customers=25), str(tmp_path))
    there = {name for name in run.loaded.events if run.engine.count(f"read_{name}") is not None}
    assert run.loaded.events and not there
    assert all(run.engine.count(name) is None for name in ("reached", "variables", "written", "rendered"))
    assert run.engine.count("gated") and run.engine.count("texts")
    run.engine.close()
