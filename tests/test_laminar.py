"""Where a recipient's caps nest (a kind's day within the day within the month), what the interpreter sends is the best there is.

Sets of sends that hold such caps are the independent sets of a laminar matroid, and for a matroid taking what still fits in
the order of weight gives the heaviest set, whatever the weights (J. Edmonds, Matroids and the greedy algorithm, Mathematical
Programming 1, 1971, 127-136). So the rank is kept: no other plan sends more, and none sends more urgent messages. Here every
subset is tried. Where caps cross, as kinds that overlap or weeks and months do, the order of rank still decides, and more
might have fitted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import lru_cache
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.program.ir import Program
from runtime.reference.caps import Sent, apply
from runtime.reference.data import Person
from tests.hand import BANK, campaign
from tests.test_reference import NINE, compiled, wall

NAMES = "abcdefg"
DAYS = (date(2026, 3, 4), date(2026, 3, 5), date(2026, 4, 1))
KINDS = ("benefit", "triggered", "event_notice")
Row = dict[str, Any]
Group = Callable[[Row], object]  # what a cap counts together; None: not this row


def of(kinds: Sequence[str], period: str) -> Group:
    def group(row: Row) -> object:
        day: date = row["local_date"]
        return None if row["kind"] not in kinds else day if period == "day" else (day.year, day.month)

    return group


NESTED: dict[str, list[tuple[int, Group]]] = {
    "cap 1 of benefit per day; cap 2 per day; cap 3 per month": [
        (1, of(["benefit"], "day")),
        (2, of(KINDS, "day")),
        (3, of(KINDS, "month")),
    ],
    "cap 1 of benefit per month; cap 1 of triggered per month; cap 2 of benefit, triggered per month; cap 3 per month": [
        (1, of(["benefit"], "month")),
        (1, of(["triggered"], "month")),
        (2, of(["benefit", "triggered"], "month")),
        (3, of(KINDS, "month")),
    ],
    "cap 1 per day": [(1, of(KINDS, "day"))],
}


@lru_cache
def program(policy: str) -> Program:
    """Campaigns a, b, c … of falling priority."""
    text = "".join(campaign(body=f"start once; priority {9 - place}", name=name) for place, name in enumerate(NAMES))
    return compiled(f"{BANK}policy rules {{ {policy} }}\n{text}")


drawn = st.tuples(st.sampled_from(KINDS), st.sampled_from(DAYS), st.sampled_from("xy"))


def rows_of(found: Sequence[tuple[str, date, str]]) -> list[Row]:
    """One row of each campaign, in the order of rank."""
    return [
        {"campaign": name, "kind": kind, "local_date": day, "recipient": who, "customer": who, "outcome": "send",
         "channel": "sms", "step": "entry", "at": wall(NINE), "send_id": name, "reason": None, "rule": None}
        for name, (kind, day, who) in zip(NAMES, found, strict=False)
    ]  # fmt: skip


def sent_by(policy: str, rows: Sequence[Row], before: Sequence[Row]) -> list[str]:
    known = {who: Person(who, "UTC", who, wall(NINE), DAYS[0], {}, {}) for who in "xy"}
    mine = [dict(row) for row in rows]
    earlier = [Sent(row["recipient"], "gone", row["kind"], row["local_date"]) for row in before]
    apply(program(policy), mine, earlier, known)
    return [row["campaign"] for row in mine if row["outcome"] == "send"]


def feasible(
    caps: Sequence[tuple[int, Group]], rows: Sequence[Row], before: Sequence[Row]
) -> Iterator[tuple[Row, ...]]:
    """Every subset that holds the caps, together with what was sent before."""
    for size in range(len(rows) + 1):
        for some in combinations(rows, size):
            together = [*before, *some]
            if all(
                sum(one["recipient"] == row["recipient"] and group(one) == group(row) for one in together) <= count
                for count, group in caps
                for row in some
                if group(row) is not None
            ):
                yield some


@pytest.mark.parametrize("policy", NESTED)
@settings(max_examples=150, deadline=None)
@given(st.lists(drawn, max_size=7), st.lists(drawn, max_size=3), st.lists(st.integers(0, 100), min_size=7, max_size=7))
def test_no_plan_is_better(
    policy: str, found: list[tuple[str, date, str]], earlier: list[tuple[str, date, str]], weights: list[int]
) -> None:
    rows, before = rows_of(found), rows_of(earlier)
    sent = sent_by(policy, rows, before)
    every = [[row["campaign"] for row in some] for some in feasible(NESTED[policy], rows, before)]
    assert len(sent) == max(map(len, every))  # as many as can go
    order = dict(zip(NAMES, sorted(weights, reverse=True), strict=True))  # any weights that fall with the rank
    assert sum(order[name] for name in sent) == max(sum(order[name] for name in some) for some in every)
    urgent = [[name in some for name in NAMES] for some in every]
    assert [name in sent for name in NAMES] == max(urgent)  # nothing more urgent is left out
    assert sent in every


def test_where_caps_cross_more_might_have_fitted() -> None:
    """The first takes both caps' places, and the two after it would have needed one each: rank decides all the same."""
    crossing = "cap 1 of benefit, triggered per day; cap 1 of benefit, event_notice per day"
    rows = rows_of([(kind, DAYS[0], "x") for kind in KINDS])
    assert sent_by(crossing, rows, []) == ["a"]
    caps = [(1, of(["benefit", "triggered"], "day")), (1, of(["benefit", "event_notice"], "day"))]
    assert max(len(some) for some in feasible(caps, rows, [])) == 2


def test_each_recipient_has_caps_of_its_own() -> None:
    rows = rows_of([("benefit", DAYS[0], who) for who in "xyxy"])
    assert sent_by("cap 1 per day", rows, []) == ["a", "b"]
    assert sent_by("cap 1 per day", rows, rows_of([("benefit", DAYS[0], "x")])) == ["b"]
