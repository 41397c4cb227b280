"""Every rule has its page, and the page's examples do what it says."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

import dsl.settings  # registers CAMP6xx
from dsl.compiler import analyse
from dsl.rules import all as rules
from dsl.rules.registry import ENTRIES, Entry
from dsl.source import Source
from runtime.cli.main import main
from tests.completing import completed, told

assert rules and dsl.settings

# What is wrong with bytes or with camp.toml has no example that is a piece of the language.
EXAMPLES = [entry for code, entry in sorted(ENTRIES.items()) if not code.startswith(("CAMP1", "CAMP6"))]


def named(entry: Entry) -> str:
    return f"{entry.code}-{entry.name}"


def codes(text: str) -> list[str]:
    return [found.code for found in told(text)]


@pytest.mark.parametrize("entry", [entry for _, entry in sorted(ENTRIES.items())], ids=named)
def test_a_page_says_what_and_why(entry: Entry) -> None:
    assert entry.section("What").endswith((".", "?")) and entry.section("Why").endswith((".", "?"))


@pytest.mark.parametrize("entry", EXAMPLES, ids=named)
def test_the_bad_example_gives_its_code_and_no_other(entry: Entry) -> None:
    assert set(codes(entry.section("Bad"))) == {entry.code}


@pytest.mark.parametrize("entry", EXAMPLES, ids=named)
def test_the_good_example_gives_nothing(entry: Entry) -> None:
    assert entry.section("Good") and codes(entry.section("Good")) == []


@pytest.mark.parametrize("entry", EXAMPLES, ids=named)
def test_the_finding_points_into_the_example_and_says_what_to_do(entry: Entry) -> None:
    for found in told(entry.section("Bad"), "bad.camp"):
        assert found.source.path == "bad.camp" and found.span.start < found.span.end <= len(found.source.text)
        assert found.message and found.help and found.severity == entry.severity


def test_the_preamble_alone_is_without_a_finding() -> None:
    assert codes("") == []


def test_the_language_has_more_than_eight_rules() -> None:
    assert len(EXAMPLES) > 8 and sum(entry.kind == "rule" for entry in EXAMPLES) >= 8


def test_a_rule_runs_over_each_file_of_a_project() -> None:
    bad = ENTRIES["CAMP401"].section("Bad")
    second = Source("second.camp", bad.replace("campaign late", "campaign later"))
    found = analyse([*completed(bad, "first.camp"), second]).found
    assert [(one.code, one.source.path) for one in found] == [("CAMP401", "first.camp"), ("CAMP401", "second.camp")]


@pytest.mark.parametrize("asked", ["CAMP401", "camp401", "window-in-quiet-hours"])
def test_the_command_shows_a_page_by_code_or_name(asked: str) -> None:
    result = CliRunner().invoke(main, ["rules", asked])
    assert result.exit_code == 0
    assert result.output.startswith("CAMP401 window-in-quiet-hours (error)\n\nWhat: The campaign's window")


def test_the_command_lists_every_rule_in_a_line() -> None:
    result = CliRunner().invoke(main, ["rules"])
    assert [line.split()[0] for line in result.output.splitlines()] == sorted(ENTRIES)


def test_an_unknown_code_is_a_usage_error_with_a_suggestion() -> None:
    result = CliRunner().invoke(main, ["rules", "CAMP410"])
    assert (result.exit_code, "Did you mean CAMP4" in result.output) == (2, True)
