"""Literals are read exactly."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsl.quantities import Duration, Money, money, number, percent, time_range


@pytest.mark.parametrize(
    ("text", "value"), [("300_000", "300000"), ("50万", "500000"), ("1.2亿", "120000000"), ("0.05", "0.05")]
)
def test_numbers(text: str, value: str) -> None:
    assert number(text) == Decimal(value)


def test_money_reads_yuan_as_cny() -> None:
    assert money("5万", "元") == Money(Decimal(50_000), "CNY")


def test_percent_is_exact() -> None:
    assert percent("3.8%") == Decimal("0.038")


def test_months_have_no_fixed_length() -> None:
    assert Duration(Decimal(1), "MONTH").microseconds is None
    assert Duration(Decimal(2), "DAY").microseconds == 172_800_000_000


@pytest.mark.parametrize("text", ["25:00-26:00", "10:60-11:00", "24:00-08:00", "08:00-24:01"])
def test_what_is_no_time_of_day_is_refused(text: str) -> None:
    assert time_range(text) is None


@given(st.integers(0, 1439), st.integers(0, 1440))
def test_times_of_day_round_trip(begin: int, end: int) -> None:
    text = f"{begin // 60:02}:{begin % 60:02}-{end // 60:02}:{end % 60:02}"
    assert time_range(text) == (begin, end)
