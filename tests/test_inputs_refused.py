"""What is not whole, not of one kind, or does not answer is refused in words that say what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dsl.lang import translate
from runtime.engines import open_engine
from runtime.engines.base import BadFile
from runtime.errors import InputError
from runtime.inputs import open_source
from runtime.place import Place, placed
from tests import forms, servers
from tests.plans import AT, camp, make


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    with servers.postgres() as address:
        yield address


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_REGION": "us-east-1"}.items():
        monkeypatch.setenv(name, value)


def refused(place: Place, name: str = "customers") -> str:
    """The message, which has a Chinese one, with a help that has one too."""
    engine = open_engine("duckdb")
    try:
        with pytest.raises(InputError) as stopped:
            source = open_source(engine, place)
            try:
                source.attach(name, "raw_customers")
            finally:
                source.close()
    finally:
        engine.close()
    for text in (stopped.value.message, stopped.value.help):
        assert text and translate(text, "zh") != text, text
    return stopped.value.message


def _written(folder: Path) -> Path:
    return forms.parts(folder / "data", forms.tables()) / "customers"


def _touch(*names: str) -> Callable[[Path], None]:
    def made(customers: Path) -> None:
        for name in names:
            (customers / name).parent.mkdir(exist_ok=True)
            (customers / name).touch()

    return made


def _part(name: str, **columns: Any) -> Callable[[Path], None]:
    def made(customers: Path) -> None:
        (customers / name).parent.mkdir(exist_ok=True)
        pq.write_table(pa.table(columns), customers / name)

    return made


def _cut(customers: Path) -> None:
    part = customers / "part-0002.parquet"
    part.write_bytes(part.read_bytes()[:-20])


def _both(customers: Path) -> None:
    forms.one_file(customers.parent, {"customers": forms.tables()["customers"]})


PARTS = [
    ("half written", _touch("part-0014.parquet.tmp"), "DIR/part-0014.parquet.tmp is no .parquet and no .csv file"),
    ("not done yet", _touch("_temporary/x"), "DIR is still being written: there is _temporary"),
    ("Delta", _touch("_delta_log/x"), "DIR is a Delta table, of which not every file counts"),
    ("cut off", _cut, "part-0002.parquet cannot be read"),
    ("mixed", _touch("part-0001.csv"), "DIR mixes Parquet and CSV: part-0000.parquet and part-0001.csv"),
    ("no partition", _touch("more/x.parquet"), "DIR/more is no part and no partition"),
    (
        "two ways",
        _part("month=1/x.parquet", id=["k"]),
        "DIR is partitioned in two ways: month=1/x.parquet and part-0000",
    ),
    (
        "lacking",
        _part("part-9.parquet", id=["k"]),
        "DIR/part-9.parquet has no column `phone`, and part-0000.parquet has",
    ),
    (
        "more",
        _part("part-9.parquet", id=["k"], phone=["1"], assets=[1], consent=[True], x=[1]),
        "DIR/part-0000.parquet has no column `x`, and part-9.parquet has",
    ),
    (
        "another type",
        _part("part-9.parquet", id=["k"], phone=[1], assets=[1], consent=[True]),
        "The column `phone` of DIR holds VARCHAR in part-0000.parquet and BIGINT in part-9.parquet",
    ),
    ("file and folder", _both, "There are both"),
]


@pytest.mark.parametrize(("spoil", "said"), [one[1:] for one in PARTS], ids=[one[0] for one in PARTS])
def test_parts_that_are_not_whole_or_of_one_kind(spoil: Callable[[Path], None], said: str, tmp_path: Path) -> None:
    customers = _written(tmp_path)
    spoil(customers)
    message = str(refused_parts(customers)).replace(str(customers), "DIR")
    assert said in message


def refused_parts(customers: Path) -> str:
    try:
        return refused(customers.parent)
    except BadFile as error:  # `load` says what to do
        return str(error)


def test_a_key_of_a_partition_that_is_a_column_too(tmp_path: Path) -> None:
    (tmp_path / "customers").mkdir()
    _part("month=1/x.parquet", month=["1"])(tmp_path / "customers")
    assert "x.parquet is the key of its folder too" in refused(tmp_path)


def test_a_partition_without_a_value_is_missing_and_others_are_spelled_out(tmp_path: Path) -> None:
    customers = tmp_path / "customers"
    customers.mkdir()
    for value, id in (("__HIVE_DEFAULT_PARTITION__", "a"), ("a%2Fb", "b"), ("2026-01", "c")):
        _part(f"month={value}/x.parquet", id=[id])(customers)
    engine = open_engine("duckdb")
    open_source(engine, tmp_path).attach("customers", "rows")
    found = engine._run("SELECT __row, id, month FROM rows ORDER BY __row").fetchall()  # type: ignore[attr-defined]
    assert found == [(1, "c", "2026-01"), (2, "a", None), (3, "b", "a/b")]
    engine.close()


def test_torn_lines_of_parts_are_told_with_their_part(tmp_path: Path) -> None:
    bank = make(tmp_path)
    data = forms.csv_parts(bank / "given", forms.tables())
    with (data / "customers" / "part-0002.csv").open("a") as part:
        part.write('"k77","1","2","true","and more"\n')
    said = camp("data", "check", data, "--project", bank / "bank").output
    assert "in part-0002.csv: " in said and "13 rows read" not in said and "14 rows read" in said


ADDRESSES = [
    ("mysql://host/db", "No data are read from mysql://"),
    ("postgresql://me:hunter2@host/db", "The address of the data holds a password, which others would see"),
    ("postgresql://host/db?password=hunter2", "The address of the data holds a password, which others would see"),
    ("postgresql://[host/db", "The address of the data cannot be read"),
]


@pytest.mark.parametrize(("address", "said"), ADDRESSES)
def test_addresses_that_are_refused_before_anything_is_opened(address: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as stopped:
        placed(address)
    assert stopped.value.message == said and translate(said, "zh") != said
    assert translate(stopped.value.help, "zh") != stopped.value.help
    done = camp("plan", make(tmp_path) / "program.json", "--data", address, "--at", AT, "-o", tmp_path / "out")
    assert (
        done.exit_code == 2 and said in done.output and "hunter2" not in done.output and not (tmp_path / "out").exists()
    )


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "bank.duckdb"
    path.write_text("this is text " * 1000)
    assert "is no folder, and no DuckDB file that can be read" in refused(path)


def test_a_database_that_somebody_writes_and_a_ledger_as_its_own_data(tmp_path: Path) -> None:
    bank = make(tmp_path)
    path = forms.database(bank / "given", forms.tables())
    done = camp("plan", bank / "program.json", "--data", path, "--at", AT, "-o", bank / "out", "--ledger", path)
    assert done.exit_code == 2 and "is a DuckDB file, and no ledger" in done.output
    with duckdb.connect(str(bank / "l.duckdb")):
        pass
    done = camp("plan", bank / "program.json", "--data", bank / "l.duckdb", "--at", AT, "--ledger", bank / "l.duckdb")
    assert done.exit_code == 2 and "Another process has" in done.output, done.output


def test_a_table_that_is_not_there(tmp_path: Path) -> None:
    bank = make(tmp_path)
    rows = forms.tables()
    del rows["events/opted_out"]
    path = forms.database(bank / "given", rows)
    done = camp("plan", bank / "program.json", "--data", path, "--at", AT, "-o", bank / "out")
    assert done.exit_code == 2 and f"There is no table `opted_out` in {path}, and who refused" in done.output


def test_a_database_is_only_read_also_where_nobody_may_write(tmp_path: Path) -> None:
    path = forms.database(tmp_path / "given", forms.tables())
    path.chmod(0o400)
    engine = open_engine("duckdb")
    open_source(engine, path).attach("customers", "rows")
    with pytest.raises(BadFile, match="read-only"):
        engine._run("DELETE FROM given_data.customers")  # type: ignore[attr-defined]
    engine.close()


def test_views_of_a_database_are_read_too(tmp_path: Path) -> None:
    path = forms.database(tmp_path / "given", forms.tables())
    with duckdb.connect(str(path)) as into:
        into.execute("ALTER TABLE customers RENAME TO people")
        into.execute("CREATE VIEW customers AS SELECT * FROM people WHERE id > 'k5'")
    engine = open_engine("duckdb")
    assert "assets" in open_source(engine, path).attach("customers", "rows")
    found = engine._run("SELECT count(*), min(__row), max(__row) FROM rows").fetchall()  # type: ignore[attr-defined]
    assert found == [(4, 1, 4)]
    engine.close()


def test_a_server_that_does_not_answer() -> None:
    pytest.importorskip("adbc_driver_postgresql")
    address = f"postgresql://camp@127.0.0.1:{servers.free_port()}/bank"
    assert refused(address).startswith(f"{address} does not answer: ")


def test_a_bucket_that_does_not_answer_or_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{servers.free_port()}")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    assert "s3://bank/x does not answer" in refused("s3://bank/x")
    assert refused("s3://") == "s3:// names no bucket"
    with servers.bucket() as endpoint:
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
        assert refused("s3://bank/x") == "There is nothing at s3://bank/x"


def test_what_a_bucket_holds_is_told_by_its_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    customers = _written(tmp_path)
    _touch("part-0014.parquet.tmp")(customers)
    with servers.bucket() as endpoint:
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
        address = forms.to_bucket(endpoint, customers.parent, "p")
        assert refused(address) == f"{address}/customers/part-0014.parquet.tmp is no .parquet and no .csv file"


def test_schemas_tables_and_roles_of_a_server(postgres: str) -> None:
    from adbc_driver_postgresql import dbapi

    assert "has no table in the schema `nowhere`" in refused(f"{postgres}?schema=nowhere")
    address = forms.to_postgres(postgres, forms.tables(), "closed")
    with dbapi.connect(postgres, autocommit=True) as into, into.cursor() as run:
        run.execute("DROP ROLE IF EXISTS guest")
        run.execute("CREATE ROLE guest LOGIN")
        run.execute("GRANT USAGE ON SCHEMA closed TO guest")
    assert "permission denied for table customers" in refused(address.replace("camp@", "guest@"))
    assert 'role "nobody"' in refused(address.replace("camp@", "nobody@"))


def test_a_server_is_read_at_one_instant(postgres: str) -> None:
    """What others commit in between is not seen."""
    from adbc_driver_postgresql import dbapi

    address = forms.to_postgres(postgres, forms.tables(), "moving")
    engine = open_engine("duckdb")
    source = open_source(engine, address)
    source.attach("customers", "raw_customers")
    with dbapi.connect(postgres, autocommit=True) as into, into.cursor() as run:
        run.execute("DELETE FROM moving.opted_out")
    source.attach("events/opted_out", "raw_opted_out")
    source.close()
    assert engine._run("SELECT count(*) FROM raw_opted_out").fetchall() == [(1,)]  # type: ignore[attr-defined]
    engine.close()


def test_every_type_of_a_server_comes_as_one_that_is_read(postgres: str) -> None:
    from adbc_driver_postgresql import dbapi

    with dbapi.connect(postgres, autocommit=True) as into, into.cursor() as run:
        run.execute("DROP SCHEMA IF EXISTS types CASCADE")
        run.execute("CREATE SCHEMA types")
        run.execute("CREATE TYPE types.mood AS ENUM ('fine', 'bad')")
        run.execute(
            "CREATE TABLE types.customers AS SELECT 1::int2 a, 2::int8 b, 12345678901234.56::numeric(18,2) c, 'NaN'::numeric d,"
            " true e, DATE '2026-03-04' f, TIMESTAMPTZ '2026-03-04 09:00+08' g, TIMESTAMP '2026-03-04 09:00' h, 'x'::char(3) i,"
            """ '{"k": [1]}'::jsonb j, 'fine'::types.mood k, '00000000-0000-0000-0000-000000000001'::uuid l, ARRAY[1] m"""
        )
    engine = open_engine("duckdb")
    source = open_source(engine, f"{postgres}?schema=types")
    found = source.attach("customers", "rows")
    source.close()
    assert {name: found[name] for name in "bcefghjkl"} == {
        "b": "BIGINT", "c": "VARCHAR", "e": "BOOLEAN", "f": "DATE", "g": "TIMESTAMP WITH TIME ZONE", "h": "TIMESTAMP",
        "j": "VARCHAR", "k": "VARCHAR", "l": "VARCHAR",
    }  # fmt: skip
    assert found["m"].endswith("[]")  # as from any other source: no field holds a list
    rows = engine._run("SELECT c, d, i, j, k, epoch_us(g) FROM rows").fetchall()  # type: ignore[attr-defined]
    assert rows == [("12345678901234.56", "NaN", "x", '{"k": [1]}', "fine", 1772586000000000)]
    engine.close()
