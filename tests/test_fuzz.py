"""A few seconds of noise (tests/fuzz.py runs for as long as asked), and what longer runs have found."""

from __future__ import annotations

import pytest

from dsl.compiler import analyse
from tests.completing import completed
from tests.fuzz import Seed, mutated, run, seeds, shrunk, wrong


def test_noise_in_good_files_is_told_or_not_at_all() -> None:
    told: list[str] = []
    outcome = run(iter(range(700)), seed=4, tell=told.append)
    assert told == [] and outcome.finds == {}
    assert outcome.inputs == 700 and outcome.parsed > 50 and outcome.laid_out == outcome.parsed


def test_an_input_is_the_same_whenever_it_is_asked_for() -> None:
    assert [mutated(number, 7)[1] for number in range(50)] == [mutated(number, 7)[1] for number in range(50)]
    assert len({mutated(number, 7)[1] for number in range(50)}) > 40


def test_a_find_is_named_and_shrunk(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(text: str, one: Seed, through: bool = False) -> tuple[bool, bool]:
        raise ValueError("a bang") if "!" in text else AssertionError

    monkeypatch.setattr("tests.fuzz.check", breaks)
    one = seeds()[0]
    assert (wrong("wow!", one) or "").startswith("ValueError a bang")
    assert shrunk("campaign c { audience !{ } }", one) == "!"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('segment a = region = "cou\\nty"', '"cou\\nty" is none of its values'),
        ('brand b "B" { zone "Asia/Sh\\nanghai"; currency CNY }', 'There is no time zone "Asia/Sh\\nanghai"'),
        ('segment a = region = "cou\x1bnty"', '"cou\\x1bnty" is none of its values'),
    ],
)
def test_what_is_quoted_keeps_a_message_on_one_line(text: str, said: str) -> None:
    assert said in [one.message for one in analyse(completed(text)).found]


@pytest.mark.parametrize(
    "text",
    [
        "campaign a {\n  policy rules; kind triggered; runs 2026-03-01..2026-03-31; audience { consent }; start once\n"
        '  message rcs { card { title "一"',
        "segment keen = (consent and\n  count(call",
    ],
)
def test_what_is_never_closed_is_told_inside_its_file(text: str) -> None:
    """The brackets that the reader adds stand in no file."""
    for one in analyse(completed(text)).found:
        assert one.span.end <= len(one.source.text)
        assert all(other.place.span.end <= len(other.place.source.text) for other in one.related)
