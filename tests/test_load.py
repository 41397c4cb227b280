"""Rows of customers and events that are refused, one by one: where they stand, in which field, what stands there, and why."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from dsl.settings import Settings
from runtime.errors import InputError
from tests.banks import csv, picked, program, read

BANK = """
brand b "B" {{ zone "Asia/Shanghai"; currency CNY; phones "CN"; rejects {rejects} }}
customer {{
  id key; phone phone?; surname text(2)?; region one_of("county", "city"); assets money?; score number?; apr rate?
  born date?; vip flag; home zone?
}}
event view {{ page text; n number? }}
policy p {{ }}
campaign c {{ policy p; kind benefit; runs 2026-03-01..2026-12-31
  audience {{ did view in last 7 days }}
  start once
  message sms {{ text "Hi" }}
}}
"""
PROGRAM = program(BANK.format(rejects="100%"))
GOOD = {
    "id": "k1",
    "phone": "13800000001",
    "surname": "欧阳",
    "region": "county",
    "assets": "8500.10",
    "score": "2.5",
    "apr": "0.038",
    "born": "1990-01-01",
    "vip": "yes",
    "home": "",
}


def customers(folder: Path, *changes: dict[str, str]) -> Path:
    """A good customer k0, then one for each change of the good one."""
    rows = [GOOD | {"id": "k0"}, *(GOOD | change for change in changes)]
    csv(folder / "customers.csv", ",".join(GOOD), *(",".join(row.values()) for row in rows))
    return folder


REFUSED = [
    ("id", "", "is missing"),
    ("region", "", "is missing"),
    ("region", "town", "is none of county, city"),
    ("region", "County", "is none of county, city"),
    ("surname", "欧阳氏", "is longer than 2 characters"),
    ("assets", "lots", "is not an amount"),
    ("assets", "8500元", "is not an amount"),
    ("assets", "1e40", "is not an amount"),
    ("assets", "NaN", "is not an amount"),
    ("score", "two", "is not a number"),
    ("apr", "3.8%", "is not a rate"),
    ("born", "1990-02-30", "is not a date"),
    ("born", "01/02/1990", "is not a date"),
    ("born", "infinity", "is not a date"),
    ("born", "10000-01-01", "is not a date"),
    ("born", "0044-03-15 (BC)", "is not a date"),
    ("vip", "", "is missing"),
    ("vip", "maybe", "is not yes or no"),
    ("phone", "1380000", "is no valid phone number"),
    ("phone", "01062345678", "is no mobile number"),
    ("phone", "call me", "is no phone number"),
    ("home", "Mars/Olympus", "is no time zone"),
    ("home", "asia/shanghai", "is no time zone"),
    ("home", "../etc/passwd", "is no time zone"),
]


@pytest.fixture(scope="module")
def every_refusal(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], tuple[object, ...]]:
    changes = [
        {"id": f"k{at}", "phone": f"1380000{at:04}"} | {field: raw} for at, (field, raw, _) in enumerate(REFUSED, 1)
    ]
    found = read(PROGRAM, customers(tmp_path_factory.mktemp("refused"), *changes))
    assert [row["key"] for row in found.customers] == ["k0"]
    rows = found.refused()
    assert len(rows) == len(REFUSED) == found.loaded.refused == found.loaded.customers - 1
    return {(str(row[3]), str(row[4] or "")): row for row in rows}


@pytest.mark.parametrize(("at", "field", "raw", "reason"), [(at, *case) for at, case in enumerate(REFUSED, 1)])
def test_a_refused_row_says_where_and_why(every_refusal, at: int, field: str, raw: str, reason: str) -> None:  # type: ignore[no-untyped-def]
    key = f"k{at}" if field != "id" else None
    assert every_refusal[field, raw] == ("customers", at + 1, key, field, raw or None, reason)


def test_a_row_with_several_problems_is_refused_once_for_its_first(tmp_path: Path) -> None:
    found = read(PROGRAM, customers(tmp_path, {"region": "town", "assets": "lots", "phone": "1"}))
    assert found.refused("row", "field") == [(2, "region")]


def test_a_repeated_key_refuses_all_its_rows(tmp_path: Path) -> None:
    repeats = {}, {"id": "k2"}, {"assets": "1"}, {"id": " k1 ", "assets": "lots"}, {"id": "k3"}, {"id": "k3"}
    found = read(PROGRAM, customers(tmp_path, *repeats))
    assert [row["key"] for row in found.customers] == ["k0", "k2"]
    why = "stands on more than one row"
    assert found.refused("row", "key", "field", "value", "reason") == [
        (2, "k1", "id", "k1", why),
        (4, "k1", "id", "k1", why),
        (5, "k1", "assets", "lots", "is not an amount"),
        (6, "k3", "id", "k3", why),
        (7, "k3", "id", "k3", why),
    ]


def test_values_come_out_typed(tmp_path: Path) -> None:
    odd = {"assets": "1.005", "score": "-1e2", "apr": ".5", "born": "1990/1/2", "vip": "否", "home": "America/New_York"}
    found = read(
        PROGRAM, customers(tmp_path, odd, {"id": "k2", "phone": "", "surname": " ", "assets": "", "vip": "TRUE"})
    )
    names = ("key", "zone", "phone", "f_surname", "f_assets", "f_score", "f_apr", "f_born", "f_vip")
    shown = [
        tuple(value if isinstance(value, bool | None) else str(value) for value in row)
        for row in picked(found.customers, *names)
    ]
    assert shown == [
        ("k0", "Asia/Shanghai", "+8613800000001", "欧阳", "8500.10", "2.500000", "0.038000", "1990-01-01", True),
        ("k1", "America/New_York", "+8613800000001", "欧阳", "1.01", "-100.000000", "0.500000", "1990-01-02", False),
        ("k2", "Asia/Shanghai", None, None, None, "2.500000", "0.038000", "1990-01-01", True),
    ]


def test_missing_words_and_mapped_columns_come_from_the_settings(tmp_path: Path) -> None:
    settings = Settings(customers={"id": "客户号", "phone": "mobile no"}, missing=("unknown", "-"))
    mapped = program(BANK.format(rejects="100%"), settings)
    header = ",".join({"id": "客户号", "phone": "mobile no"}.get(name, name) for name in GOOD)
    csv(tmp_path / "customers.csv", header, "k1,unknown,-,city,-,,,,no,", "k2,,,unknown,,,,,no,")
    found = read(mapped, tmp_path)
    assert picked(found.customers, "key", "phone", "f_surname", "f_assets") == [("k1", None, None, None)]
    assert found.refused("key", "field", "value", "reason") == [("k2", "region", None, "is missing")]


def test_more_refused_rows_than_the_brand_allows_stop_the_load(tmp_path: Path) -> None:
    folder = customers(tmp_path, *({"id": f"k{at}", "assets": "" if at > 2 else "lots"} for at in range(1, 20)))
    assert read(program(BANK.format(rejects="10%")), folder).loaded.refused == 2
    with pytest.raises(InputError) as stopped:
        read(program(BANK.format(rejects="9.99%")), folder)
    assert stopped.value.message == "2 of 20 customers cannot be used, and the brand allows 9.99%"
    assert stopped.value.help == "Nothing was written. 2 rows: is not an amount."


def views(folder: Path, header: str, *lines: str):  # type: ignore[no-untyped-def]
    csv(customers(folder, {}) / "events" / "view.csv", header, *lines)
    return read(PROGRAM, folder, ("view",))


def test_events_that_say_too_little_are_refused(tmp_path: Path) -> None:
    lines = [
        ",2026-03-01,a,loan,",
        "k0,,b,loan,",
        "k0,soon,c,loan,",
        "k0,2026-03-01,,loan,",
        "k0,2026-03-01,d,,",
        "k0,2026-03-01,e,x,two",
    ]
    found = views(tmp_path, "customer,at,id,page,n", *lines, "k0,2026-03-01,f,loan,2")
    assert picked(found.events["view"], "customer", "eid", "p_page", "p_n") == [("k0", "f", "loan", Decimal(2))]
    assert found.refused() == [
        ("events/view", 1, None, "customer", None, "is missing"),
        ("events/view", 2, "k0", "at", None, "is no instant between 1971 and 2100"),
        ("events/view", 3, "k0", "at", "soon", "is no instant between 1971 and 2100"),
        ("events/view", 4, "k0", "id", None, "is missing"),
        ("events/view", 5, "k0", "page", None, "is missing"),
        ("events/view", 6, "k0", "n", "two", "is not a number"),
    ]


def test_two_contents_of_one_id_are_all_refused_and_identical_repeats_are_one(tmp_path: Path) -> None:
    same, other = "k0,2026-03-01 08:00,a,loan", "k0,2026-03-01 08:00,b,loan"
    found = views(tmp_path, "customer,at,id,page", same, other, same, "k1,2026-03-01 08:00,b,loan", other)
    assert picked(found.events["view"], "customer", "eid") == [("k0", "a")]
    why = "stands for two different events"
    assert sorted(found.refused("row", "key", "field", "value", "reason")) == [
        (2, "k0", "id", "b", why),
        (4, "k1", "id", "b", why),
        (5, "k0", "id", "b", why),
    ]


def test_a_refused_repeat_does_not_refuse_the_event_it_repeats(tmp_path: Path) -> None:
    found = views(tmp_path, "customer,at,id,page", "k0,2026-03-01,a,loan", "k0,2026-03-01,a,")
    assert (len(found.events["view"]), found.refused("row", "field")) == (1, [(2, "page")])


def test_events_without_an_id_are_told_apart_by_their_content(tmp_path: Path) -> None:
    lines = [
        "k0,2026-03-01,loan",
        "k0,2026-03-01,loan",
        "k1,2026-03-01,loan",
        "k0,2026-03-01,home",
        "k0,2026-03-02,loan",
    ]
    found = views(tmp_path, "customer,at,page", *lines)
    assert sorted(picked(found.events["view"], "customer", "at", "p_page")) == [
        ("k0", "2026-02-28 16:00:00", "home"),
        ("k0", "2026-02-28 16:00:00", "loan"),
        ("k0", "2026-03-01 16:00:00", "loan"),
        ("k1", "2026-02-28 16:00:00", "loan"),
    ]
    assert len({row["eid"] for row in found.events["view"]}) == 4 and found.rejects == []


def test_an_event_of_an_unknown_or_refused_customer_is_left_out_silently(tmp_path: Path) -> None:
    customers(tmp_path, {"vip": "maybe"})
    csv(
        tmp_path / "events" / "view.csv",
        "customer,at,page",
        "k1,2026-03-01,x",
        "nobody,2026-03-01,x",
        "k0,2026-03-01,x",
    )
    found = read(PROGRAM, tmp_path, ("view",))
    assert picked(found.events["view"], "customer") == [("k0",)]
    assert found.refused("source", "key") == [("customers", "k1")]


@pytest.mark.parametrize(
    ("declared", "doubled"),
    [
        ("born date?", "born date?; Born date?"),
        ("n number?", "n number?; N number?"),
        ("policy p {", "event View\n\npolicy p {"),
    ],
)
def test_names_that_differ_in_capitals_only_are_refused(tmp_path: Path, declared: str, doubled: str) -> None:
    text = BANK.format(rejects="100%")
    with pytest.raises(InputError, match="differ in capitals only"):
        read(program(text.replace(declared, doubled, 1)), customers(tmp_path))
