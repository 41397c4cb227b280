"""A limit on memory holds: what needs more spills, and comes to the same."""

from __future__ import annotations

import filecmp
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from sqlglot import exp

from benchmarks import memory
from runtime.engines import open_engine
from runtime.engines.duckdb import DuckDB
from runtime.engines.memory import Memory
from runtime.errors import InputError
from runtime.relational.repeats import repeated
from runtime.relational.sql import table
from tests.agree.compare import differences
from tests.agree.compare import make as make_case
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


def test_keys_come_in_turns_as_large_as_their_rows_allow() -> None:
    """A tenth of the keys have nearly all rows: their turns are the smaller ones, and together the turns are everybody."""
    engine = open_engine("duckdb")
    engine._run(  # type: ignore[attr-defined]
        "CREATE TEMP TABLE seen AS SELECT range % CASE WHEN range % 10 < 9 THEN 1000 ELSE 10000 END AS id, range AS at"
        " FROM range(100000)"
    )
    taken: list[tuple[int, int]] = []  # keys and rows of each turn

    def kernel(keys: Any, pieces: Sequence[Callable[[], Mapping[str, Any]]]) -> Mapping[str, Any]:
        plain, ordered = (piece() for piece in pieces)
        taken.append((len(keys), len(plain["id"])))
        assert (ordered["at"][1:] >= ordered["at"][:-1]).all() and len(ordered["at"]) == len(plain["at"])
        counts = np.bincount(plain["id"], minlength=len(keys))
        return {
            "id": keys,
            "count": counts,
            "total": np.bincount(ordered["id"], ordered["at"], len(keys)).astype(np.int64),
        }

    def found() -> list[tuple[Any, ...]]:
        queries = [exp.select("id", "at").from_(table("seen")) for _ in range(2)]
        columns = dict.fromkeys(("id", "count", "total"), "BIGINT")
        everybody = exp.select("range AS id").from_("range(10000)")
        engine.grouped("kept", columns, [queries[0], queries[1].order_by("at")], "id", kernel, everybody)
        return engine.rows(exp.select("*").from_(table("kept")).order_by("id"))

    whole = found()
    assert taken == [(10_000, 100_000)]
    taken.clear()
    engine.share = 500_000
    assert found() == whole
    assert len(taken) > 5 and sum(keys for keys, _ in taken) == 10_000 and sum(rows for _, rows in taken) == 100_000
    assert taken[0][0] < 200 < taken[-2][0]
    assert all(rows * 2 * 8 + keys * 3 * 8 <= engine.share for keys, rows in taken)
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


@pytest.mark.parametrize("seed", range(50_000, 50_004))
def test_whatever_a_program_asks_comes_to_the_same_in_turns(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Behaviour, caps, budgets and paces of a random program, a few keys at a time, against the interpreter."""
    bounded = DuckDB.__init__

    def begun(engine: DuckDB, memory: int | None = None) -> None:
        bounded(engine, memory)
        engine.share = 800

    monkeypatch.setattr(DuckDB, "__init__", begun)
    assert differences(make_case(seed, customers=25)) == []


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


def test_spark_has_limits_of_its_own(tmp_path: Path) -> None:
    done = plan(make(tmp_path), "--memory=1GB", "--engine=spark")
    assert done.exit_code == 2 and "Spark has limits of its own" in done.output and not (tmp_path / "out").exists()
