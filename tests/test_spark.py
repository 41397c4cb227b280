"""The same program over the same data on Spark: the same rows, texts and hashes, with nothing large in the process that asks."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlglot
from sqlglot import exp

from runtime.engines import open_engine
from runtime.engines.base import Engine
from runtime.errors import InputError
from tests.agree.compare import compare, differences
from tests.agree.compare import make as case_of
from tests.plans import make, plan
from tests.sparks import NEEDED, URL, embedded, spark

pytestmark = NEEDED
__all__ = ["embedded", "spark"]
TABLES = ("sends", "outcomes", "rejects")
ODD = ["", "a", '"', ",", "a\nb", "é，", "=1", None, "😀", " x "]


def query(text: str) -> exp.Expr:
    return sqlglot.parse_one(text, read="duckdb")


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("bank"))


def test_a_plan_is_the_same_on_both(bank: Path) -> None:
    for name, options in (("duckdb", ()), ("spark", ("--engine", "spark", "--spark-url", URL))):
        done = plan(bank, *options, out=name)
        assert done.exit_code == 0, done.output
    for name in TABLES:
        one, other = (pq.read_table(bank / engine / f"{name}.parquet") for engine in ("duckdb", "spark"))
        assert [(one.name, one.type) for one in other.schema] == [(one.name, one.type) for one in one.schema]
        assert other.to_pylist() == one.to_pylist()  # in the same order
        assert (bank / "spark" / f"{name}.parquet").stat().st_mode & 0o777 == 0o600
    assert pq.read_metadata(bank / "spark/sends.parquet").num_rows > 0


@pytest.mark.parametrize("seed", [1, 5])
def test_random_programs_agree_with_the_interpreter(seed: int) -> None:
    assert differences(case_of(seed, 8), "spark") == []


@pytest.mark.parametrize("end", ["parquet", "csv"])
def test_a_file_is_written_as_the_other_writes_it(end: str, tmp_path: Path, spark: Engine, embedded: Engine) -> None:
    """What a query orders is in that order; without one, as its table was ordered when it was made."""
    columns = {"i": "BIGINT", "x": "VARCHAR", "d": "DATE", "t": "TIMESTAMP", "c": "DECIMAL(18,4)", "f": "BOOLEAN"}
    for engine in (embedded, spark):
        engine.insert("w", columns, [(len(ODD) - i, x, None, None, None, i > 3) for i, x in enumerate(ODD)])
        engine.create("ordered", query("SELECT * FROM w ORDER BY i"))
        engine.write(query("SELECT i, x, f FROM ordered"), tmp_path / f"{engine.name}.{end}")
        engine.write(query("SELECT * FROM w ORDER BY x, i DESC"), tmp_path / f"{engine.name}_x.{end}")
    for name in ("", "_x"):
        one, other = (tmp_path / f"{engine}{name}.{end}" for engine in ("duckdb", "spark"))
        if end == "csv":
            assert other.read_text("utf-8") == one.read_text("utf-8")
        else:
            assert pq.read_table(other).to_pylist() == pq.read_table(one).to_pylist()


def test_files_are_read_alike(tmp_path: Path, spark: Engine, embedded: Engine) -> None:
    """Types that Spark has not, names that it takes for one, lines that are no rows."""
    stamps = pa.array([1_772_586_000_123_456_789, None], pa.timestamp("ns"))
    odd = {"a": stamps, "n": pa.array([2**63, 1], pa.uint64()), "l": pa.array([[1], []]), "z": pa.array(["甲", None])}
    pq.write_table(pa.table(odd), tmp_path / "odd.parquet")
    pq.write_table(pa.table({"A": ["1"], "b": ["2"]}), tmp_path / "plain.parquet")
    zoned = pa.array([1_772_586_000_123_456, 0], pa.timestamp("us", "Asia/Shanghai"))
    pq.write_table(pa.table({"at": zoned, "local": zoned.cast(pa.timestamp("us"))}), tmp_path / "zoned.parquet")
    (tmp_path / "torn.csv").write_text('a,b\n1,2\n1,2,3\n"x\ny",\n', "utf-8")
    (tmp_path / "lines.jsonl").write_text('{"a": 1, "b": "甲"}\n[1]\n{"b": null}\n', "utf-8")
    shown = {
        "odd.parquet": "__row, epoch_us(TRY_CAST(a AS TIMESTAMP)), n, z",
        "plain.parquet": "*",
        "zoned.parquet": "__row, epoch_us(TRY_CAST(at AS TIMESTAMPTZ)), epoch_us(TRY_CAST(local AS TIMESTAMP))",
        "torn.csv": "*",
        "lines.jsonl": "*",
    }
    for name, columns in shown.items():
        found = []
        for engine in (embedded, spark):
            held = engine.attach("raw", tmp_path / name)
            found.append((held, engine.rows(query(f"SELECT {columns} FROM raw ORDER BY __row")), engine.torn("raw")))
        if name == "plain.parquet":  # Spark has the number first
            found = [(held, sorted(sorted(map(str, row)) for row in rows), torn) for held, rows, torn in found]
        assert found[1] == found[0], name


def test_groups_come_whole_and_in_order(spark: Engine, embedded: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [(i % 7, i, None if i % 3 else i, f"t{i % 5}") for i in range(200)]
    columns = {"g": "BIGINT", "last": "BIGINT", "sum": "BIGINT", "texts": "VARCHAR"}
    found = []
    for engine in (embedded, spark):
        engine.insert("rows", {"g": "BIGINT", "i": "BIGINT", "n": "INTEGER", "t": "VARCHAR"}, rows)
        engine.insert("every", {"g": "BIGINT"}, [(g,) for g in range(9)])
        several = [
            query("SELECT g, i, n, t FROM rows ORDER BY g, t DESC, i"),
            query("SELECT g, i FROM rows WHERE i < 3"),
        ]
        engine.grouped("made", columns, several, "g", _kernel, query("SELECT g FROM every"))
        found.append(engine.rows(query("SELECT * FROM made ORDER BY g")))
    assert found[1] == found[0]
    assert len(found[0]) == 9


def _kernel(keys: Any, pieces: Any) -> dict[str, Any]:
    """The last number, the sum of those that are there, and the texts in their order; 1000 for each row of the second query."""
    first, second = (piece() for piece in pieces)
    last, total, texts = np.full(len(keys), -1), np.zeros(len(keys), np.int64), [""] * len(keys)
    for g, i, n, t in zip(*(first[name].tolist() for name in ("g", "i", "n", "t")), strict=True):
        last[g], texts[g] = i, texts[g] + t
        total[g] += n or 0
    np.add.at(total, second["g"], 1000)
    return {"g": keys, "last": last, "sum": total, "texts": texts}


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, list[Any]]]:
    """The plans of all tables that are kept, as many partitions and much input would have them, and how many rows each
    question brought."""
    from runtime.engines.spark import engine as module
    from runtime.engines.spark import few

    several = {"spark.sql.shuffle.partitions": "4", "spark.sql.adaptive.enabled": "false"}
    monkeypatch.setattr(few, "SETTINGS", few.SETTINGS | several)
    monkeypatch.setattr(few, "HELD", 0)
    seen: dict[str, list[Any]] = {"plans": [], "rows": [], "arrays": []}
    keep, rows = module.Spark._keep, module.Spark.rows

    def kept(self: Any, name: str, frame: Any) -> None:
        seen["plans"].append((name, frame._jdf.queryExecution().executedPlan().toString()))
        keep(self, name, frame)

    def asked(self: Any, of: exp.Expr) -> list[tuple[Any, ...]]:
        found = rows(self, of)
        seen["rows"].append((len(found), of.sql("duckdb")))
        return found

    def arrays(self: Any, of: exp.Expr) -> Any:
        raise AssertionError(f"rows are brought as arrays: {of.sql('duckdb')}")

    def held(self: Any, frame: Any) -> Any:
        raise AssertionError(f"a table is brought: {frame.columns}")

    monkeypatch.setattr(few.Few, "hold", held)
    for name, instead in (("_keep", kept), ("rows", asked), ("arrays", arrays)):
        monkeypatch.setattr(module.Spark, name, instead)
    yield seen


# Joins with tables that are small by nature are carried to every worker; nothing else may go through one.
_SINGLE = re.compile(r"Exchange SinglePartition|CollectLimit|TakeOrdered")


def test_nothing_large_goes_through_one_worker_or_comes_here(watched: dict[str, list[Any]]) -> None:
    customers = 120
    count, found = compare(case_of(1, customers), "spark")
    assert found == []
    assert count > customers
    assert len(watched["plans"]) > 30
    assert [name for name, made in watched["plans"] if _SINGLE.search(made)] == []
    # What comes here is told by the last question of all, the outcomes, which this test itself asks for.
    assert [asked for asked in watched["rows"][:-1] if asked[0] > customers // 2] == []


def test_a_number_in_an_order_would_be_found(spark: Engine) -> None:
    """What the test above looks for is what Spark says of such a query."""
    spark.insert("t", {"i": "BIGINT"}, [(i,) for i in range(10)])
    spark.create("many", query("SELECT i FROM t"))
    frame = spark._frame(query("SELECT i, row_number() OVER (ORDER BY i) AS r FROM many"))  # type: ignore[attr-defined]
    assert _SINGLE.search(frame._jdf.queryExecution().executedPlan().toString())


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        found: int = one.getsockname()[1]
        return found


def refused(url: str, scratch: str | None = None) -> str:
    with pytest.raises(InputError) as caught:
        open_engine("spark", url=url, scratch=scratch)
    return f"{caught.value.message}. {caught.value.help}"


def test_what_cannot_be_used_is_said(bank: Path, tmp_path: Path) -> None:
    port = free_port()
    assert refused(f"sc://localhost:{port}").startswith(f"Nobody answers at sc://localhost:{port}. Start the server")
    assert refused(f"spark://127.0.0.1:{port}").startswith("Nobody answers at spark://127.0.0.1")
    assert refused("http://a").startswith("http://a is no address of Spark. Write `local[2]`")
    assert refused("sc://cluster.example:15002").startswith("The workers of sc://cluster.example:15002 need a folder")
    (tmp_path / "file").write_text("")
    assert refused(URL, str(tmp_path / "file")).startswith("No folder for the tables of a run can be made")
    done = plan(bank, "--engine", "spark", "--ledger", bank / "l.duckdb", out="none")
    assert (done.exit_code, "A ledger is kept by DuckDB" in done.output, (bank / "none").exists()) == (2, True, False)
    assert not (bank / "l.duckdb").exists()


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    engine = open_engine("spark", url=URL, scratch=str(tmp_path))
    engine.insert("t", {"i": "BIGINT"}, [(1,)])
    engine.create("kept", query("SELECT i FROM t"))
    (folder,) = tmp_path.iterdir()
    assert folder.stat().st_mode & 0o777 == 0o700
    engine.close()
    assert list(tmp_path.iterdir()) == []
