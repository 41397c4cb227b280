"""Ctrl-C and SIGTERM, at every stage and every call of the engine: all of a run is there, or nothing; one line, no traceback."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from runtime import stopping
from runtime.engines.base import BadFile
from runtime.engines.duckdb import DuckDB
from runtime.profile.stages import FILES, KEEPING, Stages
from runtime.stopping import Stopped
from tests.ledgers import make
from tests.plans import camp, held

SIGNALS = [signal.SIGINT, signal.SIGTERM]
LATE = "stopped, but the run is whole and written\n"
STAGES = [
    "reading the data",
    "matching audiences",
    "scheduling",
    "rendering",
    "applying caps",
    "writing down",
    FILES,
]


def planned(bank: Path, ledger: str, out: str = "out") -> list[str]:
    named = ["plan", bank / "program.json", "--data", bank / "data", "--ledger", bank / ledger, "-o", bank / out]
    return [*map(str, named), "--at", "2026-03-04T09:00+08:00", "-q"]


def plan(bank: Path, ledger: str) -> Result:
    return camp(*planned(bank, ledger))


@pytest.fixture(params=["l.duckdb", "l"])
def ledger(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def bank(tmp_path: Path, ledger: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """With what an earlier run left in the output folder, and a folder for what is temporary."""
    bank = make(tmp_path / "b")
    assert camp(*planned(bank, "other.duckdb"), "--without", "offer").exit_code == 0
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    return bank


def runs(bank: Path, ledger: str) -> int:
    """How many the ledger holds, which is whole."""
    if not (bank / ledger).exists():
        return 0
    assert camp("ledger", "check", "--ledger", bank / ledger).exit_code == 0
    shown = camp("ledger", "show", "--ledger", bank / ledger, "--format", "json")
    return sum(change["kind"] == "run" for change in json.loads(shown.stdout)["changes"])


def whole_or_nothing(bank: Path, ledger: str, before: dict[str, Any], done: Result, number: int) -> bool:
    """Whether it was written; what was said fits, and nothing else lies about."""
    written = held(bank / "out") != before
    assert done.exit_code == 128 + number, done.output
    assert runs(bank, ledger) == written
    assert "Traceback" not in done.output and done.output.count("\n") == 1, done.output
    if written:
        assert done.output == LATE
    else:
        assert done.output.startswith("stopped while ") and done.output.endswith(": nothing was written\n")
    assert [one.name for one in bank.iterdir() if one.name.startswith(".")] == []
    return written


@pytest.mark.parametrize(("stage", "number"), [*zip(STAGES, SIGNALS * len(STAGES), strict=False)])
def test_at_the_beginning_of_a_stage(
    stage: str, number: int, bank: Path, ledger: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell = Stages.tell

    def told(stages: Stages, name: str) -> None:
        tell(stages, name)
        if name == stage:
            os.kill(os.getpid(), number)

    monkeypatch.setattr(Stages, "tell", told)
    before = held(bank / "out")
    done = plan(bank, ledger)
    assert not whole_or_nothing(bank, ledger, before, done, number)
    assert done.output == f"stopped while {stage}: nothing was written\n"


def test_while_it_is_kept_it_is_kept_whole(bank: Path, ledger: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tell = Stages.tell

    def told(stages: Stages, name: str) -> None:
        tell(stages, name)
        if name == KEEPING:
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(Stages, "tell", told)
    before = held(bank / "out")
    assert whole_or_nothing(bank, ledger, before, plan(bank, ledger), signal.SIGINT)
    monkeypatch.undo()
    assert camp(*planned(bank, ledger)[:-1]).output.startswith("this run is in the ledger already")


@pytest.mark.parametrize("ledger", ["l.duckdb"], indirect=True)
def test_a_query_that_was_stopped_is_no_file_that_cannot_be_read(
    bank: Path, ledger: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an engine makes of the signal depends on where it is; said in Chinese where that is spoken."""

    def attach(engine: DuckDB, name: str, path: Path) -> dict[str, str]:
        try:
            os.kill(os.getpid(), signal.SIGINT)
        except Stopped as error:
            raise BadFile(f"{path} cannot be read: INTERRUPT Error: Interrupted!") from error
        raise AssertionError("the signal did not come")

    monkeypatch.setattr(DuckDB, "attach", attach)
    done = camp("--lang", "zh", *planned(bank, ledger))
    assert (done.exit_code, done.output) == (130, "正在读取数据时中止：没有写入任何结果\n")


def listened(monkeypatch: pytest.MonkeyPatch, ask: Callable[[], None]) -> None:
    """`ask` is called before each call of the engine that may take long."""

    def before(made: Callable[..., Any]) -> Callable[..., Any]:
        def called(*arguments: Any) -> Any:
            ask()
            return made(*arguments)

        return called

    for name in ("attach", "create", "view", "append", "insert", "keep", "rows", "arrays", "write", "run", "together"):
        monkeypatch.setattr(DuckDB, name, before(getattr(DuckDB, name)))


def test_at_calls_of_the_engine(bank: Path, ledger: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sample of them all, from a seed, and the same command runs to its end afterwards."""
    calls: list[None] = []
    first = held(bank / "out")
    with monkeypatch.context() as patched:
        listened(patched, lambda: calls.append(None))
        assert camp(*planned(bank, ledger, "full")).exit_code == 0
    places = sorted(random.Random(8).sample(range(len(calls)), 7)) + [len(calls) - 1]
    seen = set()
    for at, place in enumerate(places):
        mine = f"{at}{ledger}"
        left = iter(range(place, -1, -1))
        before = held(bank / "out")
        with monkeypatch.context() as patched:
            listened(patched, lambda left=left: None if next(left, 1) else os.kill(os.getpid(), signal.SIGINT))
            done = plan(bank, mine)
        seen.add(whole_or_nothing(bank, mine, before, done, signal.SIGINT))
    assert seen == {True, False}  # some came while it was kept
    assert plan(bank, ledger).exit_code == 0 and held(bank / "out") == held(bank / "full") != first


BEGUN = """
from runtime import stopping
from runtime.cli.main import main
says = stopping.says
def begun(said):
    says(said)
    print(flush=True)
stopping.says = begun
main()
"""


def test_in_a_process_of_its_own_at_random_instants(tmp_path: Path) -> None:
    """What no call of the engine is: imports, Python's own work, the end. Nothing temporary is left either."""
    bank, r = make(tmp_path / "b"), random.Random(5)
    (tmp_path / "tmp").mkdir()
    run = [sys.executable, "-c", BEGUN]
    stopped = 0
    for at in range(6):
        number = SIGNALS[at % 2]
        running = subprocess.Popen(
            [*run, *planned(bank, f"{at}.duckdb")],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"TMPDIR": str(tmp_path / "tmp")},
        )
        assert running.stdout is not None and running.stdout.readline() == "\n"
        time.sleep(r.uniform(0, 1))
        running.send_signal(number)
        _, said = running.communicate(timeout=120)
        assert "Traceback" not in said and running.returncode in (0, 128 + number), said
        stopped += running.returncode != 0
        assert (bank / "out").exists() == (running.returncode == 0 or said == LATE)
        assert list((tmp_path / "tmp").iterdir()) == [] and not list(bank.glob(".out*"))
        assert runs(bank, f"{at}.duckdb") == (bank / "out").exists()
        if (bank / "out").exists():
            (bank / "out").rename(tmp_path / f"out{at}")
    assert stopped


ENDLESS = "SELECT sum(hash(i)) FROM range(1000000000000) t(i)"
QUERY = f"""
import os, signal, sys, threading
from runtime.cli.main import main
from runtime.engines import open_engine
from runtime.stopping import Stopped, stoppable
try:
    with stoppable():
        engine = open_engine("duckdb")
        threading.Timer(1, os.kill, (os.getpid(), int(sys.argv[1]))).start()
        engine._run("{ENDLESS}").fetchall()
except Stopped as stopped:
    sys.exit(stopped.exit_code)
"""


@pytest.mark.parametrize("number", SIGNALS)
def test_a_query_that_would_run_for_hours_ends(number: int) -> None:
    """Left to itself DuckDB looks up at the end of what it is doing, here never."""
    done = subprocess.run([sys.executable, "-c", QUERY, str(int(number))], capture_output=True, text=True, timeout=60)
    assert done.returncode == 128 + number and done.stderr == ""


@pytest.fixture
def signalled() -> Iterator[Callable[[], None]]:
    yield lambda: os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_error_that_a_signal_has_made_is_no_error(signalled: Callable[[], None]) -> None:
    """As when an engine says of an interrupted query that a file cannot be read."""
    with pytest.raises(Stopped) as found, stopping.stoppable():
        stopping.says(lambda: "said")
        try:
            signalled()
        except Stopped:
            raise RuntimeError("Query interrupted") from None
    assert (found.value.exit_code, found.value.said) == (130, "said")


def test_before_anything_is_at_stake_python_s_own_exception_is_a_stop(signalled: Callable[[], None]) -> None:
    with pytest.raises(Stopped) as found, stopping.stoppable():
        signalled()
    assert (found.value.exit_code, found.value.said) == (130, "stopped")


def test_a_signal_waits_for_the_end_of_a_block_and_comes_once(signalled: Callable[[], None]) -> None:
    done = []
    with pytest.raises(Stopped) as found, stopping.stoppable():
        with stopping.whole():
            with stopping.whole():
                signalled()
                done.append("inner")
            signalled()
            done.append("outer")
        done.append("behind")
    assert done == ["inner", "outer"] and found.value.number == signal.SIGINT


def test_what_cleans_up_is_not_stopped_again(signalled: Callable[[], None]) -> None:
    done = []
    with pytest.raises(Stopped), stopping.stoppable():
        stopping.says(str)
        try:
            signalled()
        finally:
            signalled()
            done.append("cleaned")
    assert done == ["cleaned"]


def test_a_signal_that_was_ignored_stays_ignored() -> None:
    """As a shell has it for what runs in the background."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with stopping.stoppable():
            stopping.says(str)
            os.kill(os.getpid(), signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_what_is_said_in_chinese(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bank, tell = make(tmp_path / "b"), Stages.tell
    said = {}
    for stage in ("rendering", KEEPING):

        def told(stages: Stages, name: str, stage: str = stage) -> None:
            tell(stages, name)
            if name == stage:
                os.kill(os.getpid(), signal.SIGTERM)

        monkeypatch.setattr(Stages, "tell", told)
        done = camp("--lang", "zh", *planned(bank, "l.duckdb"))
        said[stage] = (done.exit_code, done.output)
    assert said == {
        "rendering": (143, "正在生成文案时中止：没有写入任何结果\n"),
        KEEPING: (143, "已中止，但这次运行已经完整写入\n"),
    }


def test_other_commands_say_that_they_were_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bank = make(tmp_path / "b")
    assert plan(bank, "l.duckdb").exit_code == 0
    with monkeypatch.context() as patched:
        listened(patched, lambda: os.kill(os.getpid(), signal.SIGTERM))
        done = camp("release", bank / "out", "--at", "2026-03-04T10:30+08:00")
    assert (done.exit_code, done.output) == (143, "stopped\n")
    assert camp("release", bank / "out", "--at", "2026-03-04T10:30+08:00").exit_code == 0
