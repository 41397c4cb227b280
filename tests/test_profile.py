"""`camp plan --profile`: what it tells of stages and campaigns is so, the run is the same, and without it nothing is paid."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from sqlglot import exp

from dsl.program.load import load
from runtime.engines import open_engine
from runtime.profile import memory, report, show
from runtime.profile.recording import Recorded, Step
from runtime.profile.stages import FOLLOWING, Stages
from runtime.relational.sql import named, num, table
from runtime.runs import Runs
from runtime.summary import Funnel, Summary
from tests import ledgers
from tests.plans import held, make, plan
from tests.test_lang import left
from tests.test_progress import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


def profiled(bank: Path, *more: str) -> dict[str, Any]:
    said = json.loads(plan(bank, "--profile", "--format", "json", *more).stdout)
    found: dict[str, Any] = said["profile"]
    return found


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("bank"))


@pytest.fixture(scope="module")
def found(bank: Path) -> dict[str, Any]:
    return profiled(bank)


def test_the_files_are_the_same_with_a_profile_and_without(bank: Path) -> None:
    assert plan(bank, "--profile", out="with").exit_code == plan(bank, out="without").exit_code == 0
    assert held(bank / "with") == held(bank / "without")
    assert "profile" not in json.loads(plan(bank, "--format", "json").stdout)


def test_stages_make_up_the_whole(found: dict[str, Any]) -> None:
    stages = found["stages"]
    assert [one["stage"] for one in stages] == [
        "starting",
        "reading the data",
        "matching audiences",
        "scheduling",
        "rendering",
        "applying caps",
        "writing down",
        "writing the files",
    ]
    assert sum(one["seconds"] for one in stages) == pytest.approx(found["seconds"], abs=0.01)
    assert sum(one["share"] for one in stages) == pytest.approx(1, abs=0.001)
    assert all(sum(step["seconds"] for step in one["steps"]) <= one["seconds"] + 0.001 for one in stages)
    peaks = [one["peak_memory"] for one in stages]
    assert peaks == sorted(peaks) and peaks[-1] <= found["peak_memory"]


def test_rows_and_bytes_are_those_of_tables_and_files(bank: Path, found: dict[str, Any]) -> None:
    steps = {(one["stage"], step["table"], step["made"]): step for one in found["stages"] for step in one["steps"]}
    total = json.loads((bank / "out" / "summary.json").read_text("utf-8"))["total"]
    assert steps["reading the data", "raw_customers", True]["rows"] == 12
    assert steps["matching audiences", "candidates", True]["rows"] == total["audience"]
    assert steps["scheduling", "gated", True]["rows"] == total["audience"]
    assert steps["matching audiences", "candidates", True]["bytes"] > 0
    written = {name: step["bytes"] for (_, name, _), step in steps.items() if name.endswith(".parquet")}
    for name in ("sends.parquet", "outcomes.parquet", "rejects.parquet"):
        assert written[name] == (bank / "out" / name).stat().st_size
    for one in found["stages"]:
        made = [step["rows"] or 0 for step in one["steps"] if step["made"]]
        assert one["rows"] == sum(made)


def test_campaigns_have_their_candidates_texts_and_sends(bank: Path, found: dict[str, Any]) -> None:
    rows = pq.read_table(bank / "out" / "outcomes.parquet").to_pylist()
    of = {one["campaign"]: one for one in found["campaigns"]}
    program = load((bank / "program.json").read_text("utf-8"))
    assert of.keys() == {campaign.name for campaign in program.campaigns}
    for campaign in program.campaigns:
        mine = [row for row in rows if row["campaign"] == campaign.name]
        one = of[campaign.name]
        assert one["at"] == campaign.at and re.fullmatch(r".*all\.camp:\d+", one["at"])
        assert one["candidates"] == len(mine) and one["sends"] == sum(row["outcome"] == "send" for row in mine)
        through = ("too_long", "banned_word", "cap", "budget", "pace", None)
        most = sum(row["outcome"] in ("send", "suppressed") and row["reason"] in through for row in mine)
        assert one["sends"] <= one["texts"] <= most  # what caps hold back is written out where something may refuse it
    assert of["nobody"]["seconds"] == 0 < of["rich"]["texts"]


def test_what_campaigns_are_given_and_what_is_shared_is_the_whole(found: dict[str, Any]) -> None:
    given = sum(one["seconds"] for one in found["campaigns"])
    stages = {one["stage"]: one["seconds"] for one in found["stages"]}
    assert given == pytest.approx(stages["scheduling"] + stages["rendering"] + stages["applying caps"], abs=0.01)
    assert found["shared_seconds"] == pytest.approx(found["seconds"] - given, abs=0.01)
    seconds = [one["seconds"] for one in found["campaigns"]]
    assert seconds == sorted(seconds, reverse=True) and "not measured" in found["campaign_seconds"]


@pytest.mark.parametrize("gone", ["renamed", "dropped"])
def test_what_is_gone_is_no_part_of_what_is_made(clock: Clock, gone: str) -> None:
    stages = Stages(clock)
    recorded = Recorded(stages)
    engine = recorded.around(open_engine("duckdb"))
    stages.tell("scheduling")
    engine.create("some", exp.select("range").from_("range(1000000)"))
    whole = recorded.steps["scheduling", "some", True].bytes
    engine.rename("some", "others") if gone == "renamed" else engine.drop("some")
    engine.create("some", exp.select("1"))
    assert whole and recorded.steps["scheduling", "some", True].bytes == pytest.approx(whole, rel=0.2)
    engine.close()


def made_up(clock: Clock, bank: Path) -> report.Profile:
    """A run by a clock: 10 s of scheduling, 16 s of rendering, 4 s of caps; for three and one candidates, one and one texts."""
    stages = Stages(clock)
    for stage, seconds in (("reading the data", 30), ("scheduling", 10), ("rendering", 16), ("applying caps", 4)):
        stages.tell(stage)
        clock.now += seconds
    told = ("starting", "reading the data", "scheduling", "rendering", "applying caps")
    recorded = Recorded(stages, peaks=dict.fromkeys(told, 10**9))
    for name, seconds in (("customers", 20.0), ("small", 1.0)):
        recorded.steps["reading the data", name, True] = Step("reading the data", name, True, seconds, 1_000, 2_500_000)
    recorded.steps["reading the data", "customers", False] = Step("reading the data", "customers", False, 5.0, 7)
    program = load((bank / "program.json").read_text("utf-8"))
    numbers = {campaign.name: number for number, campaign in enumerate(program.campaigns)}
    for name, count in (("candidates", 3), ("rendered", 1)):
        recorded.whose[name] = Counter({numbers["rich"]: count, numbers["seen"]: 1})
    stages.end()
    summary = Summary([Funnel("rich", sent=1), Funnel("seen"), Funnel("nobody")], Funnel("total"), [], [])
    return report.profile(recorded, program, summary)


def test_seconds_are_shared_out_by_candidates_and_by_texts(clock: Clock, bank: Path) -> None:
    one = made_up(clock, bank)
    assert {of.campaign: of.seconds for of in one.campaigns} == {"rich": 7.5 + 10, "seen": 2.5 + 10, "nobody": 0}
    assert (one.seconds, one.shared) == (60, 30)


def test_the_profile_as_text(clock: Clock, bank: Path) -> None:
    text = list(show.lines(made_up(clock, bank), str, str))
    said = [re.sub(r"\S*/", "", " ".join(line.split())) for line in text[:-1]]
    assert said == [
        "stage seconds share rows bytes peak memory",
        "starting 0.00 0% 0 0 kB 1.0 GB",
        "reading the data 30.00 50% 2,000 5.0 MB 1.0 GB",
        "customers 20.00 33% 1,000 2.5 MB",
        "customers → 5.00 8% 7 –",
        "scheduling 10.00 17% 0 0 kB 1.0 GB",
        "rendering 16.00 27% 0 0 kB 1.0 GB",
        "applying caps 4.00 7% 0 0 kB 1.0 GB",
        "",
        "place campaign candidates texts sends seconds",
        "all.camp:8 rich 3 1 1 17.50",
        "all.camp:14 seen 1 1 0 12.50",
        "all.camp:20 nobody 0 0 0 0.00",
        report.HOW,
        "30.00 s are shared by all campaigns",
    ]
    assert re.fullmatch(r"60\.00 s in all, [\d.]+ [MG]B of memory at most", text[-1])


def test_it_is_printed_behind_the_run_and_in_chinese(bank: Path) -> None:
    said = plan(bank, "--profile").stdout
    assert "\nstage " in said and said.index("candidates = ") < said.index("\nstage ") < said.index("written to ")
    chinese = plan(bank, "--profile", "--lang", "zh").stdout
    told = chinese[chinese.index("\n步骤") : chinese.index("已写入")]
    told = re.sub(r"^  \S+", "", told, flags=re.MULTILINE)  # tables have no other names
    assert left(told) - {"rich", "seen", "nobody"} == set() and "不是测得的" in told
    assert plan(bank, "--profile", "-q").stdout == ""


def test_a_second_pass_counts_and_is_one_stage(tmp_path: Path) -> None:
    bank = ledgers.make(tmp_path / "b")
    assert ledgers.plan(bank, 4).exit_code == 0
    done = ledgers.plan(bank, 4, "--profile", "--format", "json", ledger="other.duckdb")
    found = json.loads(done.stdout)["profile"]
    assert [one["stage"] for one in found["stages"]][-2:] == ["writing the files", "keeping it in the ledger"]
    total = json.loads(done.stdout)["summary"]["total"]
    assert sum(one["candidates"] for one in found["campaigns"]) == total["audience"]
    stages = {one["stage"]: one["seconds"] for one in found["stages"]}
    assert FOLLOWING in stages
    given = sum(one["seconds"] for one in found["campaigns"])
    shared = ("scheduling", "rendering", "applying caps", FOLLOWING)
    assert given == pytest.approx(sum(stages[name] for name in shared), abs=0.01)


def test_a_run_that_was_decided_before_is_nobody_s(tmp_path: Path) -> None:
    bank = ledgers.make(tmp_path / "b")
    ledgers.plan(bank, 4)
    again = ledgers.plan(bank, 4, "--profile")
    assert again.exit_code == 0 and "reading the data" in again.stdout and "not measured" not in again.stdout


def test_the_engine_counts_rows_and_bytes_without_a_look(tmp_path: Path) -> None:
    engine = open_engine("duckdb")
    before = engine.held()
    engine.insert("some", {"n": "BIGINT"}, [(n,) for n in range(50_000)])
    engine.append("some", exp.select("n").from_(table("some")).limit(num(10)))
    engine.view("seen", exp.select(named(num(1), "n")))
    assert engine.count("some") == 50_010 and engine.count("seen") is None and engine.count("none") is None
    after = engine.held()
    assert before is not None and after is not None and after - before >= 50_000 * 8


def test_without_a_profile_the_engine_is_the_engine_itself(bank: Path) -> None:
    program = load((bank / "program.json").read_text("utf-8"))
    assert type(Runs(program, bank / "data").session.engine) is type(open_engine("duckdb"))


def test_the_peak_of_memory_grows_with_what_is_held() -> None:
    before = memory.peak()
    held = bytearray(b"x" * (64 << 20))
    assert memory.peak() >= max(before, len(held))
