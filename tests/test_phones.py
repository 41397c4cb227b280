"""Phones: what the engine reads by itself is what the phonenumbers library reads, and everything else goes to the library."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp

from runtime.engines import open_engine
from runtime.relational.phones import parse, plain, prepare
from runtime.relational.sql import col, table

REGIONS = ("CN", "US", "GB", "DE", "HK", "IN", "IT", "SG", "BR", "AU", "RU", "")


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("13800000001", "+8613800000001"),
        ("138-0000-0001", "+8613800000001"),
        ("+86 138-0000-0001", "+8613800000001"),
        ("008613800000001", "+8613800000001"),
        ("8613800000001", "+8613800000001"),
        ("(138) 0000 0001", "+8613800000001"),
        ("１３８００００　０００１", "+8613800000001"),
        ("+1 212-555-2368", "+12125552368"),
        ("0044 7911 123456", "+447911123456"),
        ("+852 5123 4567", "+85251234567"),
        ("1380000", "is no valid phone number"),
        ("138000000011", "is no valid phone number"),
        ("+8613800000001234", "is no valid phone number"),
        ("010-6234-5678", "is no mobile number"),
        ("+86 400 810 8888", "is no mobile number"),
        ("95588", "is no valid phone number"),
        ("call me", "is no phone number"),
        ("1", "is no phone number"),
        ("138\t0000\t0001", "is no phone number"),
        ("+", "is no phone number"),
    ],
)
def test_a_chinese_banks_phones(raw: str, expected: str) -> None:
    assert read([raw], "CN") == {raw: (expected, None) if expected.startswith("+") else (None, expected)}


def test_without_a_region_only_numbers_with_a_country_code_are_read() -> None:
    found = read(["13800000001", "+8613800000001", "008613800000001"], "")
    assert {raw: e164 for raw, (e164, _) in found.items()} == {
        "13800000001": None,
        "+8613800000001": "+8613800000001",
        "008613800000001": None,
    }


def read(raws: list[str], region: str) -> dict[str, tuple[str | None, str | None]]:
    engine = open_engine("duckdb")
    try:
        engine.insert("people", {"f_phone": "VARCHAR"}, [(raw,) for raw in raws])
        prepare(engine, "people", "f_phone", region)
        return {raw: (e164, why) for raw, e164, why in engine.rows(exp.select("*").from_(table("phones")))}
    finally:
        engine.close()


def written(region: str) -> st.SearchStrategy[str]:
    """Numbers of a region as people write them, with slips, and plain nonsense of the same characters."""
    shape = phonenumbers.PhoneMetadata.metadata_for_region(region, None)
    code = str(shape.country_code) if shape else "86"
    pattern = shape.mobile.national_number_pattern if shape else r"1[38]\d{9}"
    prefix = st.sampled_from(["", "+" + code, "00" + code, code, "0", "+", "00", "011" + code, "++" + code])
    national = st.from_regex(pattern, fullmatch=True, alphabet="0123456789")

    def spread(number: str, marks: list[str]) -> str:
        return "".join(a + b for a, b in zip(number, [*marks, *[""] * len(number)], strict=False))

    marks = st.lists(st.sampled_from(["", "", "", " ", "-", "  ", "\t", ".", "\u3000", "x", "/"]), max_size=12)
    number = st.builds(spread, st.builds("{}{}".format, prefix, national), marks)
    return number | st.text("0123456789+- ()\t\nx１", max_size=18) | st.text(max_size=15)


@pytest.mark.parametrize("region", REGIONS)
def test_the_engine_reads_a_phone_as_the_library_does_or_leaves_it(region: str) -> None:
    engine = open_engine("duckdb")

    @settings(max_examples=10, database=None, deadline=None)
    @given(st.lists(written(region), min_size=20, max_size=40, unique=True))
    def law(raws: list[str]) -> None:
        raws = [raw for raw in raws if "\0" not in raw]
        engine.insert("raws", {"raw": "VARCHAR"}, [(raw,) for raw in raws])
        rows = engine.rows(exp.select(col("raw"), plain(col("raw"), region)).from_(table("raws")))
        engine._run('DROP TABLE "raws"')  # type: ignore[attr-defined]
        assert sorted(raw for raw, _ in rows) == sorted(raws)
        fast = {raw: e164 for raw, e164 in rows if e164 is not None}
        assert fast == {raw: parse(raw, region)[0] for raw in fast}

    law()
    engine.close()


def test_the_engine_reads_what_is_written_plainly_by_itself() -> None:
    engine = open_engine("duckdb")
    written = ["13800000001", "+8613800000001", "0086 138 0000 0001", "138-0000-0001"]
    engine.insert("raws", {"raw": "VARCHAR"}, [(raw,) for raw in written])
    assert engine.rows(exp.select(plain(col("raw"), "CN")).from_(table("raws"))) == [("+8613800000001",)] * 4
    engine.close()
