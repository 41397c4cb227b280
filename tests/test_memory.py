"""A limit on memory holds: what needs more spills, and comes to the same."""

from __future__ import annotations

import filecmp
from pathlib import Path

import pytest
from sqlglot import exp

from benchmarks import bank, memory
from dsl.program.leave import leave_out
from runtime.engines import open_engine
from runtime.engines.memory import Memory
from runtime.errors import InputError
from runtime.relational import ranges
from runtime.relational.repeats import repeated
from runtime.relational.sql import table
from tests.completing import HERE
from tests.plans import camp, make, plan

LIMIT = 400_000_000
CAMP = HERE.parent / ".venv/bin/camp"


def wordy(number: int) -> str:
    """Long copy, so that a few rows hold much."""
    words = "{{ customer | salutation }}，" + "详情请见手机银行。" * 40
    return f"""start once
  message rcs {{ text "{number}{words}" }}"""


def test_a_run_within_a_limit_that_it_would_exceed(tmp_path: Path) -> None:
    """At most 1.2 × the limit, where without one it holds more than that."""
    program = leave_out(bank.program(8, 20, body=wordy), ())
    (tmp_path / "program.json").write_text(program.model_dump_json(), encoding="utf-8")
    engine = open_engine("duckdb")
    bank.files(engine, tmp_path / "data", 200_000, 300_000)
    engine.close()
    command = [str(CAMP), "plan", str(tmp_path / "program.json"), "--data", str(tmp_path / "data")]
    command += ["--at", "2026-03-04T09:00+08:00", "--quiet", "-o"]
    _, free = memory.measured([*command, str(tmp_path / "free")])
    _, held = memory.measured([*command, str(tmp_path / "bounded"), "--memory", "400MB"])
    assert free > memory.OVER * LIMIT, "the data are too few to show anything"
    assert held <= memory.OVER * LIMIT
    for name in ("outcomes.parquet", "sends.parquet", "rejects.parquet"):
        assert filecmp.cmp(tmp_path / "free" / name, tmp_path / "bounded" / name, shallow=False)


def test_customers_are_held_in_ranges_as_large_as_their_events_allow() -> None:
    """A tenth of the customers have nearly all events: their ranges are the smaller ones, and together they are everybody."""
    engine = open_engine("duckdb")
    engine._run(  # type: ignore[attr-defined]
        "CREATE TEMP TABLE seen AS SELECT range % CASE WHEN range % 10 < 9 THEN 1000 ELSE 10000 END AS id FROM range(100000)"
    )
    assert list(ranges.ranges(engine, {"seen": "seen"}, 10_000, 3)) == [(0, 10_000)]
    engine.share = 500_000
    found = list(ranges.ranges(engine, {"seen": "seen"}, 10_000, 3))
    assert found[0][0] == 0 and found[-1][1] == 10_000
    assert all(one[1] == following[0] for one, following in zip(found, found[1:], strict=False))
    assert found[0][1] - found[0][0] < 200 < found[-2][1] - found[-2][0]
    count = "SELECT count(*) FROM seen_within"
    low, high = found[1]
    assert ranges.within(engine, {"seen": "seen"}, low, high) == {"seen": "seen_within"}
    ((inside,),) = engine._run(count).fetchall()  # type: ignore[attr-defined]
    of = f"SELECT count(*) FROM seen WHERE id >= {low} AND id < {high}"
    assert engine._run(of).fetchall() == [(inside,)]  # type: ignore[attr-defined]
    assert 40 * inside + (high - low) * 40 <= engine.share
    engine.close()


def test_values_that_stand_twice_are_found_in_turns_too() -> None:
    engine = open_engine("duckdb")
    values = [(f"v{at % 997}" if at < 1000 else f"w{at}",) for at in range(5000)]
    engine.insert("rows", {"v": "VARCHAR"}, values)
    engine.share = 20_000  # eight turns
    assert repeated(engine, "rows", "v", "twice")
    assert sorted(engine.rows(exp.select("value").from_(table("twice")))) == [("v0",), ("v1",), ("v2",)]
    engine.close()


def test_caps_are_the_same_in_turns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a share for one recipient at a time."""
    one = make(tmp_path)
    assert plan(one).exit_code == 0
    monkeypatch.setattr("runtime.engines.duckdb.shared_out", lambda *given: Memory(200_000_000, 1, 1))
    assert plan(one, "--memory", "1GB", out="turns").exit_code == 0
    assert filecmp.cmp(one / "out/outcomes.parquet", one / "turns/outcomes.parquet", shallow=False)


@pytest.mark.parametrize(
    ("size", "said"), [("4", "is no amount of memory"), ("-1GB", "is no amount"), ("100MB", "are too little")]
)
def test_sizes_that_are_none_or_too_small(size: str, said: str, tmp_path: Path) -> None:
    done = plan(make(tmp_path), f"--memory={size}")
    assert done.exit_code == 2 and said in done.output and not (tmp_path / "out").exists()


def test_work_that_does_not_fit_says_what_to_do() -> None:
    engine = open_engine("duckdb", LIMIT)
    engine._run("SET memory_limit = '10MB'")  # type: ignore[attr-defined]
    with pytest.raises(InputError) as stopped:
        engine.rows(exp.select("list(range)").from_("range(10000000)"))
    assert stopped.value.message == "The work does not fit into 400 MB of memory"
    assert stopped.value.help == "Allow more with --memory."
    engine.close()


def test_the_units_of_a_size() -> None:
    from runtime.cli.inputs import Size

    sizes = {"4GB": 4_000_000_000, "800mb": 800_000_000, "1.5GB": 1_500_000_000, "500000KB": 500_000_000}
    assert {text: Size().convert(text, None, None) for text in sizes} == sizes


def test_help_tells_of_it() -> None:
    assert "--memory SIZE" in camp("plan", "--help").output
