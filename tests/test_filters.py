"""What filters write, by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsl.render.filters import FILTERS, plain

D = Decimal
SHOWN: list[tuple[str, Any, str]] = [
    ("wan", D("299999.99"), "29.99万元"),
    ("wan", D("300000"), "30万元"),
    ("wan", D("300000.00"), "30万元"),
    ("wan", D("10000"), "1万元"),
    ("wan", D("10099.99"), "1万元"),
    ("wan", D("9999.99"), "9999元"),
    ("wan", D("0.99"), "0元"),
    ("wan", D("0"), "0元"),
    ("wan", D("99999999.99"), "9999.99万元"),
    ("wan", D("100000000"), "1亿元"),
    ("wan", D("125990000"), "1.25亿元"),
    ("wan", (D("50000"), D("300000")), "5万元~30万元"),
    ("money", D("1200"), "1,200元"),
    ("money", D("1234.5"), "1,234.50元"),
    ("money", D("0.1"), "0.10元"),
    ("money", D("1200.00"), "1,200元"),
    ("money", D("1234567.89"), "1,234,567.89元"),
    ("money", (D("1"), D("2.5")), "1元~2.50元"),
    ("percent", D("0.038"), "3.8%"),
    ("percent", D("0.0305"), "3.05%"),
    ("percent", D("1"), "100%"),
    ("percent", D("0"), "0%"),
    ("percent", (D("0.038"), D("0.072")), "3.8%~7.2%"),
    ("date", date(2026, 4, 30), "4月30日"),
    ("date", date(2026, 12, 1), "12月1日"),
    ("mask", "13800000001", "138****0001"),
    ("mask", "王小明", "王**"),
    ("mask", "王", "王"),
    ("mask", "", ""),
    ("salutation", {"surname": "王", "gender": "M"}, "王先生"),
    ("salutation", {"surname": "李", "gender": "F"}, "李女士"),
    ("salutation", {"surname": "李", "gender": None}, "尊敬的客户"),
    ("salutation", {"surname": None, "gender": "F"}, "尊敬的客户"),
    ("salutation", {"gender": "F"}, "尊敬的客户"),
]


@pytest.mark.parametrize(("name", "value", "text"), SHOWN)
def test_a_filter_writes(name: str, value: Any, text: str) -> None:
    assert FILTERS[name](value) == text


@pytest.mark.parametrize("name", ["wan", "money", "percent", "date", "mask"])
def test_a_missing_value_stays_missing(name: str) -> None:
    assert FILTERS[name](None) is None and FILTERS["default"](FILTERS[name](None), "x") == "x"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (D("5.10"), "5.1"),
        (D("5E+3"), "5000"),
        (D("-0.00"), "0"),
        (date(2026, 3, 1), "2026-03-01"),
        (None, ""),
        (True, "yes"),
        ((D(1), D(2)), "1~2"),
    ],
)
def test_without_a_filter_a_value_is_written_plainly(value: Any, text: str) -> None:
    assert plain(value) == text


@given(st.decimals(0, 10**15, places=2))
def test_wan_never_promises_more_than_there_is(amount: Decimal) -> None:
    text = FILTERS["wan"](amount)
    size = D(10**8) if "亿" in text else D(10**4) if "万" in text else D(1)
    shown = D(text.rstrip("元万亿")) * size
    assert shown <= amount < shown + max(size / 100, 1)
