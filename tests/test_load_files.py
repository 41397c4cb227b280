"""Data files: CSV and Parquet of the same rows are the same tables, and a file that is no such file is said to be none."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from dsl.settings import Settings
from runtime.errors import InputError
from tests.banks import csv, parquet, picked, program, read

BANK = """
brand b "B" { zone "Asia/Shanghai"; currency CNY; phones "CN"; rejects 100% }
customer { id key; phone phone?; name text?; assets money?; born date?; vip flag? }
event view { page text? }
policy p { }
campaign c { policy p; kind benefit; runs 2026-03-01..2026-12-31
  audience { did view in last 7 days }
  start once
  message sms { text "Hi" }
}
"""
PROGRAM = program(BANK)
USED = ("view", "opted_out")


def people(folder: Path, raw: bytes | str, end: str = "csv") -> Path:
    (folder / f"customers.{end}").write_bytes(raw if isinstance(raw, bytes) else raw.encode())
    return folder


def names(folder: Path) -> list[tuple[Any, ...]]:
    return picked(read(PROGRAM, folder).customers, "key", "f_name")


def refusal(folder: Path, used: tuple[str, ...] = ()) -> str:
    """The one message with which a folder is refused."""
    with pytest.raises(InputError) as stopped:
        read(PROGRAM, folder, used)
    assert stopped.value.help
    return stopped.value.message.replace(str(folder), "DIR")


def test_csv_and_parquet_of_the_same_data_are_the_same_tables(tmp_path: Path) -> None:
    one, other = tmp_path / "csv", tmp_path / "parquet"
    csv(one / "customers.csv", "id,phone,name,assets,born,vip", "k1,13800000001,王,8500.10,1990-01-01,yes", "k2,,,,,")
    csv(one / "events/view.csv", "customer,at,page", "k1,2026-03-01 08:00:00.5,loan", "k2,2026-03-01,", "k2,soon,")
    csv(one / "events/opted_out.csv", "customer,at", "k2,2026-03-01")
    parquet(
        other / "customers.parquet",
        {
            "id": ["k1", "k2"],
            "phone": pa.array([13800000001, None], pa.int64()),
            "name": ["王", ""],
            "assets": pa.array([Decimal("8500.1"), None], pa.decimal128(20, 4)),
            "born": [date(1990, 1, 1), None],
            "vip": [True, None],
        },
    )
    instants = [datetime(2026, 3, 1, 8, 0, 0, 500_000), datetime(2026, 3, 1), None]
    parquet(other / "events/view.parquet", {"customer": ["k1", "k2", "k2"], "at": instants, "page": ["loan", "", None]})
    parquet(other / "events/opted_out.parquet", {"customer": ["k2"], "at": [date(2026, 3, 1)]})
    left, right = read(PROGRAM, one, USED), read(PROGRAM, other, USED)
    assert (left.customers, left.events) == (right.customers, right.events)
    assert len(left.events["view"]) == 2 and left.refused("row", "field") == right.refused("row", "field") == [
        (3, "at")
    ]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("\ufeffid,name\r\nk1,王\r\n", [("k1", "王")]),
        ('id,name\nk1,"O\'Neil, ""the one"""\n', [("k1", 'O\'Neil, "the one"')]),
        ("id,name\nk1,\"two\nlines\"\nk2,'x'\n", [("k1", "two\nlines"), ("k2", "'x'")]),
        ("id;name\nk1;a,b\n", [("k1", "a,b")]),
        ("name\tid\na\tk1\n", [("k1", "a")]),
        ('"name", id\na, k1', [("k1", "a")]),
        ("id,name\n#k1,a\n\nk2,b\n", [("#k1", "a"), ("k2", "b")]),
        ("id\rk1\r", [("k1", None)]),
    ],
    ids=["BOM and CRLF", "quotes", "line breaks in quotes", "semicolons", "tabs", "blanks", "blank lines", "CR"],
)
def test_csv_is_read_as_it_is_written(tmp_path: Path, raw: str, expected: list[tuple[str, str]]) -> None:
    assert names(people(tmp_path, raw)) == expected


def test_torn_lines_are_refused_and_the_others_read(tmp_path: Path) -> None:
    found = read(PROGRAM, people(tmp_path, b"id,name\nk1,a\nk2\nk3,b,c,d\nk4,\xcd\xf5\nk5,e\n"))
    assert picked(found.customers, "key") == [("k1",), ("k5",)]
    rows = found.refused("source", "row", "field", "value", "reason")
    assert [row[:4] for row in rows] == [
        ("customers", 3, None, "k2"),
        ("customers", 4, None, "k3,b,c,d"),
        ("customers", 5, None, "k4,??"),
    ]
    assert [str(row[4]).startswith("the line is no row: ") for row in rows] == [True] * 3
    assert (found.loaded.customers, found.loaded.refused) == (5, 3)


def test_torn_lines_of_events_are_told_under_the_events_name(tmp_path: Path) -> None:
    csv(people(tmp_path, "id\nk1\n") / "events/view.csv", "customer,at,page", "k1", "k1,2026-03-01,x")
    found = read(PROGRAM, tmp_path, ("view",))
    assert found.refused("source", "row", "value") == [("events/view", 2, "k1")] and len(found.events["view"]) == 1


FILE = "DIR/customers.csv"
OPEN = "Value with unterminated quote found."


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", f"{FILE} is empty: its first line has to name the columns"),
        (b"\nid\nk1\n", f"{FILE} is empty: its first line has to name the columns"),
        (b"id,name\n", "The customers file holds no rows"),
        (b"name\nk1\n", "customers has no column `id` for the field `id`"),
        (b"id,name,ID\nk1,a,b\n", f"{FILE} has two columns called `ID`"),
        ("id,姓名\nk1,王\n".encode("gbk"), f"{FILE} is not UTF-8: its first line cannot be read"),
        ("id,name\nk1,a\n".encode("utf-16"), f"{FILE} is not UTF-8: its first line cannot be read"),
        (b"id,name\nk1,a\nk2,\"b\nk3,c\n", f"{FILE} cannot be read from line 3 on: {OPEN}"),
    ],
    ids=["empty", "no header", "no rows", "no key", "two of a name", "GBK", "UTF-16", "open quote"],
)  # fmt: skip
def test_what_is_no_table_is_refused(tmp_path: Path, raw: bytes, message: str) -> None:
    assert refusal(people(tmp_path, raw)) == message


def test_lines_that_end_in_two_ways_are_refused(tmp_path: Path) -> None:
    assert refusal(people(tmp_path, b"id\nk1\r\nk2\n")).startswith("DIR/customers.csv cannot be read: ")


@pytest.mark.parametrize("raw", [b"", b"PAR1", b"\x00" * 100, b"id,name\nk1,a\n"])
def test_what_is_no_parquet_is_refused(tmp_path: Path, raw: bytes) -> None:
    assert refusal(people(tmp_path, raw, "parquet")).startswith("DIR/customers.parquet cannot be read: ")


@pytest.mark.parametrize("share", [0.5, 0.9])
def test_a_truncated_parquet_is_refused(tmp_path: Path, share: float) -> None:
    whole = parquet(tmp_path / "customers.parquet", {"id": [f"k{at}" for at in range(5_000)]}).read_bytes()
    assert "cannot be read" in refusal(people(tmp_path, whole[: int(len(whole) * share)], "parquet"))
    # Its end is there and the middle is not: this shows only while it is read.
    middle = b"\x00" * (len(whole) // 2)
    assert "cannot be read" in refusal(people(tmp_path, whole[:4] + middle + whole[4 + len(middle) :], "parquet"))


def test_instants_that_the_engine_cannot_hold_are_refused(tmp_path: Path) -> None:
    parquet(tmp_path / "customers.parquet", {"id": ["k1"]})
    parquet(tmp_path / "events/view.parquet", {"customer": ["k1"], "at": pa.array([-(2**53)], pa.timestamp("s"))})
    assert "cannot be read" in refusal(tmp_path, ("view",))


def test_missing_and_doubled_files_are_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none") == "There is no folder DIR"
    assert refusal(tmp_path) == "There is no customers.parquet or customers.csv in DIR"
    people(tmp_path, "id\nk1\n")
    assert refusal(tmp_path, USED).startswith(
        "There is no DIR/events/opted_out.parquet or .csv, and who refused messages must be known"
    )
    assert refusal(tmp_path, ("view",)) == "There is no DIR/events/view.parquet or .csv, and a campaign asks for it"
    parquet(tmp_path / "customers.parquet", {"id": ["k1"]})
    assert refusal(tmp_path) == "There are both DIR/customers.parquet and customers.csv"


def test_a_folder_without_parts_in_the_place_of_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "customers.parquet").mkdir()
    assert refusal(tmp_path) == "DIR/customers.parquet holds no .parquet and no .csv file"


@pytest.mark.parametrize("strange", ["a?b", "a*b", "a[1]", "day=2026-03-04", "id=k9", "it's", "客户"])
def test_the_folders_name_means_nothing(tmp_path: Path, strange: str) -> None:
    for folder, key in ((tmp_path / strange, "k1"), (tmp_path / "axb", "k2"), (tmp_path / "a1", "k3")):
        parquet(folder / "customers.parquet", {"id": [key]})
        csv(folder / "events/view.csv", "customer,at", f"{key},2026-03-01")
    found = read(PROGRAM, tmp_path / strange, ("view",))
    assert (picked(found.customers, "key"), len(found.events["view"])) == ([("k1",)], 1)


LIST, MOMENT = pa.array([["x"]]), datetime(2026, 3, 1, tzinfo=UTC)
TYPES = [
    ("id", LIST, "VARCHAR[]", "`id` is key"),
    ("id", [1.5], "DOUBLE", "`id` is key"),
    ("phone", [13800000001.0], "DOUBLE", "`phone` is phone"),
    ("name", [b"x"], "BLOB", "`name` is text"),
    ("assets", [True], "BOOLEAN", "`assets` is money"),
    ("assets", pa.array([[Decimal(1)]], pa.list_(pa.decimal128(18, 2))), "DECIMAL(18,2)[]", "`assets` is money"),
    ("born", [MOMENT], "TIMESTAMP WITH TIME ZONE", "`born` is date"),
    ("born", [19900101], "BIGINT", "`born` is date"),
    ("vip", [{"a": 1}], "STRUCT(a BIGINT)", "`vip` is flag"),
]


@pytest.mark.parametrize(("column", "values", "type", "spoken"), TYPES, ids=[f"{case[0]} {case[2]}" for case in TYPES])
def test_a_column_of_another_type_is_refused(tmp_path: Path, column: str, values: Any, type: str, spoken: str) -> None:
    parquet(tmp_path / "customers.parquet", {"id": ["k1"]} | {column: values})
    assert refusal(tmp_path) == f"The column `{column}` of customers holds {type}, and {spoken}"


@pytest.mark.parametrize(
    ("column", "values"), [("customer", [1.0]), ("id", LIST), ("at", [1_772_586_000]), ("at", LIST)]
)
def test_an_event_column_of_another_type_is_refused(tmp_path: Path, column: str, values: Any) -> None:
    parquet(tmp_path / "customers.parquet", {"id": ["1"]})
    parquet(tmp_path / "events/view.parquet", {"customer": ["1"], "at": [MOMENT], "id": ["e"]} | {column: values})
    assert refusal(tmp_path, ("view",)).startswith(f"The column `{column}` of events/view holds ")


def test_columns_of_kindred_types_are_read(tmp_path: Path) -> None:
    columns = {"id": [7], "phone": pa.nulls(1), "assets": [0.1 + 0.2], "vip": pa.array([1], pa.int8())}
    born = pa.array([datetime(1990, 1, 1, 23, 59)], pa.timestamp("ns"))
    parquet(tmp_path / "customers.parquet", columns | {"born": born, "name": pa.nulls(1)})
    parquet(tmp_path / "events/view.parquet", {"customer": pa.array([7], pa.int32()), "at": [MOMENT], "id": [1]})
    found = read(PROGRAM, tmp_path, ("view",))
    expected = ("7", None, Decimal("0.30"), date(1990, 1, 1), True)
    assert picked(found.customers, "key", "phone", "f_assets", "f_born", "f_vip") == [expected]
    assert picked(found.events["view"], "customer", "eid") == [("7", "1")]


def test_missing_columns_of_events_are_refused_and_mapped_ones_read(tmp_path: Path) -> None:
    csv(people(tmp_path, "id\nk1\n") / "events/view.csv", "cust,when,path", "k1,2026-03-01,x")
    assert refusal(tmp_path, ("view",)) == "events/view has no column `customer`"
    mapped = program(BANK, Settings(events={"": {"customer": "cust"}, "view": {"at": "when", "page": "path"}}))
    assert picked(read(mapped, tmp_path, ("view",)).events["view"], "customer", "p_page") == [("k1", "x")]
