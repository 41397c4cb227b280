"""A limit on memory holds: what needs more spills, and comes to the same."""

from __future__ import annotations

import filecmp
from pathlib import Path

import duckdb
import pytest
from sqlglot import exp

from benchmarks import memory
from runtime.engines import open_engine
from runtime.engines.memory import Memory
from runtime.errors import InputError
from runtime.relational import ranges
from runtime.relational.repeats import repeated
from runtime.relational.sql import table
from tests.completing import HERE
from tests.plans import camp, make, plan

LIMIT = 500_000_000
CAMP = HERE.parent / ".venv/bin/camp"


# Long copy for nearly everybody, of four campaigns of which one is sent: a few rows hold much.
PROGRAM = """
brand b "B" { zone "Asia/Shanghai"; currency CNY; phones "CN"; rejects 100% }
customer { id key; phone phone; assets money? }
event view { page text }
policy p { cap 1 per day; cap 2 per 7 days }
""" + "".join(
    f"""
campaign c{at} {{ policy p; kind benefit; runs 2026-03-01..2026-12-31; priority {at}
  audience {{ any {{ assets >= 100 CNY; count(view in last 30 days) >= 2 }} }}
  start once
  message sms {{ text "{{{{ customer.assets | default("-") }}}}{"详情请见手机银行。" * 10}" }}
}}
"""
    for at in range(4)
)


def written(folder: Path, customers: int) -> None:
    (folder / "bank").mkdir()
    (folder / "bank" / "all.camp").write_text(PROGRAM, encoding="utf-8")
    assert camp("compile", folder / "bank", "-o", folder / "program.json").exit_code == 0
    (folder / "data" / "events").mkdir(parents=True)
    views = f"SELECT 'C' || range % {customers // 2} AS customer, TIMESTAMP '2026-03-01' AS at, 'v' || range AS id, 'x' AS page"
    tables = {
        "customers": f"""SELECT 'C' || range AS id, (13000000000 + range)::VARCHAR AS phone,
            (hash(range) % 1000)::DECIMAL(18, 2) AS assets FROM range({customers})""",
        "events/view": f"{views} FROM range({customers * 3})",
        "events/opted_out": "SELECT 'C1' AS customer, TIMESTAMP '2026-03-01' AS at",
    }
    with duckdb.connect() as made:
        for name, rows in tables.items():
            made.execute(f"COPY ({rows}) TO '{folder / 'data' / name}.parquet' (FORMAT parquet)")


def test_a_run_within_a_limit_that_it_would_exceed(tmp_path: Path) -> None:
    """At most 1.2 × the limit, where without one it holds more than that."""
    written(tmp_path, 60_000)
    command = [str(CAMP), "plan", str(tmp_path / "program.json"), "--data", str(tmp_path / "data")]
    command += ["--at", "2026-03-04T09:00+08:00", "--quiet", "-o"]
    _, free = memory.measured([*command, str(tmp_path / "free")])
    _, held = memory.measured([*command, str(tmp_path / "bounded"), "--memory", "500MB"])
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
    assert stopped.value.message == "The work does not fit into 500 MB of memory"
    assert stopped.value.help == "Allow more with --memory."
    engine.close()


def test_the_units_of_a_size() -> None:
    from runtime.cli.inputs import Size

    sizes = {"4GB": 4_000_000_000, "800mb": 800_000_000, "1.5GB": 1_500_000_000, "500000KB": 500_000_000}
    assert {text: Size().convert(text, None, None) for text in sizes} == sizes


def test_help_tells_of_it() -> None:
    assert "--memory SIZE" in camp("plan", "--help").output
