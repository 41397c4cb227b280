"""At a terminal: colour only where it belongs, quiet, JSON for programs, completion, and the tour by topic."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from dsl.diagnostics import render
from dsl.parser.parse import parse
from dsl.source import Source
from runtime.cli import manners
from runtime.cli.help import TOPICS, section
from tests.completing import PREAMBLE, campaign
from tests.plans import camp, make, plan

ESCAPE = "\x1b["


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "camp.toml").write_text("", encoding="utf-8")
    (tmp_path / "bank.camp").write_text(PREAMBLE.text, encoding="utf-8")
    (tmp_path / "c.camp").write_text(campaign(), encoding="utf-8")
    return tmp_path


def broken(project: Path) -> Path:
    (project / "bad.camp").write_text("segment s = asets ＞ 1 CNY\n", encoding="utf-8")
    return project


def test_no_colour_without_a_terminal(project: Path) -> None:
    assert ESCAPE not in camp("check", broken(project)).output


def test_colour_at_a_terminal_unless_it_is_not_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    (found,) = parse(Source("a.camp", "event\n"))[1]
    paint = manners.painter()
    assert paint is not None and ESCAPE in render(found, paint)
    import click

    assert click.unstyle(render(found, paint)) == render(found)
    monkeypatch.setenv("NO_COLOR", "1")
    assert manners.painter() is None
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "dumb")
    assert manners.painter() is None


def test_quiet_says_only_what_is_wrong(project: Path) -> None:
    assert camp("check", "--quiet", project).output == ""
    assert camp("compile", "-q", project, "-o", project / "p.json").output == "" and (project / "p.json").exists()
    bad = camp("check", "-q", broken(project))
    assert bad.exit_code == 1 and "CAMP301" in bad.output and "declarations read" not in bad.output


def test_findings_as_json(project: Path) -> None:
    said = camp("check", "--format", "json", broken(project))
    found = json.loads(said.output)
    assert said.exit_code == 1 and (found["files"], found["errors"], found["warnings"]) == (3, 1, 1)
    first, second = found["findings"]
    assert (first["code"], first["line"], first["column"], first["end_column"]) == ("CAMP301", 1, 13, 18)
    assert first["fix"] | {"path": ""} == {
        "path": "", "line": 1, "column": 13, "end_line": 1, "end_column": 18, "text": "assets", "safe": False,
    }  # fmt: skip
    assert (second["code"], second["severity"], second["fix"]["safe"]) == ("CAMP105", "warning", True)


def test_a_compiled_project_as_json(project: Path) -> None:
    said = camp("compile", project, "-o", project / "p.json", "--format", "json")
    assert json.loads(said.output)["campaigns"] == 1 and len(json.loads(said.output)["hash"]) == 64
    bad = camp("compile", broken(project), "-o", project / "p.json", "--format", "json")
    assert bad.exit_code == 1 and json.loads(bad.stdout)["findings"][0]["code"] == "CAMP301"


def test_a_plan_as_json_and_quietly(tmp_path: Path) -> None:
    bank = make(tmp_path)
    said = json.loads(plan(bank, "--format", "json", "--without", "nobody").stdout)
    assert said["left_out"] == ["nobody"] and said["output"].endswith("out") and said["summary"]["run_id"]
    assert plan(bank, "--quiet", out="again").output == ""


def test_tests_as_json(project: Path) -> None:
    test = 'test "t" { at 2026-03-04T09:00; customer { phone "13800000001" }; expect send of c }\n'
    (project / "t.camp").write_text(test, encoding="utf-8")
    said = camp("test", project, "--format", "json", "--coverage")
    found = json.loads(said.output)
    assert said.exit_code == 1 and (found["passed"], found["failed"], found["tests"][0]["passed"]) == (0, 1, False)
    assert found["tests"][0]["broken"][0]["expected"] == "send of c" and found["undecided"]


@pytest.mark.parametrize("topic", TOPICS)
def test_every_topic_has_its_section(topic: str) -> None:
    said = camp("help", topic)
    assert said.exit_code == 0 and said.output.strip() == section(TOPICS[topic]) and len(said.output) > 200


def test_help_without_a_topic_of_a_command_and_of_nothing() -> None:
    assert "Topics of the language: text, brand" in camp("help").output
    assert "--for" in camp("help", "plan").output
    wrong = camp("help", "polcy")
    assert wrong.exit_code == 2 and "Did you mean policy?" in wrong.output


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_name_the_command(shell: str) -> None:
    said = camp("completion", shell)
    assert said.exit_code == 0 and "_CAMP_COMPLETE" in said.output


def test_completion_completes() -> None:
    run = "from runtime.cli.main import main; main(prog_name='camp')"
    environment = {"COMP_WORDS": "camp ch", "COMP_CWORD": "1", "_CAMP_COMPLETE": "bash_complete", "PATH": ""}
    done = subprocess.run([sys.executable, "-c", run], capture_output=True, text=True, env=environment)
    assert done.stdout.split() == ["plain,check"]
