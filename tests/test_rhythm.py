"""How often campaigns come in a month: at most, and for certain."""

from __future__ import annotations

from datetime import date

import pytest

from dsl.compiler import analyse
from dsl.model import Campaign, Model
from dsl.rhythm import certain_entries, most_entries
from runtime.policies.worst import Worst, worst
from tests.completing import campaign, completed

MAY = date(2026, 5, 1), date(2026, 5, 31)  # Mondays: 4, 11, 18, 25


def modelled(text: str) -> Model:
    analysis = analyse(completed(text))
    assert analysis.model is not None and not [one for one in analysis.found if one.severity == "error"], analysis.found
    return analysis.model


def read(body: str) -> Campaign:
    return modelled(campaign(body)).campaigns["c"]


@pytest.mark.parametrize(
    ("body", "most", "certain"),
    [
        ("start once\nruns 2026-05-01..2026-05-31", 1, 1),
        ("start once\nruns 2026-05-01..2026-06-30", 1, 0),
        ("start once\nagain after 7 days\nruns 2026-01-01..2026-12-31", 5, 4),
        ("start every month on day 31\nruns 2026-01-01..2026-12-31", 1, 1),
        ("start every month on day 31\nruns 2026-05-01..2026-05-30", 1, 0),
        ("start every month on day 31\nruns 2026-01-01..2026-12-31\nwindow mon 09:00-10:00", 1, 0),
        ("start every week on mon\nruns 2026-01-01..2026-12-31", 5, 4),
        ("start every week on mon\nruns 2026-05-05..2026-12-31", 5, 3),
        ("start every week on mon\nagain after 7 days\nruns 2026-01-01..2026-12-31", 5, 4),
        ("start every week on mon\nagain after 14 days\nruns 2026-01-01..2026-12-31", 3, 2),
        # That of Thursday 28 opens in June.
        ("start every week on thu\nruns 2026-01-01..2026-12-31\nwindow wed 09:00-10:00", 5, 3),
        ("start every week on thu\nruns 2026-01-01..2026-12-31\nwindow workdays 09:00-10:00", 5, 4),
        ("start when tick\nexpire after 1 day\nruns 2026-05-01..2026-05-31", None, 0),
        ("start when tick\nagain after 15 days\nexpire after 1 day\nruns 2026-05-01..2026-05-31", 3, 0),
    ],
)
def test_entries_of_a_month(body: str, most: int | None, certain: int) -> None:
    found = read(body)
    assert (most_entries(found), certain_entries(found, *MAY)) == (most, certain)


def test_day_31_of_a_month_without_one_is_its_last() -> None:
    found = read("start every month on day 31\nruns 2026-01-01..2026-12-31")
    assert certain_entries(found, date(2026, 6, 1), date(2026, 6, 30)) == 1


def test_who_is_written_to_again_is_counted_again_by_policy_show() -> None:
    model = modelled("policy rules { quiet 22:00-08:00; cap 3 per month }\n" + campaign("again after 5 days"))
    assert list(worst(model, model.policies["rules"])) == [Worst("c", 7, 3)]
