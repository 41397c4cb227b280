"""Giving messages to a gateway that fails: tried again under the same keys, refused for good, down, and killed in between."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.gateways import serving
from tests.ledgers import make, plan, release, rows, sends

MORNING = "2026-03-04T10:30+08:00"
QUICK = ("--wait", "0")


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    folder = make(tmp_path)
    assert plan(folder, 4).exit_code == 0
    return folder


def test_what_fails_for_a_while_is_tried_again(bank: Path) -> None:
    statuses: list[int | None] = [503, None, 429, 200]
    with serving(lambda message, nth: statuses[min(nth, len(statuses)) - 1]) as gateway:
        done = release(bank, MORNING, "--post", gateway.url, *QUICK)
    assert done.exit_code == 0 and "9 due: 9 released, 0 cancelled" in done.stderr, done.stderr
    assert len(gateway.accepted) == 13 and set(gateway.tries.values()) == {4}
    assert {one["role"] for one in gateway.accepted.values()} == {"message", "confirmation"}
    assert all(key == message["send_id"] for key, message in gateway.accepted.items())
    assert rows(bank, "SELECT DISTINCT state FROM releases") == [("released",)]


def test_what_is_refused_for_good_is_cancelled_with_its_confirmation(bank: Path) -> None:
    def answer(message: dict[str, Any], nth: int) -> int:
        return 422 if message["customer"] == "k1" else 200

    with serving(answer) as gateway:
        done = release(bank, MORNING, "--post", gateway.url, *QUICK)
    assert "8 released, 1 cancelled" in done.stderr and "refused" in done.stderr, done.stderr
    assert "k1" not in {one["customer"] for one in gateway.accepted.values()} and max(gateway.tries.values()) == 1
    assert ("offer", "entry", "k1", "expired", "refused") in sends(bank)
    assert rows(bank, "SELECT DISTINCT role, state FROM releases WHERE customer = 'k1' ORDER BY 1") == [
        ("confirmation", "cancelled"),
        ("message", "cancelled"),
    ]


def test_a_gateway_that_is_down_is_told_and_the_next_release_goes_on(bank: Path) -> None:
    def answer(message: dict[str, Any], nth: int) -> int:
        return 200 if message["customer"] in ("k1", "k2") else 500

    with serving(answer) as gateway:
        done = release(bank, MORNING, "--post", gateway.url, "--tries", "2", *QUICK)
        assert done.exit_code == 3 and "7 could not be given away yet: the gateway answered 500" in done.stderr
        first = dict(gateway.accepted)
    away = release(bank, MORNING, "--post", gateway.url, "--tries", "1", *QUICK)
    assert away.exit_code == 3 and "7 could not be given away yet" in away.stderr
    with serving(lambda message, nth: 200) as other:
        done = release(bank, "2026-03-04T10:40+08:00", "--post", other.url, *QUICK)
    assert done.exit_code == 0 and "7 due: 7 released" in done.stderr
    assert not first.keys() & other.accepted.keys() and len(first) + len(other.accepted) == 13


def test_the_token_comes_from_the_environment(bank: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAMP_GATEWAY_TOKEN", "secret")
    with serving(lambda message, nth: 200) as gateway:
        release(bank, MORNING, "--post", gateway.url)
    assert set(gateway.authorizations) == {"Bearer secret"}


def test_a_release_that_is_killed_goes_on_under_the_same_keys(bank: Path) -> None:
    """The gateway is slow, so that the kill comes while messages are under way."""
    command = [
        sys.executable,
        "-c",
        "from runtime.cli.main import main; main()",
        "release",
        str(bank / "out"),
        "--at",
        MORNING,
        "--post",
    ]

    def slow(message: dict[str, Any], nth: int) -> int:
        time.sleep(0.05)
        return 200

    with serving(slow) as gateway:
        running = subprocess.Popen([*command, gateway.url], stderr=subprocess.DEVNULL)
        while not gateway.accepted and running.poll() is None:
            time.sleep(0.01)
        os.kill(running.pid, signal.SIGKILL)
        running.wait()
        before = set(gateway.accepted)
        assert len(before) > 0
        done = release(bank, MORNING, "--post", gateway.url)
        assert done.exit_code == 0, done.stderr
        assert len(gateway.accepted) == 13 and before <= gateway.accepted.keys()
    assert rows(bank, "SELECT count(*), count(DISTINCT send_id) FROM releases WHERE state = 'released'") == [(13, 13)]
