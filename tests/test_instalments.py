"""Repayment plans against amortisation in fractions: month for month, exactly, until the loan is paid off."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsl.render.instalments import NOTHING, best, instalment, saving
from dsl.terms import Instalments
from tests.hand import BANK, brief, campaign, decide, event

TINY = Fraction(1, 10**30)
LOANS = (Instalments(12, "0.042"), Instalments(36, "0.054", "0.066"))
amounts = st.decimals(Decimal("0.01"), Decimal(100_000_000), places=2)
rates = st.decimals(Decimal(0), Decimal(1), places=6)
months = st.integers(1, 600)


def left_over(amount: Decimal, months: int, rate: Decimal) -> Fraction:
    """What is still owed after all instalments: each month the interest is added and one is paid."""
    owed, paid = Fraction(amount), Fraction(instalment(amount, months, rate))
    for _ in range(months):
        owed += owed * Fraction(rate) / 12 - paid
    return owed


def exact(amount: int, months: int, rate: str) -> Fraction:
    """The instalment as the amount over the sum of what one unit, paid each month, is worth today."""
    month = 1 / (1 + Fraction(rate) / 12)
    return amount / sum(month**k for k in range(1, months + 1))


def cents(value: Fraction) -> Decimal:
    return Decimal(floor(value * 100 + Fraction(1, 2))) / 100


@pytest.mark.parametrize(
    ("amount", "months", "rate", "monthly", "total"),
    [
        (300_000, 36, "0.054", "9045.25", "325628.84"),
        (300_000, 12, "0.042", "25572.39", "306868.72"),
        (50_000, 36, "0.066", "1534.73", "55250.17"),
        (100, 3, "0", "33.33", "100.00"),
        (200, 3, "0", "66.67", "200.00"),
        (1_000, 1, "0.12", "1010.00", "1010.00"),
        (120_000, 600, "0.0001", "200.50", "120300.75"),
    ],
)
def test_figures_to_the_cent(amount: int, months: int, rate: str, monthly: str, total: str) -> None:
    true = exact(amount, months, rate) if rate != "0" else Fraction(amount, months)
    assert (cents(true), cents(true * months)) == (Decimal(monthly), Decimal(total))
    found = best([Instalments(months, rate)], Decimal(amount), Decimal(months))
    assert (found["monthly"], found["total"]) == (Decimal(monthly), Decimal(total))
    assert found["interest"] == Decimal(total) - amount and found["months"] == months


@pytest.mark.parametrize(("amount", "months", "rate"), [(300_000, 36, "0.054"), (100, 3, "0"), (8_888, 60, "0.24")])
def test_the_unrounded_instalment_pays_the_loan_off(amount: int, months: int, rate: str) -> None:
    assert abs(left_over(Decimal(amount), months, Decimal(rate))) < TINY * 1000


@given(amounts, months, rates)
def test_the_present_value_of_all_instalments_is_the_amount(amount: Decimal, count: int, rate: Decimal) -> None:
    month = 1 / (1 + Fraction(rate) / 12)
    factor = Fraction(count) if month == 1 else month * (1 - month**count) / (1 - month)
    assert abs(Fraction(instalment(amount, count, rate)) * factor - Fraction(amount)) <= TINY * Fraction(amount)


@given(amounts, months, rates)
def test_no_loan_costs_less_than_it_lends_and_longer_ones_less_each_month(
    amount: Decimal, count: int, rate: Decimal
) -> None:
    one = best([Instalments(count, str(rate))], amount, Decimal(count))
    assert one["total"] >= amount and one["interest"] >= 0
    assert instalment(amount, count + 1, rate) <= instalment(amount, count, rate)


# ---- which of the loans
@pytest.mark.parametrize(
    ("amount", "asked", "most", "expected"),
    [
        ("300000", "36", "300000", 12),  # the shorter costs less in total
        ("300000", "12", None, 12),
        ("300000", "11", None, None),
        ("300000", "36", "299999.99", None),
        ("0.01", "36", "300000", 12),
        ("0", "36", None, None),
        ("-1", "36", None, None),
        (None, "36", None, None),
        ("300000", None, None, None),
    ],
)
def test_within_what_was_asked(amount: str | None, asked: str | None, most: str | None, expected: int | None) -> None:
    given = [None if text is None else Decimal(text) for text in (amount, asked, most)]
    found = best(LOANS, *given)
    assert found["months"] == expected and bool(found) is (expected is not None)
    assert expected is not None or found == NOTHING


def test_the_least_total_and_of_equals_the_shortest() -> None:
    cheap = (Instalments(12, "0.20"), Instalments(24, "0.03"), Instalments(36, "0.03"))
    assert best(cheap, Decimal(10_000), Decimal(36))["months"] == 24
    assert best(cheap, Decimal(10_000), Decimal(23))["months"] == 12
    free = [Instalments(count, "0") for count in (36, 12, 24)]
    assert best(free, Decimal(10_000), Decimal(36))["months"] == 12
    assert best([], Decimal(10_000), Decimal(36)) == NOTHING


def test_of_a_range_of_amounts_its_end_is_the_most() -> None:
    span = (Decimal(10_000), Decimal(300_000))
    assert best(LOANS, Decimal(300_000), Decimal(36), span)["months"] == 12
    assert best(LOANS, Decimal("300000.01"), Decimal(36), span) == NOTHING


# ---- how much less
@pytest.mark.parametrize(
    ("amount", "rate", "former", "less"),
    [
        (300_000, "0.054", "0.066", 163),
        (300_000, "0.054", "0.054", None),
        (300_000, "0.066", "0.054", None),
        (1_000, "0.054", "0.066", None),  # 54 cents
        (12_000, "0", "0.066", 35),
    ],
)
def test_a_saving_is_rounded_down_to_whole_units(amount: int, rate: str, former: str, less: int | None) -> None:
    true = exact(amount, 36, former) - (exact(amount, 36, rate) if rate != "0" else Fraction(amount, 36))
    assert (floor(true) if true >= 1 else None) == less
    found = saving(best([Instalments(36, rate, former)], Decimal(amount), Decimal(36)))
    assert found == (None if less is None else Decimal(less))


@given(amounts, st.integers(1, 120), rates, rates)
def test_no_saving_is_promised_too_high(amount: Decimal, count: int, rate: Decimal, former: Decimal) -> None:
    found = saving(best([Instalments(count, str(rate), str(former))], amount, Decimal(count)))
    true = Fraction(instalment(amount, count, former)) - Fraction(instalment(amount, count, rate))
    assert found == (Decimal(floor(true)) if true >= 1 else None)
    assert saving(best([Instalments(count, str(rate))], amount, Decimal(count))) is None


# ---- in copy
PRODUCT = """product p "贷" { max_amount 300_000 CNY
  plan 12 months at 4.2%
  plan 36 months at 5.4% instead of 6.6%
  calculator asked
}
"""
COPY = (
    "{% if plan %}{{ plan.amount | wan }} {{ plan.months }} {{ plan.rate | percent }} {{ plan.monthly | money }} "
    "{{ plan.total | money }} {{ plan.interest | money }} {{ plan | monthly_saving | default('-') }}{% else %}no{% endif %}"
)


def says(*asked: dict[str, Any], product: str = PRODUCT) -> str:
    text = product + campaign(
        body="start once; product p", message=f'message sms {{ text "{COPY}" }}'.replace("'-'", '\\"-\\"')
    )
    found = [event(f"a{place}", f"2026-03-0{place + 1} 09:00", **one) for place, one in enumerate(asked)]
    (shown,) = brief(decide(text, asked=found, bank=BANK), "text")
    return str(shown)


def test_the_plan_is_about_what_was_asked_last() -> None:
    big, small = {"amount": Decimal(300_000), "months": Decimal(36)}, {"amount": Decimal(50_000), "months": Decimal(12)}
    assert says(big, small) == "5万元 12 4.2% 4,262.07元 51,144.79元 1,144.79元 -"
    assert says(small, big).startswith("30万元 12 4.2% 25,572.39元 306,868.72元")
    long = PRODUCT.replace("12 months at 4.2%", "12 months at 84%")
    assert says(big, product=long) == "30万元 36 5.4% 9,045.25元 325,628.84元 25,628.84元 163元"


@pytest.mark.parametrize("asked", [(), ({"months": Decimal(36)},), ({"amount": Decimal(1)},)])
def test_where_nothing_fits_the_plan_is_not_there(asked: tuple[dict[str, Any], ...]) -> None:
    assert says(*asked) == "no"
    fits = {"amount": Decimal(300_000), "months": Decimal(36)}
    assert says(fits, {"amount": Decimal("300000.01"), "months": Decimal(36)}) == "no"  # only the latest is asked
    assert says(fits, {"amount": Decimal(300_000), "months": Decimal(11)}) == "no"
