"""A load of some customers is what a load of all holds of them, and of whoever has the same phone."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from sqlglot import exp

from dsl.program.ir import Program
from runtime.engines import open_engine
from runtime.errors import InputError
from runtime.relational.load import load
from runtime.relational.sql import micros, table
from tests.agree.compare import make
from tests.banks import AT, csv, parquet, program

BANK = program("""
brand b "B" { zone "Asia/Shanghai"; currency CNY; phones "CN"; cost sms 0.05 CNY; rejects 100% }
customer { id key; phone phone?; name text? }
event view { page text }
policy p { }
campaign c "C" { policy p; kind benefit; runs 2026-03-01..2026-03-31; audience { did view }; start once
  message sms { text "Hi" } }
""")
_NOT_KEPT = ("id", "owner")  # numbers of the load; who owns a phone is asked of the interpreter


def tables(of: Program, folder: Path, used: Iterable[str], only: list[str] | None) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of customers, events and decisions, each customer by key."""
    engine = open_engine("duckdb")
    try:
        loaded = load(engine, of, folder, set(used), micros(AT), only)
        key = dict(engine.rows(exp.select("id", "key").from_("customers")))
        found = {"customers": engine.rows(exp.select(f"* EXCLUDE ({', '.join(_NOT_KEPT)})").from_("customers"))}
        for name, made in loaded.events.items():
            rows = engine.rows(exp.select("id", "* EXCLUDE (id)").from_(table(made)))
            found[name] = [(key[number], *rest) for number, *rest in rows]
        if loaded.decided:
            found["decisions"] = engine.rows(exp.select("* EXCLUDE (__row)").from_("decisions"))
        return {name: sorted(rows, key=repr) for name, rows in found.items() if rows}
    finally:
        engine.close()


def people(of: Program, folder: Path, *only: str) -> list[str]:
    return [row[0] for row in tables(of, folder, (), list(only)).get("customers", [])]


@pytest.mark.parametrize("seed", range(6))
def test_what_is_loaded_of_some_is_what_is_loaded_of_all(seed: int, tmp_path: Path) -> None:
    case = make(300 + seed, customers=20)
    case.world.write(case.program, tmp_path)
    used = {event.name for event in case.program.events if not event.derived}
    every = tables(case.program, tmp_path, used, None)
    phones = {row[0]: row[2] for row in every["customers"]}
    for who in sorted(phones)[seed::7]:
        same = {key for key, phone in phones.items() if key == who or (phone is not None and phone == phones[who])}
        expected = {
            name: [row for row in rows if row[0] in same] for name, rows in every.items() if name != "decisions"
        }
        sent = [row for row in every.get("decisions", []) if row[2] in same or (phones[who] and phones[who] in row)]
        expected = {name: rows for name, rows in (expected | {"decisions": sent}).items() if rows}
        found = tables(case.program, tmp_path, used, [who])
        decisions = found.pop("decisions", [])
        # Decisions about others are kept where they went to one of the phones.
        assert found == {name: rows for name, rows in expected.items() if name != "decisions"}
        assert {*decisions} >= {*sent} and {*decisions} <= {*every.get("decisions", [])}


PHONES = (
    "13800000042",
    "+8613800000042",
    " 138 0000 0042 ",
    "138-0000-0042",
    "0086 138 0000 0042",
    "1 3 8 0 0 0 0 0 0 4 2",
    "138 00 00 00 42",
)
OTHERS = ("13800000043", "13800010042", "13900000042", "", "12", "0042", "x42")


@pytest.mark.parametrize("asked", range(len(PHONES)))
def test_a_phone_is_known_however_it_is_written(asked: int, tmp_path: Path) -> None:
    rows = {
        f"k{at}": phone for at, phone in enumerate((*PHONES, "１３８００００００４２", "13800000042 ext. 7", *OTHERS))
    }
    parquet(tmp_path / "customers.parquet", {"id": [*rows], "phone": [*rows.values()], "name": ["x"] * len(rows)})
    csv(tmp_path / "events/view.csv", "customer,at,page")
    assert people(BANK, tmp_path, f"k{asked}") == [f"k{at}" for at in range(len(PHONES) + 2)]


@pytest.mark.parametrize("type", [pa.string(), pa.int64(), pa.int16(), pa.decimal128(19, 0), pa.large_string()])
def test_keys_of_every_type(type: pa.DataType, tmp_path: Path) -> None:
    ids = pa.array([7, 17, 71, 77, 170], pa.int64()).cast(type)
    parquet(
        tmp_path / "customers.parquet",
        {"id": ids, "phone": pa.array([13800000042 + at for at in range(5)]), "name": ["x"] * 5},
    )
    parquet(tmp_path / "events/view.parquet", {"customer": ids, "at": ["2026-03-01T10:00Z"] * 5, "page": ["x"] * 5})
    found = tables(BANK, tmp_path, {"view"}, ["17"])
    assert [row[0] for row in found["customers"]] == ["17"] and [row[0] for row in found["view"]] == ["17"]
    assert people(BANK, tmp_path, "017") == people(BANK, tmp_path, "1") == people(BANK, tmp_path, "x") == []


def test_blanks_around_a_key_mean_nothing(tmp_path: Path) -> None:
    ids = ["k1", "k1x", "xk1", "k1 \u3000", " k1"]
    parquet(tmp_path / "customers.parquet", {"id": ids[:3], "phone": [None] * 3, "name": ["x"] * 3})
    parquet(tmp_path / "events/view.parquet", {"customer": ids, "at": ["2026-03-01T10:00Z"] * 5, "page": [*"abcde"]})
    found = tables(BANK, tmp_path, {"view"}, ["k1"])
    assert len(found["customers"]) == 1 and [row[3] for row in found["view"]] != [] and len(found["view"]) == 3


def test_a_repeated_key_is_refused_here_too(tmp_path: Path) -> None:
    csv(tmp_path / "customers.csv", "id,phone,name", "k1,,a", "k1 ,,b", "k2,,c")
    assert people(BANK, tmp_path, "k1") == [] and people(BANK, tmp_path, "k2") == ["k2"]


def test_what_went_to_the_phone_is_loaded_whoever_it_was_sent_for(tmp_path: Path) -> None:
    csv(tmp_path / "customers.csv", "id,phone,name", "k1,13800000042,a", "k2,13800000043,b")
    sends = ("c,gone,138 0000 0042", "c,k2,+8613800000042", "c,k2,13800000043", "c,k1,", "c,gone,")
    csv(
        tmp_path / "ledger.csv",
        "campaign,customer,recipient,at,occurrence",
        *(f"{one},2026-03-01T10:00Z,{at}" for at, one in enumerate(sends)),
    )
    found = tables(BANK, tmp_path, (), ["k1"])
    assert sorted(row[3] for row in found["decisions"]) == ["0", "1", "3"]


def test_files_are_looked_at_as_in_a_whole_load(tmp_path: Path) -> None:
    csv(tmp_path / "customers.csv", "id,phone,name", "k1,,a")
    with pytest.raises(InputError, match="There is no"):
        tables(BANK, tmp_path, {"view"}, ["k1"])
    csv(tmp_path / "events/view.csv", "customer,at", "k1,2026-03-01T10:00Z")
    with pytest.raises(InputError, match="no column `page`"):
        tables(BANK, tmp_path, {"view"}, ["k1"])
    csv(tmp_path / "customers.csv", "phone,name", ",a")
    with pytest.raises(InputError, match="no column `id`"):
        tables(BANK, tmp_path, (), ["k1"])
