"""One run after another: the same inputs, the next day, and a run that fails midway."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import runtime.publish
from runtime.engines.duckdb import DuckDB
from runtime.publish import FILES
from tests.banks import csv
from tests.plans import AT, camp, held, make, plan, table


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    return make(tmp_path)


def test_the_same_inputs_give_the_same_bytes(bank: Path) -> None:
    plan(bank)
    before = held(bank / "out")
    plan(bank)
    plan(bank, out="elsewhere/new")
    assert held(bank / "out") == held(bank / "elsewhere/new") == before
    assert not list(bank.glob(".out*"))


def test_the_run_id_names_the_inputs(bank: Path) -> None:
    def run_id(at: str = AT, *more: Any) -> str:
        assert plan(bank, *more, at=at).exit_code == 0
        found: str = json.loads((bank / "out/summary.json").read_text(encoding="utf-8"))["run_id"]
        return found

    first = run_id()
    assert run_id("2026-03-04T01:00Z") == first  # the same instant
    others = [run_id("2026-03-05T09:00+08:00", "--for", "6d"), run_id(AT, "--for", "6d")]  # the first ends when 7d do
    csv(bank / "data/events/view.csv", "customer,at,page")
    others.append(run_id())
    assert len({first, *others}) == 4


def test_a_projects_folder_is_its_program(bank: Path) -> None:
    plan(bank)
    result = camp("plan", bank / "bank", "--at", AT, "-o", bank / "two")
    assert result.exit_code == 0, result.output
    assert held(bank / "two") == held(bank / "out")


def test_a_day_later_nothing_is_sent_twice(bank: Path) -> None:
    plan(bank, "--for", "1d")
    first = table(bank, "outcomes")
    (bank / "out/outcomes.parquet").rename(bank / "data/ledger.parquet")
    plan(bank, "--for", "1d", out="again")  # the same instant again: nothing has become possible that was not
    assert [row for row in table(bank, "outcomes", "again") if row["outcome"] == "send"] == []
    plan(bank, "--for", "1d", out="next", at="2026-03-05T09:00+08:00")
    following = table(bank, "outcomes", "next")

    def sent(rows: list[dict[str, Any]]) -> set[tuple[str, ...]]:
        return {(row["campaign"], row["customer"], row["occurrence"]) for row in rows if row["outcome"] == "send"}

    assert {key[:2] for key in sent(first)} == {("rich", f"k{at}") for at in (4, 5, 6, 9)} | {("seen", "k1")}
    assert {key[:2] for key in sent(following)} == {("seen", "k5"), ("seen", "k6")}  # the cap of a day let them wait
    known = {(row["campaign"], row["customer"], row["occurrence"]): row["started_at"] for row in first}
    waiting = [row for row in following if row["campaign"] == "seen"]
    assert [known[row["campaign"], row["customer"], row["occurrence"]] for row in waiting] == [
        row["started_at"] for row in waiting
    ]


@pytest.mark.parametrize("stage", ["write", "chmod", "rename"])
def test_an_earlier_run_stands_when_a_later_one_fails(bank: Path, monkeypatch: pytest.MonkeyPatch, stage: str) -> None:
    plan(bank)
    before = held(bank)
    full = OSError(28, "No space left on device")

    rename = Path.rename

    def fail(*arguments: Any) -> None:
        if stage != "rename" or not arguments[0].name.endswith(".old") and arguments[0].name != "out":
            raise full
        rename(*arguments)

    monkeypatch.setattr(
        *{"write": (DuckDB, "write"), "chmod": (Path, "chmod"), "rename": (Path, "rename")}[stage], fail
    )
    result = plan(bank, at="2026-03-05T09:00+08:00")
    assert (result.exit_code, result.output.splitlines()) == (
        2,
        [f"error: {bank}/out cannot be written: No space left on device", "  = help: Nothing was changed there."],
    )
    monkeypatch.undo()
    assert held(bank) == before and not list(bank.glob(".out*"))


def test_a_bug_of_ours_leaves_an_earlier_run_alone(bank: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan(bank)
    before = held(bank)
    monkeypatch.setattr(runtime.publish, "as_json", lambda run, summary: 1 / 0)
    assert isinstance(plan(bank, at="2026-03-05T09:00+08:00").exception, ZeroDivisionError)
    assert held(bank) == before and not list(bank.glob(".out*"))


def test_a_link_to_a_folder_stays_a_link(bank: Path) -> None:
    plan(bank)
    (bank / "latest").symlink_to("out")
    assert plan(bank, out="latest").exit_code == 0
    assert (bank / "latest").is_symlink() and sorted(held(bank / "out")) == sorted(FILES)
    assert not [path for path in bank.iterdir() if path.name.startswith(".")]
