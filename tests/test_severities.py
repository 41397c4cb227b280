"""camp.toml says how much a rule weighs: told, followed by compile, and never for what cannot be compiled."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dsl.compiler import analyse
from dsl.rules.registry import ENTRIES
from dsl.settings import read_settings
from dsl.severities import is_settled, overrides, weighed
from dsl.source import Source
from tests.completing import completed
from tests.plans import camp


def settings(*lines: str) -> Source:
    return Source("camp.toml", "\n".join(["[check.severity]", *lines, ""]))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CAMP_CACHE", "off")
    for source in completed(ENTRIES["CAMP411"].section("Bad")):
        (tmp_path / source.path).write_text(source.text, encoding="utf-8")
    (tmp_path / "camp.toml").write_text("", encoding="utf-8")
    return tmp_path


def test_a_lowered_rule_fails_nothing_and_is_told(project: Path) -> None:
    assert camp("check", project).exit_code == camp("compile", project, "-o", "-").exit_code == 1
    (project / "camp.toml").write_text(settings('CAMP411 = "info"').text, encoding="utf-8")
    done = camp("check", project)
    assert done.exit_code == 0 and done.output.startswith("info[CAMP411]")
    assert done.output.endswith("1 warning\n1 rule lowered by camp.toml: CAMP411 error → info\n")
    compiled = camp("compile", project, "-o", project / "p.json")
    assert compiled.exit_code == 0 and "1 rule lowered by camp.toml: CAMP411 error → info\n" in compiled.stderr
    assert camp("check", "-q", project).output.endswith("1 rule lowered by camp.toml: CAMP411 error → info\n")


def test_a_raised_rule_fails(project: Path) -> None:
    (project / "case.camp").write_text(ENTRIES["CAMP421"].section("Bad"), encoding="utf-8")
    bank = completed(ENTRIES["CAMP421"].section("Bad"))[1]
    (project / bank.path).write_text(bank.text, encoding="utf-8")
    assert camp("check", project).exit_code == 0
    (project / "camp.toml").write_text(settings('CAMP421 = "error"').text, encoding="utf-8")
    done = camp("check", project)
    assert done.exit_code == 1 and "error[CAMP421]" in done.output and camp("compile", project).exit_code == 1
    assert "1 rule raised by camp.toml: CAMP421 warning → error\n" in done.output


def test_chinese(project: Path) -> None:
    (project / "camp.toml").write_text(settings('CAMP411 = "warning"').text, encoding="utf-8")
    assert "camp.toml 降低了 1 条规则的级别：CAMP411 错误 → 警告\n" in camp("--lang", "zh", "check", project).output


def test_what_is_said_as_it_is_by_itself_is_not_told(project: Path) -> None:
    (project / "camp.toml").write_text(settings('CAMP411 = "error"').text, encoding="utf-8")
    assert "camp.toml" not in camp("check", project).output and overrides({"CAMP411": "error"}) == ()


@pytest.mark.parametrize(
    ("line", "message", "help"),
    [
        ('CAMP301 = "warning"', "`CAMP301` stays an error", "Delete this line"),
        ('CAMP512 = "info"', "`CAMP512` stays an error", "Delete this line"),
        ('CAMP601 = "info"', "`CAMP601` stays an error", "Delete this line"),
        ('CAMP703 = "warning"', "`CAMP703` stays an error", "Delete this line"),
        ('CAMP411 = "off"', "No rule is switched off", "`# camp: allow"),
        ('CAMP411 = "hint"', "`CAMP411` is given no severity", '"warning"'),
        ("CAMP411 = 3", "`CAMP411` is given no severity", '"warning"'),
        ("CAMP411 = []", "`CAMP411` is given no severity", '"warning"'),
        ('CAMP499 = "info"', "There is no rule called `CAMP499`", "Did you mean `CAMP"),
        ('cheese = "info"', "There is no rule called `cheese`", "`camp rules`"),
    ],
)
def test_what_camp_toml_cannot_say(line: str, message: str, help: str) -> None:
    source = settings(line)
    read, (one,) = read_settings(source)
    assert one.code == "CAMP601" and one.message.startswith(message) and help in one.help and read.severity == {}
    assert source.text[one.span.start : one.span.end] == line.split()[0]


def test_other_keys_of_the_table_are_told() -> None:
    for text in ("[check]\nsevrity = 3\n", "check = 3\n", "[check]\nseverity = 3\n"):
        _, found = read_settings(Source("camp.toml", text))
        assert [one.code for one in found] == ["CAMP601"]


def test_what_stays_an_error_may_be_said_to_be_one() -> None:
    read, found = read_settings(settings('CAMP301 = "error"', 'CAMP105 = "error"', 'CAMP318 = "info"'))
    assert found == [] and len(read.severity) == 3


NOTED = """policy soft { quiet 22:00-08:00; ban "秒批" because "承诺" severity %s }
campaign gift { policy soft; kind benefit; runs 2026-03-01..2026-03-31
  audience { assets > 1 CNY }
  start once
  message sms { text "秒批" }
}
"""


@pytest.mark.parametrize(
    ("own", "said", "weighs"),
    [
        ("error", "warning", "warning"),
        ("warning", "info", "info"),
        ("info", "warning", "info"),
        ("warning", "error", "warning"),
    ],
)
def test_a_policys_own_line_is_lowered_further_and_never_raised(own: str, said: str, weighs: str) -> None:
    found = analyse(completed(NOTED % own)).found
    assert [one.severity for one in weighed(found, {"CAMP521": said})] == [weighs]  # type: ignore[dict-item]


def test_what_stays_an_error_is_what_cannot_be_compiled() -> None:
    stays = {code for code in ENTRIES if is_settled(code)}
    assert {code[4] for code in stays} == set("123567") and "CAMP105" not in stays and "CAMP702" not in stays
    assert {"CAMP401", "CAMP411", "CAMP501", "CAMP507", "CAMP509", "CAMP521"} & stays == set()


def test_json_counts_by_what_they_weigh(project: Path) -> None:
    (project / "camp.toml").write_text(settings('CAMP411 = "warning"').text, encoding="utf-8")
    said = json.loads(camp("check", project, "--format", "json").output)
    assert (said["errors"], said["warnings"], said["findings"][0]["severity"]) == (0, 1, "warning")
