"""Kills at random instants, full disks, places that cannot be written, clocks that go back: nothing twice, nothing lost."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests import kills
from tests.ledgers import make, plan, release, rows, sends
from tests.plans import camp, held

STORES = ["l.duckdb", "l"]
KILLS = 5


@pytest.mark.parametrize("ledger", STORES)
def test_killed_commands_come_to_the_same_when_they_are_run_again(ledger: str) -> None:
    program = kills.compiled()
    expected, took = kills.undisturbed(ledger, program)
    killed: Counter[str] = Counter()
    for seed in range(1, 20):
        found, more = kills.run(seed, ledger, program, took)
        killed += more
        for name, one in expected.items():
            assert found[name] == one, (seed, name)
        if sum(count for what, count in killed.items() if what.startswith("killed")) >= KILLS:
            return
    raise AssertionError(f"too few kills came in time: {killed}")


def limited(bank: Path, size: int, *arguments: object) -> subprocess.CompletedProcess[str]:
    """A command that may write no file beyond a size: as where a disk is full."""
    return subprocess.run(
        [sys.executable, "-c", "from runtime.cli.main import main; main()", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)),
    )


@pytest.mark.parametrize("ledger", STORES)
@pytest.mark.parametrize("size", [0, 3_000, 20_000])
def test_a_full_disk_changes_nothing_and_the_same_command_goes_on(tmp_path: Path, ledger: str, size: int) -> None:
    bank = make(tmp_path)
    assert plan(bank, 4, ledger=ledger).exit_code == 0
    release(bank, "2026-03-04T10:30+08:00")
    place = bank / ledger
    before, out = held(place) if place.is_dir() else {}, held(bank / "out")
    arguments = ["plan", bank / "program.json", "--data", bank / "data", "--ledger", place]
    arguments += ["--at", "2026-03-05T09:00+08:00", "-o", bank / "out"]
    done = limited(bank, size, *arguments)
    if done.returncode == 0 and size > 3_000:  # it fits
        assert camp("ledger", "check", "--ledger", place).exit_code == 0
        return
    assert done.returncode == 2, (done.returncode, done.stderr[-500:])
    assert "Traceback" not in done.stderr and "error: " in done.stderr
    assert held(bank / "out") == out
    if place.is_dir():
        assert held(place) == before
    assert camp("ledger", "check", "--ledger", place).exit_code == 0
    assert plan(bank, 5, ledger=ledger).exit_code == 0
    assert camp("ledger", "check", "--ledger", place).exit_code == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_what_cannot_be_written_is_refused(tmp_path: Path) -> None:
    bank = make(tmp_path)
    plan(bank, 4)
    (bank / "l.duckdb").chmod(0o400)
    done = plan(bank, 5)
    assert done.exit_code == 2 and "l.duckdb" in done.output


def test_a_plan_that_cannot_be_shown_is_not_committed(tmp_path: Path) -> None:
    bank = make(tmp_path)
    (bank / "taken").write_text("a file", encoding="utf-8")
    done = plan(bank, 4, out="taken/out")
    assert done.exit_code == 2 and "cannot be written" in done.output
    assert rows(bank, "SELECT count(*) FROM runs") == [(0,)]
    assert plan(bank, 4).exit_code == 0 and len(sends(bank)) == 16


def test_a_clock_that_goes_back_stops_plans_and_releases_before_anything_is_written(tmp_path: Path) -> None:
    bank = make(tmp_path)
    plan(bank, 5)
    release(bank, "2026-03-05T10:30+08:00")
    before, out = sends(bank), held(bank / "out")
    for done in (plan(bank, 4), release(bank, "2026-03-05T10:00+08:00")):
        assert done.exit_code == 2 and "Is the clock right?" in done.output
    assert sends(bank) == before and held(bank / "out") == out
