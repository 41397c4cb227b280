"""Runs with a ledger: each counts once, in either kind of store; what cannot go on is refused, and nothing is changed by it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import duckdb
import pytest

from runtime.engines import open_engine
from runtime.ledger.ledger import Ledger
from runtime.ledger.open import open_store
from tests.ledgers import BANK, make, plan, rows, sends, write
from tests.plans import camp, held, table

STORES = ["l.duckdb", "l"]


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    return make(tmp_path)


def lawful(folder: Path, ledger: str = "l.duckdb") -> None:
    done = camp("ledger", "check", "--ledger", folder / ledger)
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize("ledger", STORES)
def test_the_same_run_again_writes_the_same_again_and_decides_nothing(bank: Path, ledger: str) -> None:
    assert plan(bank, ledger=ledger).exit_code == 0
    first = held(bank / "out")
    shutil.rmtree(bank / "out")
    again = plan(bank, ledger=ledger)
    assert "in the ledger already" in again.output and held(bank / "out") == first
    shown = camp("ledger", "show", "--ledger", bank / ledger, "--format", "json")
    assert json.loads(shown.stdout)["holds"]["runs"] == 1
    lawful(bank, ledger)


def test_both_stores_give_the_same_plans(bank: Path) -> None:
    for day in (4, 5, 6):
        for ledger in STORES:
            assert plan(bank, day, out=f"out_{ledger}", ledger=ledger).exit_code == 0
        one, other = ({**held(bank / f"out_{ledger}")} for ledger in STORES)
        assert {name: one[name] for name in one if name != "summary.json"} == {
            name: other[name] for name in other if name != "summary.json"
        }


@pytest.mark.parametrize("ledger", STORES)
def test_who_was_sent_to_is_not_sent_to_again(bank: Path, ledger: str) -> None:
    plan(bank, 4, ledger=ledger)
    first = {(row["campaign"], row["step"], row["customer"]) for row in table(bank, "sends")}
    assert len(first) == 15
    plan(bank, 5, ledger=ledger)
    second = {(row["campaign"], row["step"], row["customer"]) for row in table(bank, "sends")}
    assert second == {("offer", "more", "k3")}  # whom the cap of the day before had kept waiting
    lawful(bank, ledger)


def test_a_dry_run_begins_no_ledger_and_changes_none(bank: Path) -> None:
    assert plan(bank, 4, "--dry-run").exit_code == 0
    assert not (bank / "l.duckdb").exists()
    plan(bank, 4)
    before = sends(bank)
    assert "of which 1 sends" in plan(bank, 5, "--dry-run").output
    assert sends(bank) == before


def test_a_run_before_the_last_is_refused(bank: Path) -> None:
    plan(bank, 5)
    before = held(bank / "out")
    done = plan(bank, 4)
    assert done.exit_code == 2 and "spoke for 2026-03-05T01:00:00+00:00, and --at lies before it" in done.output
    assert held(bank / "out") == before


@pytest.mark.parametrize("ledger", STORES)
def test_a_second_run_at_once_is_refused(bank: Path, ledger: str) -> None:
    plan(bank, 4, ledger=ledger)
    engine = open_engine("duckdb")
    store = open_store(engine, bank / ledger)
    try:
        done = plan(bank, 5, ledger=ledger)
    finally:
        store.close()
        engine.close()
    assert done.exit_code == 2 and "Another camp command is using the ledger" in done.output
    assert plan(bank, 5, ledger=ledger).exit_code == 0


def test_a_ledger_that_is_not_whole_is_refused_with_what_to_do(bank: Path) -> None:
    plan(bank, 4)
    plan(bank, 4, ledger="l")
    content = (bank / "l.duckdb").read_bytes()
    (bank / "l.duckdb").write_bytes(content[: len(content) // 2])
    file = next(one for one in sorted((bank / "l").glob("standing-*.parquet")) if one.stat().st_size)
    file.write_bytes(file.read_bytes()[:-1])
    before = held(bank / "out")
    for ledger, why in (("l.duckdb", "bytes from"), ("l", "bytes of")):
        done = plan(bank, 5, ledger=ledger)
        assert done.exit_code == 2, done.output
        assert "is not whole" in done.output and why in done.output and "camp ledger export" in done.output
    (bank / "l" / "manifest.json").write_text("{", encoding="utf-8")
    assert "manifest.json cannot be read" in plan(bank, 5, ledger="l").output
    assert held(bank / "out") == before


def test_what_is_no_ledger_is_left_alone(bank: Path) -> None:
    with duckdb.connect(str(bank / "other.duckdb")) as other:
        other.execute("CREATE TABLE mine (a INTEGER)")
    (bank / "folder").mkdir()
    (bank / "folder" / "notes.txt").write_text("mine", encoding="utf-8")
    for ledger in ("other.duckdb", "folder"):
        before = held(bank / "folder"), (bank / "other.duckdb").read_bytes()
        done = plan(bank, 4, ledger=ledger)
        assert done.exit_code == 2 and "ledger" in done.output, done.output
        assert held(bank / "folder") == before[0]
        assert (bank / "other.duckdb").read_bytes() == before[1]


def test_a_run_is_taken_back_as_if_it_had_never_been(bank: Path) -> None:
    plan(bank, 4)
    before = sends(bank)
    plan(bank, 5)
    assert sends(bank) != before
    done = camp("ledger", "rollback", "--yes", "--ledger", bank / "l.duckdb")
    assert done.exit_code == 0 and "run 2 is taken back" in done.output
    assert sends(bank) == before
    assert camp("ledger", "rollback", "--yes", "--ledger", bank / "l.duckdb").exit_code == 2
    lawful(bank)
    assert plan(bank, 5).exit_code == 0
    lawful(bank)


def test_a_copy_is_a_ledger_of_either_kind(bank: Path) -> None:
    plan(bank, 4)
    for copied in ("copy.duckdb", "copy"):
        assert camp("ledger", "export", bank / copied, "--ledger", bank / "l.duckdb").exit_code == 0
        lawful(bank, copied)
        plan(bank, 5, out=copied + "_out", ledger=copied)
    plan(bank, 5)
    assert held(bank / "copy_out")["sends.parquet"] == held(bank / "out")["sends.parquet"]
    refused = camp("ledger", "export", bank / "copy", "--ledger", bank / "l.duckdb")
    assert refused.exit_code == 2 and "is there already" in refused.output


def test_who_is_forgotten_stays_in_counts_and_budgets(bank: Path) -> None:
    plan(bank, 4)
    spent = rows(bank, "SELECT sum(cost) FROM standing WHERE outcome = 'send'")[0][0]
    done = camp("ledger", "forget", "--customer", "k1", "--yes", "--ledger", bank / "l.duckdb")
    assert "forgotten: 2 decisions" in done.output
    left = rows(bank, "SELECT sum(cost) FROM standing WHERE outcome = 'send'")[0][0]
    kept = rows(bank, "SELECT sum(cost), sum(people) FROM forgotten WHERE outcome = 'send'")[0]
    assert left + kept[0] == spent and kept[1] == 2
    named = "SELECT count(*) FROM {} WHERE customer = 'k1'"
    assert [rows(bank, named.format(name))[0][0] for name in ("standing", "outcomes", "before", "releases")] == [0] * 4
    lawful(bank)
    again = camp("ledger", "forget", "--customer", "k1", "--yes", "--ledger", bank / "l.duckdb")
    assert again.exit_code == 2 and "knows no customer k1" in again.output


def test_the_budget_of_who_is_forgotten_is_spent(bank: Path) -> None:
    tight = BANK.replace("budget 10 CNY", "budget 0.65 CNY").replace("  again after 10 days\n", "")
    write(bank, tight)
    plan(bank, 4)
    camp("ledger", "forget", "--customer", "k1", "--yes", "--ledger", bank / "l.duckdb")
    plan(bank, 5)
    assert [row["reason"] for row in table(bank, "outcomes") if row["customer"] == "k1"] == ["budget"]


def test_the_folders_own_ledger_is_taken_over_once(bank: Path) -> None:
    """A bank may come with past decisions in ledger.parquet: the first run knows them, and so do the later ones."""
    plan(bank, 4, ledger="old.duckdb")
    (bank / "out/outcomes.parquet").rename(bank / "data/ledger.parquet")
    assert plan(bank, 5).exit_code == 0
    assert [(row["step"], row["customer"]) for row in table(bank, "sends")] == [("more", "k3")]
    first = sends(bank)
    assert len(first) == 16
    assert "in the ledger already" in plan(bank, 5).output
    (bank / "data/ledger.parquet").write_bytes(b"")  # nobody reads it any more
    assert plan(bank, 6).exit_code == 0 and table(bank, "sends") == []


def test_history_cannot_be_edited_unseen(bank: Path) -> None:
    plan(bank, 4)
    plan(bank, 5)
    with duckdb.connect(str(bank / "l.duckdb")) as edited:
        edited.execute("UPDATE standing SET customer = 'k0' WHERE customer = 'k1' AND step = 'entry'")
        edited.execute("UPDATE changes SET detail = replace(detail, '15', '14') WHERE number = 1")
    done = camp("ledger", "check", "--ledger", bank / "l.duckdb")
    assert done.exit_code == 1
    assert "FAIL no change is missing or was edited" in done.output and "FAIL what a run decided stands" in done.output


def test_rows_of_long_ago_are_dropped_and_what_stands_stays(bank: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runtime.ledger.ledger.KEPT_RUNS", 2)
    for day in (4, 5, 6, 7):
        plan(bank, day)
    assert rows(bank, "SELECT count(*) FROM outcomes WHERE run <= 2") == [(0,)]
    assert len(sends(bank)) == 16
    lawful(bank)


def test_what_is_committed_is_what_was_published(bank: Path) -> None:
    plan(bank, 4)
    engine = open_engine("duckdb")
    store = open_store(engine, bank / "l.duckdb")
    last = Ledger(store).last()
    store.close()
    engine.close()
    summary = json.loads((bank / "out/summary.json").read_text(encoding="utf-8"))
    assert last is not None and summary.pop("made_with") == {"ledger": "../l.duckdb", "data": "../data"}
    assert last.about == summary and last.run_id == summary["run_id"]


def test_no_ledger_no_command(bank: Path) -> None:
    for command in (["ledger", "show"], ["pause", "offer"], ["suppress", "list"]):
        done = camp(*command)
        assert done.exit_code == 2 and "No ledger is named" in done.output
        done = camp(*command, "--ledger", bank / "none.duckdb")
        assert done.exit_code == 2 and "There is no ledger at" in done.output and not (bank / "none.duckdb").exists()


@pytest.mark.parametrize("ledger", STORES)
def test_explain_knows_what_was_before_each_run(bank: Path, ledger: str) -> None:
    for day in (4, 5):
        plan(bank, day, out=f"out{day}", ledger=ledger)
    for day, wanted in ((4, {"send", "suppressed"}), (5, {"send"})):
        outcomes = set()
        for row in table(bank, "outcomes", f"out{day}"):
            named = [bank / f"out{day}", bank / "program.json", "--data", bank / "data", "--customer", row["customer"]]
            done = camp("explain", *named, "--format", "json")
            assert done.exit_code == 0, done.output
            parts = json.loads(done.stdout)["parts"]
            same = [one for one in parts if (one["campaign"], one["step"]) == (row["campaign"], row["step"])]
            assert len(same) == 1, (row, parts)
            assert same[0]["outcome"] == row["outcome"] and not same[0].get("differs"), same
            outcomes.add(row["outcome"])
        assert outcomes == wanted
