"""A mistake costs its statement and nothing else: what stands beside it is still read, resolved and checked."""

from __future__ import annotations

import pytest

from dsl.compiler import analyse
from dsl.diagnostics import Diagnostic, render
from dsl.parser.recover import around, said_until, unclosed
from dsl.source import Source
from tests.completing import completed

CAMPAIGN = """campaign gift {
  policy rules
  kind benefit
  runs 2026-03-01..2026-03-31
  audience {
    assets > 1 CNY
    region = "county"
  }
  start once
  message sms { text "Hello" }
}
"""


def found(text: str) -> list[Diagnostic]:
    return list(analyse(completed(text)).found)


def told(text: str) -> list[tuple[str, str]]:
    """Code and the words under the caret."""
    return [(one.code, one.source.text[one.span.start : one.span.end]) for one in found(text)]


def changed(*pairs: tuple[str, str]) -> str:
    text = CAMPAIGN
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, 1)
    return text


def test_the_campaign_is_fine() -> None:
    assert found(CAMPAIGN) == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("policy rules", "polcy rules", "polcy"),
        ("kind benefit", "kind: benefit", ":"),
        ("runs 2026-03-01..2026-03-31", "runs 2026-03-01", "\n"),
        ("assets > 1 CNY", "assets > 1,000 CNY", ","),
        ("assets > 1 CNY", "assets > 1 CNY &&", "&"),
        ('region = "county"', "region = 'county'", "'"),
        ("start once", "strt once", "strt"),
        ("message sms", "mesage sms", "mesage"),
        ('text "Hello"', 'text "Hello', '"'),
        ('text "Hello"', 'txt "Hello"', "txt"),
        ("audience {", "audience", "audience"),
    ],
)
def test_one_mistake_gives_one_error_at_its_place(old: str, new: str, words: str) -> None:
    assert told(changed((old, new))) == [("CAMP201", words)]


@pytest.mark.parametrize("mistake", ["polcy rules", "policy: rules"])
def test_what_could_not_be_read_is_not_told_as_lacking(mistake: str) -> None:
    assert [code for code, _ in told(changed(("policy rules", mistake)))] == ["CAMP201"]


def test_two_mistakes_of_syntax_and_one_of_meaning_give_three_errors() -> None:
    text = changed(("kind benefit", "kind: benefit"), ("assets > 1 CNY", "asets > 1 CNY"), ("start once", "start onec"))
    assert told(text) == [("CAMP201", ":"), ("CAMP301", "asets"), ("CAMP201", "onec")]


def test_names_that_are_lost_with_a_statement_are_not_told_as_unknown() -> None:
    assert told('event extra { page text; colour txt; size number }\nsegment s = did extra where colour = "red"\n') == [
        ("CAMP201", "txt")
    ]


def test_an_invalid_date_costs_its_statement_only() -> None:
    text = changed(("2026-03-31", "2026-02-30"), ("assets > 1 CNY", "asets > 1 CNY"))
    assert told(text) == [("CAMP203", "2026-02-30"), ("CAMP301", "asets")]


def test_a_declaration_that_is_never_closed_is_read() -> None:
    text = CAMPAIGN.rstrip().removesuffix("}") + "# the end\n\nsegment s = asets > 1 CNY\n"
    assert [code for code, _ in told(text)] == ["CAMP201", "CAMP301"]
    assert found(text)[0].message == "The declaration is never closed"


@pytest.mark.parametrize(
    ("text", "help"),
    [
        ("segment s = assets == 1 CNY", "One `=` compares."),
        ("segment s = consent && consent", "Write `and`."),
        ("segment s = consent || consent", "Write `or`."),
        ("segment s = !consent", "Write `not`."),
        ("segment s = assets <> 1 CNY", "Write `!=`."),
        ("segment s = nickname = 'x'", 'A text stands in "…".'),
        ("segment s = assets > 300,000 CNY", "Write thousands as `300_000`, or as 30万."),
        ("segment s = assets > ¥300", "Write the currency behind the amount, as `300_000 CNY`."),
        ("segment s = consent // why", "A comment begins with `#`."),
        ("policy p { quiet: 22:00-08:00 }", "A statement is its keyword and what it says, without `:`."),
        ("policy p { quite 22:00-08:00 }", "Did you mean `quiet`?"),
        ("policy p { 静黙 22:00-08:00 }", "Did you mean `静默`?"),
        ("campagn c { policy rules }", "Did you mean `campaign`?"),
        ("policy p { cap 1 per day limit 2 segments }", "End the statement before it: with a new line, or `;`."),
    ],
)
def test_habits_of_other_languages_and_slips_get_a_word(text: str, help: str) -> None:
    (one,) = found(text)
    assert (one.code, one.help) == ("CAMP201", help)


def test_what_no_fix_could_mean_gets_none() -> None:
    (one,) = found("policy p { something 22:00-08:00 }")
    assert one.fix is None and one.help.startswith("Write one of")


def test_many_mistakes_in_one_declaration_end_somewhere() -> None:
    lines = "\n".join(f"  wrong{at} x" for at in range(100))
    problems = found(f"policy p {{\n{lines}\n}}\n")
    assert 1 < len(problems) <= 20


@pytest.mark.parametrize(
    ("text", "at", "statement"),
    [
        ("a { b; c d; e }", 9, " c d"),
        ("a {\n  b { c; d } e\n}", 13, " d "),
        ("a { b and\n c; d }", 10, " b and\n c"),
        ("a { b ( c\n d ) }", 8, " b ( c\n d ) "),
        ('a { b "; }" }', 7, ' b "; }" '),
        ("a b", 2, None),
    ],
)
def test_the_smallest_statement_around_a_place(text: str, at: int, statement: str | None) -> None:
    span = around(text, at)
    assert (None if span is None else text[slice(*span)]) == statement


def test_what_is_open_at_the_end() -> None:
    assert unclosed('a { b ( "}" # }') == ")}"
    assert unclosed("a { b }") == ""
    assert said_until("a { b } # why\n\n") == 7


def test_places_are_the_file_s_own_after_something_was_left_out() -> None:
    text = changed(("kind benefit", "kind: benefit"), ("Hello", "{{ nobody }}"))
    source = Source("case.camp", text)
    lines = render(found(text)[1]).splitlines()
    assert lines[1].endswith("case.camp:10:26") and source.line(10) in lines[2]
