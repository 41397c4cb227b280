"""The documentation says what is true: its examples compile, its generated parts are current, its links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from dsl.allowing import judged
from dsl.compiler import analyse
from dsl.diagnostics import render
from dsl.rules.registry import ENTRIES
from dsl.settings import read_settings
from dsl.severities import is_settled
from dsl.source import Source
from runtime.cli.main import main
from tests.completing import TODAY
from tests.docs import RULES, RULES_ZH, SCHEMA, rules_page, rules_page_zh, schema_page

ROOT = Path(__file__).parent.parent


def blocks(path: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", path.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def test_the_examples_of_the_language_are_one_project_without_a_finding() -> None:
    found = analyse([Source("language.md", "\n".join(blocks(ROOT / "docs/language.md", "camp")))])
    assert [render(one) for one in found.found] == []
    assert found.model is not None and set(found.model.campaigns) == {
        "renovation_winback",
        "fast_lane",
        "missed_visit",
        "two_voices",
        "renovation_journey",
    }


def test_the_error_in_the_readme_is_the_real_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT / "tests" / "data")
    shown = CliRunner().invoke(main, ["check", "bad.camp"]).output
    indented = "".join(f"    {line}".rstrip() + "\n" for line in shown.splitlines())
    assert "    $ camp check bad.camp\n" + indented in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_campaign_in_the_readme_is_the_real_one() -> None:
    shown = blocks(ROOT / "README.md", "")[0]
    real = (ROOT / "campaigns" / "fast_lane.camp").read_text(encoding="utf-8")
    bare = [re.sub(r"\s+#.*", "", line) for line in real.splitlines() if not line.startswith("#")]
    assert shown.strip() == "\n".join(bare).strip()


def test_its_camp_toml_is_read_whole() -> None:
    settings, found = read_settings(Source("camp.toml", blocks(ROOT / "docs/language.md", "toml")[0]))
    assert [one.message for one in found] == []
    assert (settings.customers["phone"], settings.events["app_view"]["page"]) == ("mobile", "screen")


@pytest.mark.parametrize(
    ("path", "page"),
    [(RULES, rules_page), (RULES_ZH, rules_page_zh), (SCHEMA, schema_page)],
    ids=["rules", "rules in Chinese", "schema"],
)
def test_generated_pages_are_current(path: Path, page: object) -> None:
    assert path.read_text(encoding="utf-8") == page(), "python -m tests.docs writes it again"  # type: ignore[operator]


@pytest.mark.parametrize(
    "page", sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]), ids=lambda page: page.name
)
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_options_of_the_ci_examples_are_real() -> None:
    page = (ROOT / "docs/ci.md").read_text(encoding="utf-8")
    used = re.findall(r"camp (check|fmt|compile)\b([^\n`>]*)", page)
    assert len(used) > 8
    for name, rest in used:
        command = main.get_command(click.Context(main), name)
        assert command is not None
        known = {option for one in command.params for option in one.opts}
        assert {*re.findall(r"--[a-z-]+", rest)} <= known, rest
    assert "camp check" in (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")


def test_the_ci_page_names_what_stays_an_error() -> None:
    page = (ROOT / "docs/ci.md").read_text(encoding="utf-8")
    (said,) = re.findall(r"cannot be put together \(CAMP([\d, ]+)\)", page)
    assert {*said.split(", ")} == {code[4:] for code in ENTRIES if code[4] in "45" and is_settled(code)}


@pytest.mark.parametrize("page", ["docs/language.md", "docs/language.zh.md"])
def test_its_comments_are_read(page: str) -> None:
    comments = re.findall(r"# camp: .*", (ROOT / page).read_text(encoding="utf-8"))
    assert len(comments) >= 2
    for comment in comments:
        verdict = judged([], [Source("a.camp", comment)], TODAY)
        assert {one.code for one in verdict.found} == {"CAMP702"}, comment  # there is nothing to allow
