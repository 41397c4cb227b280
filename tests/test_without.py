"""`camp plan --without`: whatever is left out by name is told, and sends nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.plans import camp, make, plan, table


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    bank = make(tmp_path)
    assert camp("compile", bank / "bank", "-o", bank / "program.json").exit_code == 0
    return bank


def test_what_is_left_out_is_told_and_sends_nothing(bank: Path) -> None:
    done = plan(bank, "--without", "rich")
    assert done.exit_code == 0 and done.output.startswith("left out: rich\n")
    assert {row["campaign"] for row in table(bank, "outcomes")} == {"seen"}


def test_a_run_without_a_campaign_is_another_run(tmp_path: Path) -> None:
    bank = make(tmp_path)
    summaries = []
    for out, more in (("a", ()), ("b", ("--without", "nobody"))):
        assert plan(bank, *more, out=out).exit_code == 0
        summaries.append(json.loads((bank / out / "summary.json").read_text(encoding="utf-8")))
    assert summaries[0]["run_id"] != summaries[1]["run_id"]


def test_a_campaign_that_is_not_there_cannot_be_left_out(bank: Path) -> None:
    refused = plan(bank, "--without", "rish")
    assert refused.exit_code == 2
    assert "There is no campaign called rish" in refused.output and "Did you mean rich?" in refused.output
