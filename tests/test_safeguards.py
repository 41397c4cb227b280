"""Runs that only look, and runs that would send more than they are meant to: nothing is written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import Result

from dsl.program.load import load
from tests.plans import AT, camp, held, make, plan


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    return make(tmp_path)


def growing(bank: Path, share: str) -> None:
    toml = f'[data]\npath = "../data"\n[run]\ngrowth = "{share}"\n'
    (bank / "bank" / "camp.toml").write_text(toml, encoding="utf-8")
    assert camp("compile", bank / "bank", "-o", bank / "program.json").exit_code == 0


def refused(result: Result) -> list[str]:
    """What it said: an error and what to do about it."""
    assert result.exit_code == 2 and isinstance(result.exception, SystemExit), result.output
    error, help = result.stderr.splitlines()
    return [error.removeprefix("error: "), help.removeprefix("  = help: ")]


# --dry-run


def test_a_dry_run_says_the_same_and_writes_nothing(bank: Path) -> None:
    before = held(bank)
    dry = plan(bank, "--dry-run", "--show", 2)
    assert dry.exit_code == 0 and held(bank) == before and not (bank / "out").exists()
    real = plan(bank, "--show", 2).output.replace(": see rejects.parquet", "").splitlines()
    assert dry.output.splitlines() == [*real[:-1], "a dry run: nothing was written"]
    assert plan(bank, "--dry-run", "-q").output == ""


def test_a_dry_run_as_json_is_the_summary(bank: Path) -> None:
    said = json.loads(plan(bank, "--dry-run", "--format", "json").stdout)
    plan(bank)
    assert said["output"] is None
    assert said["summary"] == json.loads((bank / "out/summary.json").read_text(encoding="utf-8"))


def test_a_dry_run_leaves_alone_what_lies_there(bank: Path) -> None:
    plan(bank)
    (bank / "out/notes.txt").write_text("mine")
    before = held(bank)
    assert plan(bank, "--dry-run", at="2026-03-05T09:00+08:00").exit_code == 0 and held(bank) == before


# --max-sends


def test_a_run_that_would_send_more_than_that_is_refused(bank: Path) -> None:
    plan(bank, "--without", "rich")
    before = held(bank)
    expected = [
        "This run would send 5 messages, and --max-sends allows 4",
        "Most go to: rich (4), seen (1). Raise --max-sends if that is meant, or leave a campaign out with --without.",
    ]
    assert refused(plan(bank, "--max-sends", 4)) == refused(plan(bank, "--max-sends", 4, "--dry-run")) == expected
    assert held(bank) == before
    assert refused(plan(bank, "--max-sends", 0, out="new"))[0].endswith("--max-sends allows 0")
    assert not (bank / "new").exists()
    assert plan(bank, "--max-sends", 5).exit_code == 0 and held(bank) != before
    assert plan(bank, "--max-sends", -1).exit_code == 2


# growth


def test_growth_is_a_part_of_the_program(bank: Path) -> None:
    assert load((bank / "program.json").read_text(encoding="utf-8")).growth is None
    before = load((bank / "program.json").read_text(encoding="utf-8")).hash
    growing(bank, "12.5%")
    program = load((bank / "program.json").read_text(encoding="utf-8"))
    assert (str(program.growth), program.hash == before) == ("0.125", False)


def test_a_run_that_grows_beyond_its_share_is_refused(bank: Path) -> None:
    growing(bank, "50%")
    assert plan(bank, "--without", "rich").exit_code == 0  # the first run has nothing to be held against
    before = held(bank)
    expected = [
        "This run would send 5 messages, the last one sent 3, and `growth` in camp.toml allows 50% more",
        "If that is meant, run with --allow-growth.",
    ]
    assert refused(plan(bank)) == refused(plan(bank, "--dry-run")) == expected
    assert refused(camp("plan", bank / "bank", "--at", AT, "-o", bank / "out")) == expected
    assert held(bank) == before
    assert plan(bank, out="elsewhere").exit_code == 0
    assert plan(bank, "--allow-growth").exit_code == 0
    assert plan(bank).exit_code == plan(bank, "--without", "rich").exit_code == 0  # as many, and fewer


@pytest.mark.parametrize(("share", "code"), [("25%", 0), ("24.999%", 2), ("0%", 2), ("400%", 0)])
def test_the_share_is_of_the_last_run_and_exact(share: str, code: int, bank: Path) -> None:
    growing(bank, share)
    assert plan(bank, "--without", "seen").exit_code == 0
    assert plan(bank).exit_code == code  # 5 after 4


def test_after_a_run_of_no_sends_any_send_is_more(bank: Path) -> None:
    growing(bank, "1000%")
    none = ("--without", "rich", "--without", "seen")
    assert plan(bank, *none).exit_code == plan(bank, *none).exit_code == 0
    assert "would send 3 messages, the last one sent 0" in refused(plan(bank, "--without", "rich"))[0]
    assert plan(bank, "--without", "rich", "--allow-growth").exit_code == 0


@pytest.mark.parametrize(
    "written", ["{", "[]", '{"total": 3}', '{"total": {"sent": "5"}}', '{"total": {"sent": true}}', "\xff"]
)
def test_a_summary_that_says_no_number_stops_a_run_that_asks_for_it(written: str, bank: Path) -> None:
    growing(bank, "50%")
    plan(bank)
    (bank / "out/summary.json").write_bytes(written.encode("latin-1"))
    before = held(bank)
    assert "does not say how many messages the last run sent" in refused(plan(bank))[0] and held(bank) == before
    assert plan(bank, "--allow-growth").exit_code == 0


def test_without_a_share_nothing_is_compared(bank: Path) -> None:
    plan(bank, "--without", "rich")
    assert plan(bank).exit_code == 0


def test_in_chinese(bank: Path) -> None:
    growing(bank, "50%")
    plan(bank, "--without", "rich")
    many = camp("--lang", "zh", "plan", bank / "program.json", "--data", bank / "data", "--at", AT, "--max-sends", 1)
    assert many.output.splitlines() == [
        "错误：这次运行会发送 5 条消息，而 --max-sends 只允许 1 条",
        "  = 帮助：发送最多的是：rich (4), seen (1)。如果确实要发这么多，请调高 --max-sends，或用 --without 去掉某个活动。",
    ]
    grown = plan(bank, "--lang", "zh")
    assert (
        "上一次是 3 条，而 camp.toml 的 `growth` 只允许多出 50%" in grown.output
        and "请加上 --allow-growth" in grown.output
    )
    dry = plan(bank, "--lang", "zh", "--dry-run", "--allow-growth").output.splitlines()
    assert dry[-2:] == ["12 行客户数据中有 1 行未采用", "试运行：没有写任何文件"]
