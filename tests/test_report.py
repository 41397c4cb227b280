"""The formats of `camp check`: SARIF as its schema says, GitHub's commands and JUnit with any text in them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jsonschema import Draft4Validator
from syrupy.assertion import SnapshotAssertion

from dsl.allowing import Allowed
from dsl.diagnostics import Diagnostic, Fix, Place
from dsl.rules.registry import ENTRIES
from dsl.source import Source, Span
from runtime.report import github, junit, sarif
from runtime.report.model import Report
from tests.completing import HERE, PREAMBLE, campaign
from tests.completing import TODAY as DAY
from tests.plans import camp
from tests.reports import GIFT, NAME, SEGMENTS, TODAY, bank

SCHEMA = Draft4Validator(json.loads((HERE / "data" / "sarif-schema-2.1.0.json").read_text(encoding="utf-8")))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CAMP_CACHE", "off")
    root = bank(tmp_path)
    monkeypatch.chdir(root.parent)
    return Path("bank")


def check(project: Path, form: str, *more: object, code: int = 1) -> str:
    done = camp("check", project, "--format", form, "--today", TODAY, *more)
    assert done.exit_code == code, done.output
    return done.stdout


def result(log: Any, code: str) -> Any:
    return next(one for one in log["runs"][0]["results"] if one["ruleId"] == code)


def invalid(log: Any) -> list[str]:
    return [f"{'/'.join(map(str, one.absolute_path))}: {one.message}" for one in SCHEMA.iter_errors(log)]


# SARIF


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_sarif_is_valid(project: Path, lang: str) -> None:
    log = json.loads(check(project, "sarif", "--lang", lang))
    assert invalid(log) == [] and log["runs"][0]["tool"]["driver"]["language"][:2] == lang
    assert [one["ruleId"] for one in log["runs"][0]["results"]] == [
        "CAMP411", "CAMP521", "CAMP301", "CAMP105", "CAMP401",
    ]  # fmt: skip


def test_the_results_of_sarif(project: Path, snapshot: SnapshotAssertion) -> None:
    log = json.loads(check(project, "sarif"))
    del log["runs"][0]["tool"]
    # Which number a rule has changes with every rule that is added.
    said = re.sub(r'\n *"(?:ruleIndex|index)": \d+,?', "", json.dumps(log, ensure_ascii=False, indent=1))
    assert said == snapshot


def test_every_rule_of_sarif_has_its_page(project: Path) -> None:
    driver = json.loads(check(project, "sarif"))["runs"][0]["tool"]["driver"]
    assert [rule["id"] for rule in driver["rules"]] == sorted(ENTRIES)
    for rule in driver["rules"]:
        entry = ENTRIES[rule["id"]]
        assert rule["name"] == entry.name and rule["shortDescription"]["text"].endswith((".", "?"))
        assert rule["shortDescription"]["text"] in rule["fullDescription"]["text"] and "helpUri" not in rule
        assert rule["defaultConfiguration"]["level"] == entry.severity and rule["properties"]["tags"]
        for title in ("Bad", "Good"):
            assert f"```\n{entry.section(title)}\n```" in rule["help"]["markdown"] or not entry.section(title)


def test_the_rules_of_sarif_speak_chinese(project: Path) -> None:
    driver = json.loads(check(project, "sarif", "--lang", "zh"))["runs"][0]["tool"]["driver"]
    rule = next(rule for rule in driver["rules"] if rule["id"] == "CAMP521")
    assert rule["name"] == "banned-word" and rule["shortDescription"]["text"].endswith("。")
    assert "**错误示例" in rule["help"]["markdown"] or "```" in rule["help"]["markdown"]


def test_columns_are_utf_16_code_units(project: Path) -> None:
    log = json.loads(check(project, "sarif"))
    place = result(log, "CAMP521")["locations"][0]["physicalLocation"]
    line = GIFT.split("\n")[place["region"]["startLine"] - 1].encode("utf-16-le")
    begin, end = ((place["region"][name] - 1) * 2 for name in ("startColumn", "endColumn"))
    assert "秒批" in line[begin:end].decode("utf-16-le")
    fix = result(log, "CAMP301")["fixes"][0]["artifactChanges"][0]["replacements"][0]
    line = SEGMENTS.encode("utf-16-le")
    begin, end = ((fix["deletedRegion"][name] - 1) * 2 for name in ("startColumn", "endColumn"))
    assert (line[begin:end].decode("utf-16-le"), fix["insertedContent"]["text"]) == ("asets", "assets")


def test_paths_are_from_the_repository_and_percent_encoded(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = json.loads(check(project, "sarif"))
    place = result(log, "CAMP521")["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place["uriBaseId"] == "SRCROOT" and unquote(place["uri"]) == f"bank/{NAME}/gift.camp"
    assert re.fullmatch(r"[A-Za-z0-9%/._-]+", place["uri"]) and "%25" in place["uri"]
    monkeypatch.chdir(project)
    assert json.loads(check(Path(), "sarif")) == log


def test_what_is_allowed_and_lowered_is_told(project: Path) -> None:
    run = json.loads(check(project, "sarif"))["runs"][0]
    (suppression,) = result({"runs": [run]}, "CAMP401")["suppressions"]
    assert (suppression["kind"], suppression["justification"]) == ("inSource", "营业到深夜")
    assert suppression["location"]["physicalLocation"]["region"]["startLine"] == 9
    assert [one["suppressions"] for one in run["results"] if one["ruleId"] != "CAMP401"] == [[]] * 4
    assert result({"runs": [run]}, "CAMP411")["level"] == "warning"
    changed = run["invocations"][0]["ruleConfigurationOverrides"]
    assert [(one["descriptor"]["id"], one["configuration"]["level"]) for one in changed] == [
        ("CAMP411", "warning"),
        ("CAMP421", "error"),
    ]
    assert all(
        run["tool"]["driver"]["rules"][one["descriptor"]["index"]]["id"] == one["descriptor"]["id"] for one in changed
    )


def test_braces_and_links_of_a_message_are_literal(tmp_path: Path) -> None:
    one = finding("a.camp", "x\n", "write `{{ a }}` [b](0)")
    log = sarif.log(report(tmp_path, one), str, "en")
    assert log["runs"][0]["results"][0]["message"]["text"] == "write `{{{{ a }}}}` [b] (0)\nhelp"


def test_a_file_outside_of_the_root_has_a_whole_uri(tmp_path: Path) -> None:
    one = finding("/elsewhere/a b.camp", "x\n")
    log = sarif.log(report(tmp_path, one), str, "en")
    place = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place == {"uri": "file:///elsewhere/a%20b.camp"}


# Any text


def finding(path: str, text: str, message: str = "message", severity: Any = "error") -> Diagnostic:
    return Diagnostic("CAMP521", message, Source(path, text), Span(0, 1), "help", severity)


def report(folder: Path, *found: Diagnostic, allowed: tuple[Allowed, ...] = ()) -> Report:
    everything = (*found, *(one.finding for one in allowed))
    return Report(folder, found, allowed, everything, (), {one.source.path: 1 for one in found})


TEXTS = st.text(
    st.characters(codec="utf-8") | st.sampled_from("\0\x1b\r\n\t%:,{}[]()<>&\"'#\ufffe\u2028𠮷"), max_size=30
)


@given(text=TEXTS, message=TEXTS, reason=TEXTS, start=st.integers(0, 30), length=st.integers(0, 30))
def test_any_text_makes_valid_reports(text: str, message: str, reason: str, start: int, length: int) -> None:
    source = Source("a.camp", text)
    begin = min(start, len(text))
    span = Span(begin, min(begin + length, len(text)))
    fix = Fix(span, message)
    one = Diagnostic("CAMP521", message, source, span, reason, "error", (), fix)
    allowed = Allowed(Diagnostic("CAMP401", message, source, span), DAY, reason, Place(source, span))
    whole = report(Path("/root"), one, allowed=(allowed,))
    log = json.loads(json.dumps(sarif.log(whole, str, "en"), ensure_ascii=False).encode())
    assert invalid(log) == []
    region = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]
    assert slice_by(text, region) == text[span.start : span.end]
    tree = ElementTree.fromstring(junit.document(whole, str, "en"))
    assert tree.get("failures") == "1" and tree.get("skipped") == "1"
    (line,) = github.lines(whole, str)
    assert (
        "\n" not in line and "\r" not in line and parsed(line)[2] == "\n".join([message, *([reason] if reason else [])])
    )


def slice_by(text: str, region: dict[str, int]) -> str:
    """What a consumer that counts UTF-16 code units finds there."""
    lines = text.split("\n")
    starts = [sum(len(line.encode("utf-16-le")) + 2 for line in lines[:at]) for at in range(len(lines))]
    raw = text.encode("utf-16-le")
    begin = starts[region["startLine"] - 1] + 2 * (region["startColumn"] - 1)
    end = starts[region["endLine"] - 1] + 2 * (region["endColumn"] - 1)
    return raw[begin:end].decode("utf-16-le")


def parsed(line: str) -> tuple[str, dict[str, str], str]:
    """A workflow command as the runner of GitHub Actions reads it."""
    found = re.fullmatch(r"::(\w+) (.*?)::(.*)", line, re.DOTALL)
    assert found is not None
    properties = dict(part.split("=", 1) for part in found[2].split(","))
    plain = {name: undone(value, "%3A", "%2C", "%0D", "%0A", "%25") for name, value in properties.items()}
    return found[1], plain, undone(found[3], "%0D", "%0A", "%25")


def undone(text: str, *escapes: str) -> str:
    for escape in escapes:
        text = text.replace(escape, unquote(escape))
    return text


@example("::error::%2C,:\r\n")
@given(TEXTS.filter(lambda path: path.strip("./") and "\0" not in path))
def test_any_path_is_a_property_of_its_own(path: str) -> None:
    kind, properties, _ = parsed(next(iter(github.lines(report(Path("/root"), finding(f"x{path}", "x")), str))))
    assert kind == "error" and set(properties) == {"file", "line", "endLine", "col", "endColumn", "title"}
    assert (properties["title"], properties["file"]) == ("CAMP521 banned-word", f"x{path}")


def test_columns_are_told_on_one_line_only(tmp_path: Path) -> None:
    source = Source("a.camp", "ab\ncd\n")
    for span, told in ((Span(0, 2), "3"), (Span(0, 4), None)):
        (line,) = github.lines(report(tmp_path, Diagnostic("CAMP521", "m", source, span)), str)
        assert parsed(line)[1].get("endColumn") == told and parsed(line)[1]["line"] == "1"


# GitHub and JUnit


def test_githubs_commands(project: Path, snapshot: SnapshotAssertion) -> None:
    said = check(project, "github")
    assert said == snapshot
    assert [parsed(line)[0] for line in said.splitlines() if line.startswith("::")] == [
        "warning",
        "error",
        "error",
        "warning",
    ]
    assert not any(line.startswith("::") for line in check(project, "github", "-q").splitlines()[4:])


def test_infos_are_notices(tmp_path: Path) -> None:
    assert next(github.lines(report(tmp_path, finding("a", "x", severity="info")), str)).startswith("::notice ")


def test_junits_report(project: Path, snapshot: SnapshotAssertion) -> None:
    said = check(project, "junit")
    assert said == snapshot
    tree = ElementTree.fromstring(said.encode())
    assert tree.get("failures") == "2" == str(len(tree.findall(".//failure"))) and tree.get("skipped") == "1"
    assert tree.get("tests") == str(len(tree.findall(".//testcase"))) and len(tree.findall("testsuite")) == 3
    assert "CAMP411" in "".join(one.text or "" for one in tree.iter("system-out"))


def test_reports_speak_chinese(project: Path) -> None:
    assert "是禁用词" in check(project, "github", "--lang", "zh") and "错误[CAMP521]" in check(
        project, "junit", "--lang", "zh"
    )
    assert "允许到 2026-06-30 为止：营业到深夜" in check(project, "junit", "--lang", "zh").replace(": ", "：")


@pytest.mark.parametrize("form", ["text", "json", "sarif", "github", "junit"])
def test_the_exit_code_is_the_same_in_every_format(project: Path, form: str) -> None:
    check(project, form)
    for name in ("gift.camp", "segments.camp"):
        (project / NAME / name).unlink()
    said = check(project, form, code=0)
    assert form != "sarif" or (json.loads(said)["runs"][0]["results"] == [] and invalid(json.loads(said)) == [])


@pytest.mark.parametrize("form", ["sarif", "junit"])
def test_the_closing_lines_stand_beside_a_document(project: Path, form: str) -> None:
    done = camp("check", project, "--format", form, "--today", TODAY)
    assert done.stderr.splitlines() == [
        "3 files, 9 declarations read, 2 errors, 2 warnings",
        "1 finding allowed by comments: the first until 2026-06-30",
        "1 rule lowered by camp.toml: CAMP411 error → warning",
        "1 rule raised by camp.toml: CAMP421 warning → error",
    ]
    quiet = camp("check", project, "--format", form, "--today", TODAY, "-q")
    assert quiet.stderr == "1 rule lowered by camp.toml: CAMP411 error → warning\n" and quiet.stdout == done.stdout


def test_json_has_it_all(project: Path) -> None:
    said = json.loads(check(project, "json"))
    assert [one["code"] for one in said["findings"]] == ["CAMP411", "CAMP521", "CAMP301", "CAMP105"]
    assert len({one["fingerprint"] for one in said["findings"]}) == 4
    (allowed,) = said["allowed"]
    assert (allowed["code"], allowed["until"], allowed["because"]) == ("CAMP401", "2026-06-30", "营业到深夜")
    assert said["severities"] == [
        {"code": "CAMP411", "from": "error", "to": "warning"},
        {"code": "CAMP421", "from": "warning", "to": "error"},
    ]


def test_a_bank_without_git_is_told_from_its_own_root(project: Path) -> None:
    (project.resolve().parent / ".git").rmdir()
    assert "file=活动 a%25b/gift.camp" in check(project, "github")


def test_a_line_of_a_pack_is_no_file_of_the_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = campaign(copy='text "秒批"').replace("policy rules", "policy ours")
    text = f"policy ours extends cn_words {{ quiet 22:00-08:00 }}\n{PREAMBLE.text}\n{words}"
    (tmp_path / "bank.camp").write_text(text, encoding="utf-8")
    (tmp_path / "camp.toml").write_text("", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    log = json.loads(camp("check", "--format", "sarif").stdout)
    (result,) = [one for one in log["runs"][0]["results"] if one["ruleId"] == "CAMP521"]
    (related,) = result["relatedLocations"]
    assert "physicalLocation" not in related and invalid(log) == []
    assert related["logicalLocations"][0]["fullyQualifiedName"].startswith("camp/packs/cn_words.camp:")
    assert "camp/packs/cn_words.camp:" in camp("check", "--format", "github").stdout
