"""docs/article.md says what is true: its lines are there and say what is quoted, its tests exist and pass."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner

from dsl.program.ir import Program
from runtime.cli.compile import compiled
from runtime.cli.main import main

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "article.md"
WHERE = re.compile(
    r"`(?P<file>(?:campaigns|dsl/packs)/[\w/]+\.camp):(?P<first>\d+)(?:-(?P<last>\d+))?` says `(?P<says>[^`]+)`"
)
TITLE = re.compile(r'^test "(.+)" \{', re.MULTILINE)


class Row(NamedTuple):
    article: str
    english: str
    where: str
    title: str


def rows() -> list[Row]:
    cells = [
        [cell.strip() for cell in line.strip("|").split(" | ")] for line in PAGE.read_text(encoding="utf-8").split("\n")
    ]
    return [Row(*one) for one in cells if len(one) == 4 and one[0] != "article" and not one[0].startswith("---")]


@cache
def bank() -> Program:
    return compiled(ROOT / "campaigns")


@cache
def judged() -> str:
    return CliRunner().invoke(main, ["test", str(ROOT / "campaigns"), "--coverage"]).output


def test_every_table_is_read() -> None:
    lines = [
        line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("|") and " says `" in line
    ]
    assert len(rows()) == len(lines) > 40


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.english)
def test_the_lines_say_what_is_quoted(row: Row) -> None:
    found = WHERE.fullmatch(row.where)
    assert found is not None, row.where
    first, last = int(found["first"]), int(found["last"] or found["first"])
    lines = (ROOT / found["file"]).read_text(encoding="utf-8").splitlines()
    assert 1 <= first <= last <= len(lines)
    at = [number for number, line in enumerate(lines, 1) if found["says"] in " ".join(line.split())]
    assert first in at and lines[last - 1].strip(), f"it stands at {at} now"


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.english)
def test_its_test_exists_and_passes(row: Row) -> None:
    files = (ROOT / "campaigns" / "tests").glob("*.camp")
    titles = [title for path in files for title in TITLE.findall(path.read_text(encoding="utf-8"))]
    assert titles.count(row.title) == 1
    assert f"FAIL  {row.title}\n" not in judged()


def test_the_banks_tests_pass_and_decide_everything_both_ways() -> None:
    assert judged().startswith("everything is decided both ways\n") and ", 0 failed" in judged()


@pytest.mark.parametrize("name", [campaign.name for campaign in bank().campaigns])
def test_every_campaign_keeps_its_limit_at_the_longest_values(name: str) -> None:
    shown = CliRunner().invoke(main, ["preview", name, str(ROOT / "campaigns")])
    assert (shown.exit_code, "0 over the limit" in shown.output) == (0, True), shown.output
