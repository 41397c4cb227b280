"""The same data in every form that a bank may keep them in."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute
import pyarrow.csv
import pyarrow.parquet as pq

_MONEY = pa.decimal128(18, 2)
_WHEN = pa.timestamp("us", tz="UTC")


def tables() -> dict[str, pa.Table]:
    """A bank for tests.plans.BANK: bad rows of every table, the second view on two days, a send of last month."""
    people = [(f"k{at}", f"1380000{at:04}", Decimal(at * 25), at != 7) for at in range(10)]
    people += [("k10", "123", Decimal(5), True), ("k11", None, Decimal(1000), True), (None, "13800000099", None, True)]
    views = [
        (who, datetime(2026, 3, day, 0, 30, tzinfo=UTC), page)
        for page in "xy"
        for day in (2, 3)
        for who in ("k1", "k5", "k6")
    ]
    views.insert(4, (None, datetime(2026, 3, 3, tzinfo=UTC), "x"))
    views.append(("k2", None, "y"))
    gone = [("k8", datetime(2026, 1, 1, tzinfo=UTC))]
    sent = [
        ("rich", "k4", datetime(2026, 3, 3, 2, tzinfo=UTC), date(2026, 3, 3), "send"),
        ("rich", None, None, None, "send"),
    ]
    return {
        "customers": _table(people, id=pa.string(), phone=pa.string(), assets=_MONEY, consent=pa.bool_()),
        "events/view": _table(views, customer=pa.string(), at=_WHEN, page=pa.string()),
        "events/opted_out": _table(gone, customer=pa.string(), at=_WHEN),
        "ledger": _table(
            sent, campaign=pa.string(), customer=pa.string(), at=_WHEN, local_date=pa.date32(), outcome=pa.string()
        ),
    }


def _table(rows: list[tuple[Any, ...]], **types: pa.DataType) -> pa.Table:
    columns = zip(*rows, strict=True)
    return pa.table({name: pa.array(values, type) for values, (name, type) in zip(columns, types.items(), strict=True)})


def one_file(folder: Path, bank: dict[str, pa.Table]) -> Path:
    for name, rows in bank.items():
        _write(rows, folder / f"{name}.parquet")
    return folder


def csv(folder: Path, bank: dict[str, pa.Table]) -> Path:
    for name, rows in bank.items():
        _write(rows, folder / f"{name}.csv")
    return folder


def parts(folder: Path, bank: dict[str, pa.Table], end: str = "parquet") -> Path:
    """Of at most two rows each, with what Spark leaves beside them."""
    for name, rows in bank.items():
        for at in range(0, max(len(rows), 1), 2):
            _write(rows.slice(at, 2), folder / name / f"part-{at:04}.{end}")
        (folder / name / "_SUCCESS").touch()
        (folder / name / ".part-0000.crc").touch()
    return folder


def csv_parts(folder: Path, bank: dict[str, pa.Table]) -> Path:
    return parts(folder, bank, "csv")


def partitioned(folder: Path, bank: dict[str, pa.Table]) -> Path:
    """Views by their page, which no file holds then; everything else in one file each."""
    one_file(folder, {name: rows for name, rows in bank.items() if name != "events/view"})
    views = bank["events/view"]
    for page in ("x", "y"):
        mine = views.filter(pa.compute.equal(views["page"], page)).drop_columns(["page"])
        _write(mine, folder / "events/view" / f"page={page}" / "part-0.parquet")
    return folder


def database(folder: Path, bank: dict[str, pa.Table]) -> Path:
    folder.mkdir()
    path = folder / "bank.duckdb"
    with duckdb.connect(str(path)) as into:
        for name, rows in bank.items():
            into.register("given", rows)
            into.execute(f'CREATE TABLE "{name.rpartition("/")[2]}" AS SELECT * FROM given')
            into.unregister("given")
    return path


LOCAL: dict[str, Callable[[Path, dict[str, pa.Table]], Path]] = {
    "csv": csv,
    "parts": parts,
    "csv parts": csv_parts,
    "partitioned": partitioned,
    "duckdb": database,
}

_TYPES = {"string": "text", "bool": "boolean", "decimal128(18, 2)": "numeric(18,2)", "date32[day]": "date"}


def to_postgres(address: str, bank: dict[str, pa.Table], schema: str) -> str:
    """The address of a new schema with the bank in it."""
    from adbc_driver_postgresql import dbapi

    with dbapi.connect(address, autocommit=True) as into, into.cursor() as run:
        run.execute(f'DROP SCHEMA IF EXISTS "{schema}" CASCADE')
        run.execute(f'CREATE SCHEMA "{schema}"')
        for name, rows in bank.items():
            table = f'"{schema}"."{name.rpartition("/")[2]}"'
            columns = ", ".join(f'"{one.name}" {_TYPES.get(str(one.type), "timestamptz")}' for one in rows.schema)
            run.execute(f"CREATE TABLE {table} ({columns})")
            for row in rows.to_pylist():
                values = ", ".join("NULL" if value is None else f"'{value}'" for value in row.values())
                run.execute(f"INSERT INTO {table} VALUES ({values})")
    return f"{address}?schema={schema}"


def to_bucket(endpoint: str, folder: Path, prefix: str) -> str:
    """The address of a bucket's part with a folder's files in it."""
    from pyarrow.fs import LocalFileSystem, S3FileSystem, copy_files

    there = S3FileSystem(endpoint_override=endpoint.partition("://")[2], scheme="http", allow_bucket_creation=True)
    there.create_dir("bank")
    copy_files(str(folder), f"bank/{prefix}", source_filesystem=LocalFileSystem(), destination_filesystem=there)
    return f"s3://bank/{prefix}"


def _write(rows: pa.Table, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".parquet":
        pq.write_table(rows, path)
    else:
        pyarrow.csv.write_csv(rows, path)


def copied(bank: Path, to: Path) -> Path:
    return Path(shutil.copytree(bank, to))
