"""`camp plan` on the command line: what it writes, what it prints, and what it says instead of a traceback."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

import runtime.publish
from runtime.cli.main import main
from runtime.engines.duckdb import DuckDB
from runtime.publish import FILES
from tests.banks import csv

BANK = """
brand b "B" { zone "Asia/Shanghai"; currency CNY; phones "CN"; link "https://s.example/{{ code }}"
  cost sms 0.05 CNY; rejects 50%
}
customer { id key; phone phone?; assets money?; consent flag }
event view { page text }
policy p { require consent consent; quiet 22:00-08:00; limit 1 segments; cap 1 per day }
campaign rich "R" { policy p; kind benefit; runs 2026-03-01..2026-03-31; priority 5
  audience { assets >= 100 CNY }
  start once
  window 10:00-11:00
  message sms { text "{{ customer.assets | money | default("-") }} {{ link }}" }
}
campaign seen "S" { policy p; kind triggered; runs 2026-03-01..2026-03-31
  audience { did view in last 7 days }
  start when count(view in last 7 days) reaches 2
  expire after 3 days
  message sms { text "你好 {{ link }}" }
}
campaign nobody "N" { policy p; kind benefit; runs 2026-03-01..2026-03-31
  audience { assets < 0 CNY }
  start once
  message sms { text "-" }
}
"""
CUSTOMERS = [f"k{at},1380000{at:04},{at * 25},{'no' if at == 7 else 'yes'}" for at in range(10)]
AT = "2026-03-04T09:00+08:00"


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    """A project, its program.json, and its data."""
    (tmp_path / "bank").mkdir()
    (tmp_path / "bank" / "all.camp").write_text(BANK, encoding="utf-8")
    (tmp_path / "bank" / "camp.toml").write_text('[data]\npath = "../data"\n', encoding="utf-8")
    data = tmp_path / "data"
    csv(data / "customers.csv", "id,phone,assets,consent", *CUSTOMERS, "k10,123,5,yes", "k11,,1000,yes")
    views = [f"k{at},2026-03-0{day} 08:30,x" for at in (1, 5, 6) for day in (2, 3, 4)]
    csv(data / "events/view.csv", "customer,at,page", *views)
    csv(data / "events/opted_out.csv", "customer,at", "k8,2026-01-01")
    assert camp("compile", tmp_path / "bank", "-o", tmp_path / "program.json").exit_code == 0
    return tmp_path


def camp(*arguments: Any) -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments])


def plan(bank: Path, *more: Any, program: str = "program.json", out: str = "out", at: str = AT) -> Result:
    return camp("plan", bank / program, "--data", bank / "data", "--at", at, "-o", bank / out, *more)


def table(bank: Path, name: str, out: str = "out") -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(bank / out / f"{name}.parquet").to_pylist()
    return rows


def held(folder: Path) -> dict[str, str]:
    """Every file under a folder with its content's digest."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_files_are_there_and_their_owners_alone(bank: Path) -> None:
    os.umask(0o022)
    result = plan(bank)
    assert result.exit_code == 0, result.output
    out = bank / "out"
    assert sorted(path.name for path in out.iterdir()) == sorted(FILES)
    assert {path.name: oct(path.stat().st_mode & 0o777) for path in (out, *out.iterdir())} == {
        "out": "0o700",
        **dict.fromkeys(FILES, "0o600"),
    }
    assert f"written to {out}: sends.parquet, outcomes.parquet, rejects.parquet, summary.json" in result.output


def test_the_summary_counts_what_the_tables_hold(bank: Path) -> None:
    plan(bank)
    summary = json.loads((bank / "out/summary.json").read_text(encoding="utf-8"))
    outcomes, sends = table(bank, "outcomes"), table(bank, "sends")
    assert "text" not in outcomes[0]
    assert [{name: row[name] for name in outcomes[0]} for row in sends] == sorted(
        (row for row in outcomes if row["outcome"] == "send"), key=lambda row: (row["at"], row["send_id"])
    )
    for entry in summary["outcomes"]:
        same = [row for row in outcomes if all(row[name] == entry[name] for name in ("campaign", "outcome", "reason"))]
        assert entry["count"] == len(same) > 0
    assert sum(entry["count"] for entry in summary["outcomes"]) == len(outcomes) == summary["total"]["audience"]
    assert summary["total"]["cost"] == str(sum(row["cost"] for row in sends).normalize())
    assert summary["total"]["segments"] == sum(row["segments"] for row in sends)
    assert summary["customers"] == {"read": 12, "refused": 1}
    assert summary["rejects"] == [{"source": "customers", "reason": "phone is no valid phone number", "count": 1}]
    assert len(table(bank, "rejects")) == 1
    names = ("unreachable", "no_opening", "later", "control", "unfit", "capped", "sent")
    funnels = [*summary["campaigns"], summary["total"]]
    assert [funnel["audience"] for funnel in funnels] == [sum(funnel[name] for name in names) for funnel in funnels]
    for name in (*names, "audience", "segments"):
        assert sum(funnel[name] for funnel in summary["campaigns"]) == summary["total"][name]


def test_the_funnel_is_printed_and_adds_up(bank: Path) -> None:
    lines = plan(bank).output.splitlines()
    head, rows = (
        lines[0].split("  "),
        [line.split() for line in lines if line.startswith(("nobody", "rich", "seen", "total"))],
    )
    names = "campaign, audience, unreachable, no opening, later, control, unfit, capped, sent, segments, cost CNY"
    assert ", ".join(one.strip() for one in head if one.strip()) == names
    assert rows == [
        ["nobody", *["0"] * 9, "0.00"],
        ["rich", "7", "3", *["0"] * 5, "4", "4", "0.20"],
        ["seen", "3", *["0"] * 5, "2", "1", "1", "0.05"],
        ["total", "10", "3", *["0"] * 4, "2", "5", "5", "0.25"],
    ]
    assert "10 candidates = 10 outcomes, of which 5 sends" in lines
    assert "1 of 12 customer rows were refused: see rejects.parquet" in lines


def test_what_opens_after_the_horizon_is_counted_as_later(bank: Path) -> None:
    assert plan(bank, "--for", "60m").exit_code == 0  # the window of `rich` opens at 10:00, when the hour is over
    summary = json.loads((bank / "out/summary.json").read_text(encoding="utf-8"))
    rich = next(funnel for funnel in summary["campaigns"] if funnel["campaign"] == "rich")
    assert (rich["audience"], rich["unreachable"], rich["later"], rich["sent"], rich["capped"]) == (7, 3, 4, 0, 0)


def test_show_prints_messages_with_masked_phones(bank: Path) -> None:
    lines = plan(bank, "--show", 2).output.splitlines()
    start = lines.index("2 of the messages:")
    assert [line.split() for line in lines[start + 1 : start + 5 : 2]] == [
        ["2026-03-04", "10:00", "+86****0005", "rich"],
        ["2026-03-04", "09:00", "+86****0001", "seen"],
    ]
    assert lines[start + 2].startswith("    125元 https://s.example/") and lines[start + 4].startswith(
        "    你好 https://"
    )


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


def test_a_bank_of_one_customer_and_campaigns_that_nobody_matches(bank: Path) -> None:
    csv(bank / "data/customers.csv", "id,phone,assets,consent", "k1,,0,no")
    csv(bank / "data/events/view.csv", "customer,at,page")
    csv(bank / "data/events/opted_out.csv", "customer,at")
    result = plan(bank, "--show", 5)
    assert result.exit_code == 0 and "0 candidates = 0 outcomes, of which 0 sends" in result.output
    assert [table(bank, name) for name in ("sends", "outcomes", "rejects")] == [[], [], []]


def test_every_customer_refused_and_all_of_them_allowed(bank: Path) -> None:
    (bank / "bank/all.camp").write_text(BANK.replace("rejects 50%", "rejects 100%"), encoding="utf-8")
    csv(bank / "data/customers.csv", "id,phone,assets,consent", "k1,1,0,no")
    result = camp("plan", bank / "bank", "--at", AT, "-o", bank / "out")
    assert result.exit_code == 0 and "1 of 1 customer rows were refused" in result.output


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
