"""`camp plan` on the command line: what it writes, what its summary counts, and what it prints."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from runtime.outcomes import KEY
from runtime.publish import FILES
from tests.banks import csv
from tests.plans import AT, BANK, camp, make, plan, table


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    return make(tmp_path)


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
    assert (
        f"written to {out}: sends.parquet, outcomes.parquet, rejects.parquet, links.parquet, summary.json"
        in result.output
    )


def test_the_summary_counts_what_the_tables_hold(bank: Path) -> None:
    plan(bank)
    summary = json.loads((bank / "out/summary.json").read_text(encoding="utf-8"))
    outcomes, sends = table(bank, "outcomes"), table(bank, "sends")
    assert "text" not in outcomes[0]
    keys = [tuple(row[name] for name in KEY) for row in outcomes]
    assert keys == sorted(keys)
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


def test_refused_rows_of_the_ledger_are_told(bank: Path) -> None:
    csv(bank / "data/ledger.csv", "campaign,customer,outcome,at", "rich,k4,SENT,2026-03-03", "rich,k5,send,2026-03-03")
    assert "ledger: 1 refused, see rejects.parquet" in plan(bank).output.splitlines()


def test_refused_opt_outs_stop_the_run(bank: Path) -> None:
    csv(bank / "data/events/opted_out.csv", "customer,at", "k8,soon", "k8")
    found = plan(bank)
    assert (found.exit_code, "2 rows of events/opted_out cannot be used" in found.output) == (2, True)


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
