"""The ledger: its defaults, the rows that are refused, and what makes it no ledger of this program."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from runtime.errors import InputError
from runtime.outcomes import COLUMNS
from tests.banks import Read, csv, parquet, picked, program, read, shown

BANK = """
brand b "B" { zone "Asia/Shanghai"; currency CNY; phones "CN"; rejects 100% }
customer { id key; phone phone?; home zone? }
policy p { }
campaign c { policy p; kind benefit; runs 2026-03-01..2026-12-31
  audience { id != "" }
  start once
  message sms { text "Hi" }
}
campaign old { retired }
"""
PROGRAM = program(BANK)
SOON = datetime(2026, 3, 1, 16)  # 2026-03-02 00:00 in Shanghai, 2026-03-01 11:00 in New York
DEFAULTS = ("step", "occurrence", "outcome", "started_at", "decided_at", "local_date", "zone", "recipient", "kind")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    csv(tmp_path / "customers.csv", "id,phone,home", "k1,138 0000 0001,", "k2,13800000002,America/New_York", "k3,,")
    return tmp_path


def ledger(folder: Path, columns: dict[str, Any]) -> Read:
    parquet(folder / "ledger.parquet", columns)
    return read(PROGRAM, folder)


def values(found: Read, *names: str) -> list[tuple[Any, ...]]:
    rows = [
        {name: shown(value) if name.endswith("_at") else value for name, value in row.items()} for row in found.ledger
    ]
    return picked(rows, *names)


def test_without_a_file_nothing_was_ever_decided(folder: Path) -> None:
    found = read(PROGRAM, folder)
    assert (found.ledger, found.rejects) == ([], [])


def test_three_columns_are_enough(folder: Path) -> None:
    found = ledger(
        folder, {"campaign": ["c", "c", "old", "c"], "customer": ["k1", "k2", "k3", "gone"], "at": [SOON] * 4}
    )
    same, instant = ("entry", "1", "send"), "2026-03-01 16:00:00"
    assert values(found, *DEFAULTS) == [
        (*same, instant, instant, date(2026, 3, 2), "Asia/Shanghai", "+8613800000001", None),
        (*same, instant, instant, date(2026, 3, 1), "America/New_York", "+8613800000002", None),
        (*same, instant, instant, date(2026, 3, 2), "Asia/Shanghai", None, None),
        (*same, instant, instant, date(2026, 3, 2), "Asia/Shanghai", None, None),
    ]


def test_what_the_row_says_goes_before_the_defaults(folder: Path) -> None:
    row = {
        "campaign": ["c"],
        "customer": ["k1"],
        "step": ["entry"],
        "occurrence": ["e7"],
        "outcome": ["deferred"],
        "started_at": ["2026-02-01T00:00:00Z"],
        "at": [datetime(2026, 3, 9)],
        "decided_at": [datetime(2026, 3, 3, tzinfo=UTC)],
        "local_date": ["2026-03-08"],
        "zone": ["Asia/Tokyo"],
        "recipient": ["008613811111111"],
        "kind": ["benefit"],
    }
    expected = ("entry", "e7", "deferred", "2026-02-01 00:00:00", "2026-03-03 00:00:00", date(2026, 3, 8))
    assert values(ledger(folder, row), *DEFAULTS) == [(*expected, "Asia/Tokyo", "+8613811111111", "benefit")]


def test_a_run_writes_what_the_ledger_reads(folder: Path) -> None:
    types = {
        "TIMESTAMP": pa.timestamp("us"),
        "DATE": pa.date32(),
        "INTEGER": pa.int32(),
        "DECIMAL(18,4)": pa.decimal128(18, 4),
    }
    row = {
        "campaign": "c",
        "customer": "k1",
        "occurrence": "1",
        "outcome": "suppressed",
        "reason": "cap",
        "started_at": SOON,
    }
    row |= {"step": "entry", "zone": "Asia/Shanghai", "recipient": "+8613800000001", "decided_at": SOON}
    columns = {name: pa.array([row.get(name)], types.get(type, pa.string())) for name, type in COLUMNS.items()}
    found = ledger(folder, columns)
    assert values(found, "outcome", "started_at", "local_date") == [("suppressed", "2026-03-01 16:00:00", None)]
    assert found.rejects == []


def test_a_recipient_is_the_same_however_it_was_written(folder: Path) -> None:
    raws = ["+8613800000001", "13800000001", "138-0000-0001", "0086 13800000001", "not known", None]
    found = ledger(
        folder,
        {
            "campaign": ["c"] * 6,
            "customer": ["gone"] * 6,
            "at": [SOON] * 6,
            "occurrence": list("123456"),
            "recipient": raws,
        },
    )
    assert [row["recipient"] for row in found.ledger] == ["+8613800000001"] * 4 + ["not known", None]


REFUSED = [
    ({"campaign": None}, "campaign", None, "is missing"),
    ({"customer": ""}, "customer", None, "is missing"),
    ({"outcome": "sent"}, "outcome", "sent", "is no outcome"),
    ({"at": None}, "at", None, "is missing"),
    ({"outcome": "control", "at": None}, "at", None, "is missing"),
    ({"outcome": "expired", "at": None}, "started_at", None, "is missing"),
    ({"outcome": "expired", "at": None, "started_at": "2026-03-01"}, "decided_at", None, "is missing"),
    ({"at": "soon"}, "at", "soon", "is no instant between 1971 and 2100"),
    ({"started_at": "1969-01-01"}, "started_at", "1969-01-01", "is no instant between 1971 and 2100"),
    ({"decided_at": "now"}, "decided_at", "now", "is no instant between 1971 and 2100"),
    ({"local_date": "Monday"}, "local_date", "Monday", "is not a date"),
    ({"zone": "Mars/Olympus"}, "zone", "Mars/Olympus", "is no time zone"),
]


def test_rows_that_mean_nothing_are_refused(folder: Path) -> None:
    good = {"campaign": "c", "customer": "k1", "outcome": "send", "at": "2026-03-01", "occurrence": "1"}
    rows = [good, *({**good, "occurrence": f"e{at}", **change} for at, (change, *_) in enumerate(REFUSED))]
    names = (*good, "started_at", "decided_at", "local_date", "zone")
    csv(folder / "ledger.csv", ",".join(names), *(",".join(str(row.get(name) or "") for name in names) for row in rows))
    found = read(PROGRAM, folder)
    assert [row["occurrence"] for row in found.ledger] == ["1"]
    expected = [
        ("ledger", at, row["customer"] or None, *case[1:])
        for at, (row, case) in enumerate(zip(rows[1:], REFUSED, strict=True), 2)
    ]
    assert sorted(found.refused(), key=lambda row: row[1]) == expected


def test_rows_decided_later_are_not_seen(folder: Path) -> None:
    late = datetime(2026, 3, 4, 1, 0, 0, 1)
    found = ledger(
        folder, {"campaign": ["c", "strange"], "customer": ["k1", "k1"], "at": [SOON, SOON], "decided_at": [late, late]}
    )
    assert (found.ledger, found.rejects) == ([], [])


def test_of_rows_about_one_decision_the_latest_final_one_counts(folder: Path) -> None:
    outcomes = ["send", "expired", "deferred", "suppressed", "deferred"]
    days = [datetime(2026, 3, day) for day in (1, 2, 3, 1, 1)]
    columns = {"customer": ["k1", "k1", "k1", "k2", "k2"], "outcome": outcomes, "at": days, "decided_at": days}
    found = ledger(folder, {"campaign": ["c"] * 5} | columns)
    assert values(found, "customer", "outcome", "decided_at") == [
        ("k1", "expired", "2026-03-02 00:00:00"),
        ("k2", "deferred", "2026-03-01 00:00:00"),  # of equals the later in the file
    ]


def test_a_campaign_that_the_program_does_not_know_stops_the_load(folder: Path) -> None:
    with pytest.raises(InputError) as stopped:
        ledger(folder, {"campaign": ["spring", "c", "autumn"], "customer": ["gone"] * 3, "at": [SOON] * 3})
    assert stopped.value.message == "The ledger knows campaigns that the program does not: `autumn`, `spring`"
    assert "campaign autumn { retired }" in stopped.value.help


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"campaign": ["c"], "customer": ["k1"]}, "The ledger has no column `at`"),
        ({"campaign": ["c"], "at": [SOON]}, "The ledger has no column `customer`"),
        ({"at": [7]}, "The ledger's column `at` holds BIGINT, and an instant is needed"),
        ({"started_at": [[SOON]]}, "The ledger's column `started_at` holds TIMESTAMP[], and an instant is needed"),
        ({"customer": [1.0]}, "The ledger's column `customer` holds DOUBLE, and a text is needed"),
        ({"outcome": [b"send"]}, "The ledger's column `outcome` holds BLOB, and a text is needed"),
        ({"local_date": [20260301]}, "The ledger's column `local_date` holds BIGINT, and a date is needed"),
    ],
)
def test_columns_that_are_missing_or_of_another_type_stop_the_load(
    folder: Path, columns: dict[str, Any], message: str
) -> None:
    whole = {"campaign": ["c"], "customer": ["k1"], "at": [SOON]}
    with pytest.raises(InputError) as stopped:
        ledger(folder, columns if len(columns) > 1 else whole | columns)
    assert stopped.value.message == message and stopped.value.help


def test_a_truncated_ledger_stops_the_load(folder: Path) -> None:
    whole = parquet(folder / "ledger.parquet", {"campaign": ["c"], "customer": ["k1"], "at": [SOON]}).read_bytes()
    (folder / "ledger.parquet").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError) as stopped:
        read(PROGRAM, folder)
    assert stopped.value.message.startswith(f"{folder}/ledger.parquet cannot be read: ")
