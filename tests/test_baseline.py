"""A baseline: what was there when checking began is not told again; what is new is, and what is gone too."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsl.diagnostics import Diagnostic, Severity
from dsl.source import Source, Span
from runtime.report import baseline
from runtime.report.compare import compared, entries
from runtime.report.fingerprints import Known
from tests.plans import camp
from tests.reports import GIFT, NAME, TODAY, bank


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CAMP_CACHE", "off")
    folder = bank(tmp_path)
    (folder / NAME / "segments.camp").unlink()
    return folder


def check(project: Path, *more: object) -> tuple[int, str]:
    done = camp("check", project, "--today", TODAY, "--baseline", project / "base.json", *more)
    return done.exit_code, done.output.replace(str(project), "bank")


def edit(project: Path, old: str, new: str) -> None:
    path = project / NAME / "gift.camp"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


CLOSING = (
    "1 finding allowed by comments: the first until 2026-06-30\n"
    "1 rule lowered by camp.toml: CAMP411 error → warning\n1 rule raised by camp.toml: CAMP421 warning → error\n"
)


def test_what_is_known_is_not_told_and_does_not_fail(project: Path) -> None:
    assert camp("check", project, "--today", TODAY).exit_code == 1
    read = "2 files, 8 declarations read, 0 errors\n"
    code, said = check(project, "--write-baseline")
    assert (code, said) == (
        0,
        f"{read}bank/base.json: 2 findings written\n2 findings known by bank/base.json\n{CLOSING}",
    )
    assert check(project) == (0, f"{read}2 findings known by bank/base.json\n{CLOSING}")
    first = (project / "base.json").read_bytes()
    check(project, "--write-baseline")
    assert (project / "base.json").read_bytes() == first


def test_the_file_has_a_line_for_each_and_is_sorted(project: Path) -> None:
    edit(project, "policy strict\n", "policy strict; priority 999\n")
    (project / NAME / "more.camp").write_text(GIFT.partition("\n")[2].replace("gift", "a_gift"), encoding="utf-8")
    check(project, "--write-baseline")
    lines = (project / "base.json").read_text(encoding="utf-8").splitlines()
    assert lines[:3] == ["{", ' "version": 1,', ' "findings": ['] and lines[-2:] == [" ]", "}"]
    told = [json.loads(line.strip().rstrip(",")) for line in lines[3:-2]]
    assert told == sorted(told, key=lambda one: (one["code"], one["declaration"])) and len(told) == 4
    assert [one["declaration"] for one in told] == ["campaign a_gift", "campaign gift"] * 2
    assert set(told[0]) == {"code", "declaration", "severity", "identity", "count"}


def test_what_is_new_is_told_and_fails(project: Path) -> None:
    check(project, "--write-baseline")
    edit(project, "  message sms", '  message sms when consent { text "秒批" }\n  message sms')
    code, said = check(project)
    assert code == 1 and said.count("error[CAMP521]") == 1 and "2 findings known by" in said


def test_what_was_a_warning_and_is_an_error_now_is_new(project: Path) -> None:
    check(project, "--write-baseline")
    (project / "camp.toml").write_text("", encoding="utf-8")
    code, said = check(project)
    assert code == 1 and "error[CAMP411]" in said and "1 finding known by" in said


def test_what_is_gone_is_told_and_fails_nothing(project: Path) -> None:
    check(project, "--write-baseline")
    edit(project, "，秒批", "")
    code, said = check(project)
    assert code == 0 and "1 of bank/base.json not found any more: write it anew with --write-baseline\n" in said
    assert "not found any more" not in check(project, "--write-baseline")[1]


def test_a_named_file_alone_says_nothing_of_the_others(project: Path) -> None:
    check(project, "--write-baseline")
    done = camp("check", project / "bank.camp", "--today", TODAY, "--baseline", project / "base.json")
    assert done.exit_code == 0 and "not found any more" not in done.output


def test_what_cannot_be_compiled_is_never_passed_over(project: Path) -> None:
    (project / NAME / "s.camp").write_text("segment s = asets > 1 CNY\n", encoding="utf-8")
    code, said = check(project, "--write-baseline")
    assert code == 1 and "error[CAMP301]" in said and "CAMP521" not in said
    assert "1 error not written: what cannot be compiled is never passed over\n" in said
    assert "CAMP301" not in (project / "base.json").read_text(encoding="utf-8")
    # Written by hand, it helps nothing either.
    lines = '{"version": 1, "findings": [{"code": "CAMP301", "declaration": "segment s", "severity": "error", '
    lines += '"identity": "%s", "count": 1}]}'
    found = json.loads(camp("check", project, "--format", "json").output)["findings"]
    identity = next(one["fingerprint"] for one in found if one["code"] == "CAMP301").partition(":")[0]
    (project / "base.json").write_text(lines % identity, encoding="utf-8")
    assert "error[CAMP301]" in check(project)[1]


@pytest.mark.parametrize("form", ["json", "sarif"])
def test_programs_are_told_how_many_are_hidden(project: Path, form: str) -> None:
    check(project, "--write-baseline")
    said = camp("check", project, "--today", TODAY, "--baseline", project / "base.json", "--format", form)
    raw = json.loads(said.stdout)
    run = raw["runs"][0] if form == "sarif" else raw
    assert (run["properties"]["hidden"] if form == "sarif" else run["hidden"]) == 2 and said.exit_code == 0
    assert "2 findings known by" in (said.stderr if form == "sarif" else "".join(run["notes"]))


@pytest.mark.parametrize(
    "content",
    [
        None, "", "[]", "{}", '{"version": 2, "findings": []}', '{"version": 1, "findings": [3]}',
        '{"version": 1, "findings": [{"code": "a"}]}', "[" * 100_000, b"\xff",
        '{"version": 1, "findings": [{"code": "a", "declaration": "", "severity": "bad", "identity": "a", "count": 1}]}',
        '{"version": 1, "findings": [{"code": "a", "declaration": "", "severity": "info", "identity": [], "count": 1}]}',
        '{"version": 1, "findings": [{"code": "a", "declaration": "", "severity": "info", "identity": "a", "count": 1e99}]}',
        '{"version": 1, "findings": [{"code": "a", "declaration": "", "severity": "info", "identity": "a", "count": 9999999}]}',
    ],
)  # fmt: skip
def test_a_file_that_is_none_says_so(project: Path, content: str | bytes | None) -> None:
    if content is not None:
        (project / "base.json").write_bytes(content if isinstance(content, bytes) else content.encode())
    code, said = check(project)
    assert code == 2 and ("is no baseline" in said or "cannot be read: No such file" in said)
    assert "  = help: Write it with `camp check --baseline bank/base.json --write-baseline`.\n" in said


def test_the_file_has_to_be_named(project: Path) -> None:
    done = camp("check", project, "--write-baseline")
    assert done.exit_code == 2 and "--write-baseline needs --baseline" in done.output


def mark(identity: str, severity: Severity) -> Known:
    return Known(Diagnostic("CAMP521", "m", Source("a", "x"), Span(0, 1), severity=severity), "campaign c", identity, 1)


MARKS = st.lists(st.builds(mark, st.sampled_from("ab"), st.sampled_from(["info", "warning", "error"])), max_size=8)


@given(MARKS, MARKS)
def test_each_is_counted_once(before: list[Known], now: list[Known]) -> None:
    done = compared(now, entries(before))
    assert done.hidden + len(done.new) == len(now) and done.hidden + done.gone == len(before)
    assert compared(before, entries(before)).new == () and compared(now, []).new == tuple(now)


@given(MARKS)
def test_what_is_written_is_read_again(tmp_path_factory: pytest.TempPathFactory, marks: list[Known]) -> None:
    path = tmp_path_factory.mktemp("base") / "base.json"
    text, kept, refused = baseline.written(marks)
    path.write_text(text, encoding="utf-8")
    assert baseline.read(path) == entries(marks) and (kept, refused) == (len(marks), 0)
