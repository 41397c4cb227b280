"""Progress by a clock of the test's own: which stage of how many, since when, and an estimate only where something is known."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from dsl.lang import translate
from dsl.program.load import load
from runtime.cli import progress
from runtime.cli.main import main
from runtime.cli.progress import Watched
from runtime.profile import pace
from runtime.profile.pace import Left, Pace, left
from runtime.profile.stages import FOLLOWING, KEEPING, Stages, expected
from tests import ledgers
from tests.plans import AT, make
from tests.test_lang_runs import untold

NAMES = ("reading the data", "matching audiences", "scheduling")
EARLIER = Pace({"reading the data": 10.0, "matching audiences": 4.0, "scheduling": 6.0}, 1_000)


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("CAMP_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "camp" / "pace.json"


def at(clock: Clock, *told: tuple[str, float]) -> Stages:
    """Stages that were told, each with the seconds that passed since."""
    stages = Stages(clock)
    for stage, seconds in told:
        stages.tell(stage)
        clock.now += seconds
    return stages


def test_seconds_go_to_the_stage_that_was_told(clock: Clock) -> None:
    stages = at(clock, ("reading the data", 3), ("scheduling", 2))
    assert (stages.seconds, stages.stage, stages.here, stages.elapsed) == (
        {"starting": 0, "reading the data": 3},
        "scheduling",
        2,
        5,
    )
    stages.end()
    assert stages.seconds["scheduling"] == 2


def test_what_measuring_takes_is_nobody_s(clock: Clock) -> None:
    stages = at(clock, ("reading the data", 3))
    stages.spare(1)
    assert stages.here == 2 and stages.elapsed == 2
    stages.tell("scheduling")
    assert stages.seconds["reading the data"] == 2


def test_following_up_repeats_stages_and_is_one(clock: Clock) -> None:
    stages = at(clock, ("scheduling", 1), (FOLLOWING, 1), ("scheduling", 2), ("rendering", 3), ("writing down", 4))
    stages.end()
    assert stages.seconds == {"starting": 0, "scheduling": 1, FOLLOWING: 6, "writing down": 4}


def test_nothing_is_known_of_the_first_run(clock: Clock) -> None:
    stages = at(clock, ("reading the data", 3))
    assert left(stages, NAMES, None, None) is None
    assert left(stages, NAMES, Pace({**EARLIER.seconds}, 0), 5) is None


def test_nothing_is_known_of_a_stage_that_the_earlier_run_did_not_have(clock: Clock) -> None:
    stages = at(clock, ("scheduling", 1))
    assert left(stages, NAMES, EARLIER, 1_000) == Left(5, False)
    assert left(stages, (*NAMES, KEEPING), EARLIER, 1_000) is None
    stages.tell(KEEPING)
    assert left(stages, (*NAMES, KEEPING), EARLIER, 1_000) is None


def test_what_is_left_shrinks_with_the_stage_and_is_more_where_it_takes_longer(clock: Clock) -> None:
    stages = at(clock, ("reading the data", 0))
    found = []
    for _ in range(4):
        found.append(left(stages, NAMES, EARLIER, None))
        clock.now += 4
    assert found == [Left(20, False), Left(16, False), Left(12, False), Left(10, True)]


def test_twice_the_customers_take_twice_as_long_once_they_are_counted(clock: Clock) -> None:
    stages = at(clock, ("reading the data", 30), ("matching audiences", 1))
    assert left(stages, NAMES, EARLIER, 2_000) == Left(8 - 1 + 12, False)
    assert left(stages, NAMES, EARLIER, 500) == Left(2 - 1 + 3, False)


@pytest.mark.parametrize("customers", [None, 1, 1_000, 50_000])
def test_no_estimate_is_below_what_has_passed(customers: int | None, clock: Clock) -> None:
    stages = Stages(clock)
    for stage in NAMES:
        stages.tell(stage)
        for _ in range(5):
            clock.now += 7
            found = left(stages, NAMES, EARLIER, customers)
            assert found is None or found.seconds >= (1 if found.over else 0)


def test_the_line(clock: Clock) -> None:
    stages = at(clock, ("reading the data", 3))
    watched = Watched(stages, "h", NAMES)

    def line() -> str:
        return watched.line(str)

    assert line() == "stage 1 of 3: reading the data, 0:03, no estimate yet"
    watched.earlier = EARLIER
    assert line() == "stage 1 of 3: reading the data, 0:03, about 0:17 left"
    clock.now += 90
    assert line() == "stage 1 of 3: reading the data, 1:33, more than 0:10 left"
    stages.tell("scheduling")
    clock.now += 3_600
    assert line() == "stage 3 of 3: scheduling, 1:01:33, no estimate yet"


def test_the_line_before_the_stages_of_a_command_without_any_and_in_a_second_pass(clock: Clock) -> None:
    stages = at(clock, (FOLLOWING, 1), ("rendering", 1))
    assert Watched(stages, "h", (*NAMES, FOLLOWING)).line(str) == (
        "stage 4 of 4: following up · rendering, 0:02, no estimate yet"
    )
    assert Watched(Stages(clock), "h", NAMES).line(str) == "starting, 0:00"
    assert Watched(at(clock, ("scheduling", 5))).line(str) == "scheduling, 0:05"


def test_the_line_in_chinese(clock: Clock) -> None:
    watched = Watched(at(clock, ("reading the data", 3)), "h", NAMES, lambda: 1_000)
    said = []
    for watched.earlier in (None, EARLIER, Pace(dict.fromkeys(NAMES, 1.0), 1_000)):
        said.append(watched.line(lambda text: translate(text, "zh")))
    assert said == [
        "第 1 步，共 3 步：正在读取数据，已用 0:03，还无法估计剩余时间",
        "第 1 步，共 3 步：正在读取数据，已用 0:03，大约还要 0:17",
        "第 1 步，共 3 步：正在读取数据，已用 0:03，还要 0:02 以上",
    ]


def test_the_stages_of_a_run(tmp_path: Path) -> None:
    plain = load((make(tmp_path) / "program.json").read_text("utf-8"))
    steps = load((ledgers.make(tmp_path / "l") / "program.json").read_text("utf-8"))
    assert expected(plain, writes=False, ledger=True)[-1] == "writing down"
    assert FOLLOWING not in expected(plain, True, True) and FOLLOWING in expected(steps, True, True)
    assert expected(steps, True, False)[-1] == "writing the files" and expected(steps, True, True)[-1] == KEEPING
    assert untold(list(expected(steps, True, True))) == []


def test_a_pace_is_kept_for_its_program_and_the_oldest_go(kept: Path) -> None:
    assert pace.recall("a") is None
    pace.remember("a", EARLIER)
    assert pace.recall("a") == EARLIER and pace.recall("b") is None
    for number in range(pace._KEPT):
        pace.remember(f"p{number}", Pace({"scheduling": 1.0}, number))
    assert pace.recall("a") is None and pace.recall("p0") == Pace({"scheduling": 1.0}, 0)
    assert kept.exists() and kept.stat().st_mode & 0o077 == 0


def test_where_nothing_may_be_kept_nothing_is(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAMP_CACHE", "off")
    pace.remember("a", EARLIER)
    assert pace.recall("a") is None and not kept.exists()


def test_what_is_kept_and_broken_is_nothing(kept: Path) -> None:
    pace.remember("a", EARLIER)
    kept.write_text("{}", encoding="utf-8")
    assert pace.recall("a") is None
    pace.remember("a", EARLIER)
    assert pace.recall("a") == EARLIER


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A terminal on which each line that could be drawn is noted where a stage begins."""
    drawn: list[str] = []
    monkeypatch.setattr(progress, "_at_a_terminal", lambda: True)
    init = Watched.__init__

    def watched(one: Watched, stages: Stages, *more: object) -> None:
        init(one, stages, *more)  # type: ignore[arg-type]
        tell = stages.tell

        def told(stage: str) -> None:
            tell(stage)
            drawn.append(one.line(str))

        stages.tell = told  # type: ignore[method-assign]

    monkeypatch.setattr(Watched, "__init__", watched)
    yield drawn


def test_a_second_run_knows_how_long_it_takes(kept: Path, terminal: list[str], tmp_path: Path) -> None:
    bank = ledgers.make(tmp_path / "b")

    def run(day: int) -> list[str]:
        terminal.clear()
        assert ledgers.plan(bank, day).exit_code == 0
        return list(terminal)

    stage: Callable[[str], str] = lambda line: re.sub(r", \d+:.*", "", line)  # noqa: E731
    first, second = run(4), run(5)
    assert all(line.endswith("no estimate yet") for line in first) and all(line.endswith(" left") for line in second)
    assert [stage(line) for line in first][:2] == [
        "stage 1 of 9: reading the data",
        "stage 2 of 9: matching audiences",
    ]
    assert stage(first[-1]) == "stage 9 of 9: keeping it in the ledger"
    before = kept.read_bytes()
    assert all(line.endswith(" left") for line in run(5)) and kept.read_bytes() == before  # it was decided already


def test_without_a_terminal_nothing_is_said_or_kept(kept: Path, tmp_path: Path) -> None:
    bank = make(tmp_path)
    arguments = ["plan", bank / "program.json", "--data", bank / "data", "--at", AT, "-o", bank / "out", "-q"]
    done = CliRunner().invoke(main, [str(one) for one in arguments])
    assert (done.exit_code, done.output) == (0, "") and not kept.exists()
