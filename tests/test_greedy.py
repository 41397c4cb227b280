"""The loop of caps: compiled it answers as it does in plain Python, and both keep what a cap says."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.terms import Cap
from runtime import greedy
from runtime.arbitrate import Limit, arbitrate, reach
from runtime.compiled import compiled

KINDS = ("benefit", "reminder", "service")
START = (date(2026, 2, 25) - date(1970, 1, 1)).days
CAPS = st.builds(
    Cap,
    count=st.integers(0, 3),
    period=st.sampled_from(("day", "week", "month", "rolling", "rolling")),
    days=st.integers(2, 9),
    kinds=st.sampled_from(((), ("benefit",), ("benefit", "service"))),
)
LIMITS = st.builds(
    Limit,
    cap=CAPS,
    part=st.sampled_from((None, None, 0, 1, 2)),
    rule=st.just("x.camp:1"),
    flag=st.sampled_from((None, None, 0, 1)),
    exempt=st.sampled_from((frozenset(), frozenset({"service"}))),
    more=st.dictionaries(st.integers(START, START + 12), st.integers(1, 2), max_size=2),
)
ROWS = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 2), st.integers(START, START + 8), st.integers(0, 3)), max_size=20
)
PAST = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 3), st.integers(START - 8, START + 3)), max_size=12)
SORTS = [(0, "benefit"), (1, "reminder"), (-1, "service"), (-1, None)]


def _columns(rows: list[tuple[int, ...]], width: int) -> list[np.ndarray]:
    return [np.array([row[at] for row in rows], np.int64) for at in range(width)]


def _counts(limit: Limit, part: int, kind: str | None) -> bool:
    mine = limit.part in (None, part) and kind not in limit.exempt
    return mine and (not limit.cap.kinds or kind in limit.cap.kinds)


def _asks(limits: list[Limit]) -> list[list[int]]:
    """As runtime/relational/caps.py lays them out: a part is held by its own limits and by everybody's for its kind."""
    return [[at for at, limit in enumerate(limits) if _counts(limit, p, kind)] for p, kind in enumerate(KINDS)]


def _answers(rows: list[tuple[int, ...]], past: list[tuple[int, ...]], limits: list[Limit]) -> list[int]:
    rows, past = sorted(rows, key=lambda row: row[0]), sorted(past)
    found = arbitrate(_columns(rows, 4), _columns(past, 3), SORTS, limits, _asks(limits), KINDS)
    return found.tolist()


@settings(deadline=None)
@given(ROWS, PAST, st.lists(LIMITS, max_size=4))
def test_compiled_it_answers_the_same(rows: list, past: list, limits: list[Limit]) -> None:
    pytest.importorskip("numba", reason="the extra `fast` is not installed")
    plain = _answers(rows, past, limits)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(greedy, "MANY", 0)
        assert _answers(rows, past, limits) == plain


def _stretches(limit: Limit, day: int) -> list[range]:
    """Every stretch of days around a day on which the cap has something to say."""
    if limit.cap.period == "rolling":
        return [range(start, start + limit.cap.days) for start in range(day - limit.cap.days + 1, day + 1)]
    first, last = reach(limit.cap, day)
    return [range(first, last + 1)]


@settings(deadline=None, max_examples=400)
@given(ROWS, PAST, st.lists(LIMITS, min_size=1, max_size=3))
def test_a_limit_refuses_exactly_what_it_has_no_room_for(rows: list, past: list, limits: list[Limit]) -> None:
    rows, answers = sorted(rows, key=lambda row: row[0]), _answers(rows, past, limits)
    for at, (who, part, day, flags) in enumerate(rows):
        before = [(SORTS[sort], sent) for other, sort, sent in past if other == who]
        before += [
            ((p, KINDS[p]), sent)
            for (other, p, sent, _), answer in zip(rows[:at], answers[:at], strict=True)
            if other == who and answer < 0
        ]
        full = []
        for number in _asks(limits)[part]:
            limit = limits[number]
            days = Counter(sent for told, sent in before if _counts(limit, *told))
            taken = max(sum(days[one] for one in stretch) for stretch in _stretches(limit, day))
            held = limit.flag is None or flags >> limit.flag & 1
            full += [number] if held and taken + 1 > limit.cap.count + limit.more.get(day, 0) else []
        assert answers[at] == (full[0] if full else -1)


def test_what_can_matter_to_a_day() -> None:
    day = (date(2026, 2, 25) - date(1970, 1, 1)).days  # a Wednesday
    shown = {
        (period, *(date(1970, 1, 1) + timedelta(days=one) for one in reach(Cap(1, period, 3), day)))
        for period in ("day", "week", "month", "rolling")
    }
    assert shown == {
        ("day", date(2026, 2, 25), date(2026, 2, 25)),
        ("week", date(2026, 2, 23), date(2026, 3, 1)),
        ("month", date(2026, 2, 1), date(2026, 2, 28)),
        ("rolling", date(2026, 2, 23), date(2026, 2, 27)),
    }


def test_where_nothing_may_be_written_it_is_compiled_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    caching = pytest.importorskip("numba.core.caching", reason="the extra `fast` is not installed")
    monkeypatch.setattr(caching.CacheImpl, "_locator_classes", [])

    def second(found: np.ndarray) -> None:
        found[1] = 7

    loop, found = compiled(second), np.zeros(2)
    assert loop is not None
    loop(found)
    assert found.tolist() == [0, 7]
