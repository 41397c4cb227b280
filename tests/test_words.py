"""What is counted: segments of a text, banned words, minutes of a week, edits between names."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsl import week
from dsl.render.segments import BASIC, EXTENDED, breaks, segments
from dsl.suggest import edits, nearest
from dsl.terms import Hours, Quiet, Window
from tests.completing import HERE

VECTORS = json.loads((HERE / "data" / "twilio_vectors.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["testDescription"])
def test_segments_are_what_twilio_counts(vector: dict[str, Any]) -> None:
    assert segments(vector["body"]) == vector["segments"]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("a" * 152 + "€" + "a" * 152, 3),  # the pair is not divided: 152 and a hole, 154 and a rest
        ("中" * 70, 1),
        ("中" * 71, 2),
        ("中" * 134, 2),
        ("中" * 135, 3),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("中" * 66 + "😀" + "中" * 66, 3),
        ("a" * 70 + "中", 2),
        ("`", 1),
        ("`" * 71, 2),
    ],
)
def test_segments_by_hand(text: str, count: int) -> None:
    assert segments(text) == count


@given(st.text(BASIC + EXTENDED + "中😀", max_size=400))
def test_between_two_breaks_lies_a_segment_as_full_as_can_be(text: str) -> None:
    """Each part fits into one, and would not with the character that follows."""
    ends = (*breaks(text), len(text))
    plain = all(char in BASIC + EXTENDED for char in text)
    sizes = [2 if char in EXTENDED and plain or ord(char) > 0xFFFF else 1 for char in text]
    room = 153 if plain else 67
    for start, end in zip((0, *ends), ends[:-1], strict=False):
        assert sum(sizes[start:end]) <= room < sum(sizes[start : end + 1])
    assert len(ends) == 1 or 0 < sum(sizes[ends[-2] :]) <= room


@given(st.text(BASIC + EXTENDED + "中😀", max_size=400), st.sampled_from(BASIC + "中"))
def test_a_longer_text_never_takes_fewer_segments(text: str, more: str) -> None:
    assert segments(text) <= segments(text + more) <= segments(text) + len(text) // 67 + 1


def hours(begin: int, end: int) -> Hours:
    return Hours(begin * 60, end * 60)


NIGHT = hours(22, 8)
DAY = 1440


@pytest.mark.parametrize(
    ("window", "quiet", "count", "minutes", "gap"),
    [
        (None, None, 1, 7 * DAY, 0),
        (None, NIGHT, 7, 7 * 14 * 60, 10 * 60),
        (Window("every", (), hours(9, 10)), None, 7, 7 * 60, 23 * 60),
        (Window("days", (2, 4), hours(16, 18)), None, 2, 240, 5 * DAY - 120),
        (Window("days", (2,), hours(16, 18)), NIGHT, 1, 120, 7 * DAY - 120),
        (Window("workdays", (), hours(10, 11)), NIGHT, 5, 300, 3 * DAY - 60),
        (Window("days", (6,), hours(22, 2)), None, 2, 240, 7 * DAY - 240),
        (Window("days", (6,), hours(21, 9)), NIGHT, 2, 120, 6 * DAY + 12 * 60),
        (Window("every", (), hours(22, 8)), NIGHT, 0, 0, 7 * DAY),
        (Window("every", (), hours(21, 9)), NIGHT, 14, 14 * 60, 12 * 60),
        (Window("every", (), hours(7, 23)), NIGHT, 7, 7 * 14 * 60, 10 * 60),
        (Window("days", (0,), hours(0, 24)), None, 1, DAY, 6 * DAY),
        (Window("every", (), hours(0, 0)), None, 1, 7 * DAY, 0),
    ],
)
def test_openings_of_a_week(window: Window | None, quiet: Hours | None, count: int, minutes: int, gap: int) -> None:
    found = week.openings(window, [Quiet(quiet)] if quiet else [])
    assert (len(found), sum(end - start for start, end in found), week.longest_gap(found)) == (count, minutes, gap)


clock = st.builds(Hours, st.integers(0, 1439), st.integers(0, 1440))
windows = st.builds(
    Window,
    st.sampled_from(["every", "days", "workdays"]),
    st.lists(st.integers(0, 6), min_size=1, unique=True).map(lambda days: tuple(sorted(days))),
    clock,
)


@settings(deadline=None)
@given(windows, st.none() | clock)
def test_openings_are_the_minutes_of_the_window_outside_the_quiet_hours(window: Window, quiet: Hours | None) -> None:
    days = {"every": range(7), "workdays": range(5), "days": window.days}[window.on]
    inside = {(day * DAY + window.hours.begin + at) % week.MINUTES for day in days for at in range(window.hours.length)}
    if quiet:
        inside -= {(day * DAY + quiet.begin + at) % week.MINUTES for day in range(7) for at in range(quiet.length)}
    found = week.openings(window, [Quiet(quiet)] if quiet else [])
    assert {minute for start, end in found for minute in range(start, end)} == inside
    assert all(end < start for (_, end), (start, _) in zip(found, found[1:], strict=False))


@pytest.mark.parametrize(
    ("word", "known", "guess"),
    [
        ("asets", ["assets", "asset_class"], "assets"),
        ("assest", ["assets"], "assets"),  # a swap is one edit
        ("conty", ["city", "county"], "county"),
        ("abc", ["xyz"], None),
        ("abcdef", ["abcxyz"], None),  # three of six
        ("abcdef", ["abcdxy"], "abcdxy"),  # two of six
        ("ab", ["ax"], "ax"),
        ("ab", ["xy"], None),
        ("a", ["b"], "b"),
        ("ASSETS", ["assets"], "assets"),
        ("客户编", ["客户编号"], "客户编号"),
        ("bat", ["cat", "bar"], "bar"),
        ("", ["a"], "a"),
        ("x", [], None),
    ],
)
def test_the_nearest_name_is_told_only_where_it_is_near(word: str, known: list[str], guess: str | None) -> None:
    assert nearest(word, known) == guess


@given(st.text("abc", max_size=8), st.lists(st.text("abc", max_size=8)))
def test_the_nearest_lies_within_a_third_of_the_length(word: str, known: list[str]) -> None:
    guess = nearest(word, known)
    near = [name for name in known if edits(word, name) <= max(1, len(word) // 3)]
    assert (guess is None) == (not near)
    assert guess is None or (guess in near and edits(word, guess) == min(edits(word, name) for name in near))


@given(st.text("ab", max_size=6), st.text("ab", max_size=6), st.text("ab", max_size=6))
def test_edits_count_alike_both_ways_and_none_between_equals(one: str, two: str, three: str) -> None:
    assert edits(one, two) == edits(two, one) and (edits(one, two) == 0) == (one == two)
    assert edits(one + three, two + three) <= edits(one, two)
