"""Edits between runs: whatever is changed, renamed, added or ended, nobody gets anything twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ledgers import BANK, make, plan, sends, write
from tests.plans import camp, table

EDITS = {
    "copy": ('text "offer {{ link }}"', 'text "another offer {{ link }}"'),
    "window": ("window 10:00-11:00", "window 15:00-16:00"),
    "priority": ("priority 5", "priority 1"),
    "audience": ("assets >= 100 CNY", "assets >= 50 CNY"),
    "channel": ("  confirm wechat", "  holdout 0%\n  confirm wechat"),
}


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    folder = make(tmp_path, BANK.replace("  again after 10 days\n", ""))
    assert plan(folder, 4).exit_code == 0
    return folder


def sent(bank: Path, day: int) -> list[tuple[str, str, str]]:
    done = plan(bank, day)
    assert done.exit_code == 0, done.output
    return sorted((row["campaign"], row["step"], row["customer"]) for row in table(bank, "sends"))


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_sends_nothing_again(bank: Path, edit: str) -> None:
    old, new = EDITS[edit]
    before = {row[:3] for row in sends(bank) if row[3] == "send"}
    written = BANK.replace("  again after 10 days\n", "")
    assert old in written
    write(bank, written.replace(old, new))
    assert sent(bank, 5) == [("offer", "more", "k3")]
    assert ("offer", "more", "k3") not in before


def test_a_renamed_campaign_keeps_its_past(bank: Path) -> None:
    written = BANK.replace("  again after 10 days\n", "").replace("campaign offer ", "campaign better ")
    write(bank, written)
    refused = plan(bank, 5)
    assert refused.exit_code == 2 and "knows campaigns that the program does not: `offer`" in refused.output
    write(bank, written.replace('campaign better "O" ', 'campaign better "O" formerly offer '))
    assert sent(bank, 5) == [("better", "more", "k3")]
    assert sent(bank, 6) == []
    assert camp("ledger", "check", "--ledger", bank / "l.duckdb").exit_code == 0


def test_a_step_that_is_added_follows_what_was_sent_before(bank: Path) -> None:
    step = '  step later after 1 day { message sms { text "later {{ link }}" } }\n  exit when did applied\n'
    write(bank, BANK.replace("  again after 10 days\n", "").replace("  exit when did applied\n", step))
    first = sent(bank, 5)
    assert [one for one in first if one[1] == "later"] == [("offer", "later", f"k{at}") for at in range(1, 8)]
    assert sent(bank, 6) == []


def test_a_retired_campaign_sends_nothing_more(bank: Path) -> None:
    start, end = BANK.index("campaign offer"), BANK.index("campaign seen")
    write(bank, BANK[:start] + "campaign offer { retired }\n" + BANK[end:])
    assert sent(bank, 5) == []


def test_a_paused_campaign_enters_nobody_until_it_goes_on(tmp_path: Path) -> None:
    bank = make(tmp_path)
    plan(bank, 4, "--for", "30m")  # before anything is due
    camp("pause", "offer", "--ledger", bank / "l.duckdb")
    done = plan(bank, 5)
    assert "paused, and left out: offer" in done.output
    assert {row["campaign"] for row in table(bank, "outcomes")} <= {"seen"}
    camp("resume", "offer", "--ledger", bank / "l.duckdb")
    plan(bank, 6)
    assert len([row for row in table(bank, "sends") if row["campaign"] == "offer"]) == 14
    wrong = camp("pause", "ofer", "--ledger", bank / "l.duckdb")
    assert wrong.exit_code == 2 and "Did you mean offer?" in wrong.output
    assert "was not paused" in camp("resume", "offer", "--ledger", bank / "l.duckdb").output
