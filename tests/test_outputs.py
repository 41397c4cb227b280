"""What a run writes is what docs/outputs.md says, in both formats: columns, types and keys that others rely on."""

from __future__ import annotations

import csv
import json
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from sqlglot import exp
from syrupy.assertion import SnapshotAssertion

from runtime.engines import open_engine
from runtime.engines.base import BadFile
from runtime.outcomes import DESCRIBED
from runtime.publish import FILES, files
from runtime.relational.sql import table as named
from runtime.tables import attach, cells
from tests.docs import OUTPUTS
from tests.outputs import OUTCOMES, REFUSED, SENDS, SUMMARY, keys, page
from tests.plans import camp, held, make, plan, table

TABLES = {"sends": SENDS, "outcomes": OUTCOMES, "rejects": REFUSED}
ARROW = {
    "string": "VARCHAR",
    "timestamp[us]": "TIMESTAMP",
    "date32[day]": "DATE",
    "int32": "INTEGER",
    "int64": "BIGINT",
}


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    return make(tmp_path)


def cells_of(bank: Path, name: str, out: str = "out") -> list[dict[str, str]]:
    with (bank / out / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def typed(cell: str, type: str) -> Any:
    """A cell of a CSV file as docs/outputs.md says to read it."""
    if cell == "":
        return None
    match type:
        case "VARCHAR":
            return cell.removeprefix("'")
        case "TIMESTAMP":
            return datetime.fromisoformat(cell).astimezone(UTC).replace(tzinfo=None)
        case "DATE":
            return date.fromisoformat(cell)
        case "INTEGER" | "BIGINT":
            return int(cell)
    return Decimal(cell)


# What is written down


def test_the_page_is_current() -> None:
    assert OUTPUTS.read_text(encoding="utf-8") == page(), "python -m tests.docs writes it again"


def test_columns_and_keys_stay_as_they_are(snapshot: SnapshotAssertion) -> None:
    """Others read these files. Add at the end; what is here already is neither renamed nor moved, retyped or dropped."""
    found = {name: [f"{key} {one.type}" for key, one in columns.items()] for name, columns in TABLES.items()}
    assert found | {"summary": [*SUMMARY]} == snapshot


@pytest.mark.parametrize("name", TABLES)
def test_a_table_has_the_columns_of_the_page(name: str, bank: Path) -> None:
    plan(bank)
    schema = pq.read_schema(bank / "out" / f"{name}.parquet")
    found = {one.name: ARROW.get(str(one.type), str(one.type)) for one in schema}
    expected = {key: one.type.replace("DECIMAL(18,4)", "decimal128(18, 4)") for key, one in TABLES[name].items()}
    assert [*found.items()] == [*expected.items()]
    section = OUTPUTS.read_text(encoding="utf-8").split(f"## {name}\n")[1].split("\n## ")[0]
    assert re.findall(r"^\| `(\w+)`", section, re.M) == [*found]


def test_the_summary_has_the_keys_of_the_page(bank: Path) -> None:
    plan(bank, "--ledger", bank / "l.duckdb")
    said = json.loads((bank / "out/summary.json").read_text(encoding="utf-8"))
    always = [key for key in SUMMARY if not key.startswith("best_hours")]  # see tests/test_learned_hour.py
    assert [*dict.fromkeys(keys(said))] == always
    plan(bank, out="plain")
    plain = json.loads((bank / "plain/summary.json").read_text(encoding="utf-8"))
    assert [*dict.fromkeys(keys(plain))] == [key for key in always if not key.startswith("made_with.")]


def test_a_column_is_never_missing_where_the_page_says_never(bank: Path) -> None:
    plan(bank)
    rows = table(bank, "outcomes") + table(bank, "sends")
    never = [name for name, one in DESCRIBED.items() if one.missing == "never"]
    assert len(never) > 8 and [(name, row) for row in rows for name in never if row[name] is None] == []
    assert all(
        row["at"] is None and row["text"] is None for row in rows if row["outcome"] == "suppressed" and "text" in row
    )


# CSV


def test_a_csv_holds_what_parquet_holds(bank: Path) -> None:
    plan(bank, out="one")
    assert plan(bank, "--output-format", "csv", out="two").exit_code == 0
    assert sorted(held(bank / "two")) == sorted(files("csv"))
    assert (bank / "one/summary.json").read_text() == (bank / "two/summary.json").read_text()
    for name, columns in TABLES.items():
        expected, found = table(bank, name, "one"), cells_of(bank, name, "two")
        assert [{key: typed(row[key], one.type) for key, one in columns.items()} for row in found] == expected
        assert all([*row] == [*columns] for row in found) and (expected or name == "rejects")


def test_phones_are_texts_and_instants_have_their_zone(bank: Path) -> None:
    plan(bank, "--output-format", "csv")
    first = cells_of(bank, "sends")[0]
    assert (first["recipient"], first["at"], first["reason"]) == ("'+8613800000001", "2026-03-04T01:00:00Z", "")


def test_either_format_replaces_the_other(bank: Path) -> None:
    plan(bank, "--output-format", "csv")
    assert plan(bank).exit_code == 0 and sorted(held(bank / "out")) == sorted(FILES)
    assert "sends.csv, outcomes.csv, rejects.csv" in plan(bank, "--output-format", "csv").output
    assert sorted(held(bank / "out")) == sorted(files("csv"))


def test_verify_reads_csv_and_finds_in_it_what_is_broken(bank: Path) -> None:
    plan(bank, "--output-format", "csv")
    verify = ("verify", bank / "out", bank / "program.json", "--data", bank / "data")
    done = camp(*verify)
    assert done.exit_code == 0 and "quiet hours are kept: 0 of 5 sends" in done.output
    path = bank / "out/sends.csv"
    path.write_text(path.read_text("utf-8").replace("T02:00:00Z", "T15:00:00Z"), encoding="utf-8")
    broken = camp(*verify)
    assert broken.exit_code == 1 and "quiet hours are kept: 4 of 5 sends" in broken.output
    path.write_text(path.read_text("utf-8").replace("rich,entry", "rich", 1), encoding="utf-8")
    torn = camp(*verify)
    assert torn.exit_code == 2 and "sends.csv cannot be read: line 3 is no row" in torn.output
    path.write_text("campaign\nrich\n", encoding="utf-8")
    less = camp(*verify)
    assert less.exit_code == 2 and "sends.csv has no column `step`" in less.output


MARKS = "=+-@\t\r\n＝＋－＠"
HOSTILE = [
    *(f"{mark}cmd|' /C calc'!A0" for mark in MARKS),
    "'", "''=1", "' =1", "a=1", " =1", '"=1"', '=1",=2', "=a\nb", "a\r\nb", ",", "😀",
    "+8613800000001", "-1", "—",
]  # fmt: skip


def test_hostile_cells_start_no_formula_and_come_back(tmp_path: Path) -> None:
    engine = open_engine("duckdb")
    columns = {"text": "VARCHAR", "at": "TIMESTAMP", "cost": "DECIMAL(18,4)", "day": "DATE", "n": "INTEGER"}
    rows = [
        (one, datetime(2026, 3, 4, 1, 2, 3, at), Decimal("0.05"), date(2026, 3, 4), at)
        for at, one in enumerate(HOSTILE)
    ]
    rows.append((None, None, None, None, None))  # type: ignore[arg-type]
    engine.insert("rows", columns, rows)
    engine.write(exp.select(*cells(columns, "csv")).from_(named("rows", "t")), tmp_path / "back.csv")
    with (tmp_path / "back.csv").open(encoding="utf-8", newline="") as file:
        written = [row["text"] for row in csv.DictReader(file)]
    assert written == [f"'{one}" if one[0] in "'" + MARKS else one for one in HOSTILE] + [""]
    assert [one for one in written if one.startswith(tuple(MARKS))] == []
    attach(engine, "back", tmp_path, columns)
    assert engine.rows(exp.select(*columns).from_("back")) == rows
    engine.close()


def test_a_value_that_is_of_another_type_is_no_table(tmp_path: Path) -> None:
    engine = open_engine("duckdb")
    (tmp_path / "x.csv").write_text("at\nyesterday\n", encoding="utf-8")
    with pytest.raises(BadFile, match="yesterday"):
        attach(engine, "x", tmp_path, {"at": "TIMESTAMP"})
    engine.close()


def test_a_customer_who_is_called_like_a_formula(bank: Path) -> None:
    """From the data through the run: the key, and what was refused."""
    path = bank / "data/customers.csv"
    path.write_text(
        path.read_text("utf-8") + '"=HYPERLINK(1)",13900000001,200,yes\n@b,=1+1,200,yes\n', encoding="utf-8"
    )
    assert plan(bank, "--output-format", "csv").exit_code == 0
    text = (bank / "out/sends.csv").read_text("utf-8") + (bank / "out/rejects.csv").read_text("utf-8")
    assert ",'=HYPERLINK(1)," in text and ",'@b,phone,'=1+1," in text
    assert re.findall(r"(?m)(?:^|,)\"?[=@+]", text) == []


def test_the_example_reads_as_a_ledger_once_it_is_undone(bank: Path) -> None:
    plan(bank, "--output-format", "csv", "--for", "1d")
    rows = [{name: typed(cell, "VARCHAR") or "" for name, cell in row.items()} for row in cells_of(bank, "outcomes")]
    with (bank / "data/ledger.csv").open("w", encoding="utf-8", newline="") as file:
        csv.DictWriter(file, rows[0]).writeheader()
        csv.DictWriter(file, rows[0]).writerows(rows)
    assert plan(bank, "--for", "1d", out="again").exit_code == 0
    assert table(bank, "sends", "again") == []
