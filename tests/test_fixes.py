"""Full-width punctuation is read as what is meant; `camp check --fix` writes safe fixes and shows the others."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from dsl.compiler import analyse
from dsl.diagnostics import Diagnostic
from dsl.parser.fullwidth import MEANT, narrowed
from dsl.rules.registry import ENTRIES
from dsl.source import Source
from runtime.cli.fixing import fixed, safe, shown
from tests.completing import PREAMBLE, completed
from tests.plans import camp
from tests.test_cases import BAD, named

WIDE = "segment 富裕 “有钱人” ＝ assets ＞ 30万 CNY　and （consent or region = “county”）； segment 静默＿x = consent\n"
NARROW = 'segment 富裕 "有钱人" = assets > 30万 CNY and (consent or region = "county"); segment 静默_x = consent\n'


def found(text: str) -> list[Diagnostic]:
    return list(analyse(completed(text)).found)


def test_it_is_read_as_what_is_meant_and_told_each_time() -> None:
    read, told = narrowed(Source("a.camp", WIDE))
    assert read.text == NARROW
    assert len(told) == sum(a != b for a, b in zip(WIDE, NARROW, strict=True))
    assert {(one.code, one.severity, one.fix is not None and one.fix.safe) for one in told} == {
        ("CAMP105", "warning", True)
    }


def test_texts_and_comments_keep_theirs() -> None:
    text = 'segment s "，；“x”" = consent # ，。\npolicy p { ban "秒批，" because """；\n”""" }\n'
    assert narrowed(Source("a.camp", text)) == (Source("a.camp", text), [])


def test_the_meaning_is_the_same() -> None:
    wide, narrow = (analyse(completed(text)).model for text in (WIDE, NARROW))
    assert (
        wide
        and narrow
        and {name: one.test for name, one in wide.segments.items()}
        == {name: one.test for name, one in narrow.segments.items()}
    )


@given(st.text(alphabet='ab ，；“”"#\n（）{}' + "".join(map(chr, list(MEANT)[:6]))))
def test_no_place_moves(text: str) -> None:
    read, told = narrowed(Source("a.camp", text))
    assert len(read.text) == len(text) and [at for at, c in enumerate(text) if c == "\n"] == [
        at for at, c in enumerate(read.text) if c == "\n"
    ]
    assert fixed(text, [one.fix for one in told if one.fix]) == read.text


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("segment s = asets > 1 CNY", "segment s = assets > 1 CNY"),
        ("segment s = assets == 1 CNY", "segment s = assets = 1 CNY"),
        ("segment s = consent && consent", "segment s = consent and consent"),
        ("policy p { quite 22:00-08:00 }", "policy p { quiet 22:00-08:00 }"),
        ("policy p { cap 1 per day limit 2 segments }", "policy p { cap 1 per day ; limit 2 segments }"),
        ("policy p { quiet 22:00-08:00", "policy p { quiet 22:00-08:00\n}"),
    ],
)
def test_a_fix_to_look_at_is_shown_and_would_mend_it(text: str, line: str) -> None:
    (one,) = found(text + "\n")
    assert one.fix and not one.fix.safe and shown(one) == line
    assert found(fixed(text + "\n", [one.fix])) == []


def test_a_fix_inside_copy_stands_where_the_slip_is() -> None:
    text = "campaign g { policy rules; kind benefit; runs 2026-03-01..2026-03-31; audience { consent }; start once\n"
    text += '  message sms { text "{{ customer | salutatoin }}" } }\n'
    (one,) = found(text)
    assert shown(one) == 'message sms { text "{{ customer | salutation }}" } }'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "camp.toml").write_text("", encoding="utf-8")
    (tmp_path / "bank.camp").write_text(PREAMBLE.text, encoding="utf-8")
    (tmp_path / "a.camp").write_bytes(b"\xef\xbb\xbf" + WIDE.replace("\n", "\r\n").encode())
    return tmp_path


def test_safe_fixes_are_written_and_nothing_else_changes(project: Path) -> None:
    done = camp("check", "--fix", project)
    assert (done.exit_code, done.output) == (
        0,
        "11 places fixed in 1 file\n\n2 files, 8 declarations read, 0 errors\n",
    )
    assert (project / "a.camp").read_bytes() == b"\xef\xbb\xbf" + NARROW.replace("\n", "\r\n").encode()
    assert (project / "bank.camp").read_text(encoding="utf-8") == PREAMBLE.text
    assert camp("check", "--fix", project).output.startswith("0 places fixed in 0 files")


def test_fixes_to_look_at_are_shown_and_not_written(project: Path) -> None:
    text = "segment t = asets > 1 CNY\n"
    (project / "b.camp").write_text(text, encoding="utf-8")
    done = camp("check", "--fix", project / "b.camp")
    assert done.exit_code == 1 and "  = to look at: segment t = assets > 1 CNY\n" in done.output
    assert (project / "b.camp").read_text(encoding="utf-8") == text


def test_without_the_option_nothing_is_written(project: Path) -> None:
    before = (project / "a.camp").read_bytes()
    done = camp("check", project)
    assert done.exit_code == 0 and "11 warnings" in done.output and (project / "a.camp").read_bytes() == before


def test_fixes_that_overlap_are_taken_one_at_a_time() -> None:
    (one, *_) = found("segment s ＝ consent\n")
    assert [len(fixes) for fixes in safe([one, one]).values()] == [1]


def test_every_fix_of_the_bad_cases_and_examples(snapshot: SnapshotAssertion) -> None:
    """What stands there → what would be written, and whether `--fix` writes it by itself."""
    texts = {named(path): path.read_text(encoding="utf-8") for path in BAD}
    texts |= {code: entry.section("Bad") for code, entry in ENTRIES.items() if entry.section("Bad")}
    told = [(name, one, one.fix) for name, text in sorted(texts.items()) for one in found(text) if one.fix]
    fixes = [
        f"{name} {one.code}: {one.source.text[fix.span.start : fix.span.end]!r} → {fix.text!r}{' (safe)' * fix.safe}"
        for name, one, fix in told
    ]
    assert "\n".join(fixes) == snapshot
