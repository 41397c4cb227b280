"""Mistakes: one finding each, at its place, and the rest of the file is still read."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from dsl.diagnostics import render
from dsl.parser.parse import parse
from dsl.source import Source, display_width
from runtime.cli.main import main


def read(text: str) -> tuple[list[str], list[tuple[str, str]]]:
    source = Source("a.camp", text)
    file, found = parse(source)
    names = [declaration.kind for declaration in file.declarations]
    return names, [(problem.code, text[problem.span.start : problem.span.end]) for problem in found]


def test_two_mistakes_give_two_errors_and_the_rest_is_read() -> None:
    text = "event a { page txt }\nevent b\nsegment s = a >= )\nsegment t = x > 3\n"
    assert read(text) == (["event", "event", "segment"], [("CAMP201", "txt"), ("CAMP201", ")")])


@pytest.mark.parametrize("joint", ["and\n", "或 # why\n\n  ", ">\n", "and # {\n"])
def test_a_statement_goes_on_after_a_joint(joint: str) -> None:
    assert read(f"segment s = a {joint} b\nevent e") == (["segment", "event"], [])


@pytest.mark.parametrize(
    "first", ["customer { id key", "segment s = a and", "segment s = (a or b", "event a { page text; {"]
)
@pytest.mark.parametrize(
    "second", ['campaign c "x" {\n}', "segment t =\n  a", "customer { id key }", "规范 p { 静默 22:00-08:00 }"]
)
def test_a_new_declaration_ends_an_unfinished_one(first: str, second: str) -> None:
    kinds, found = read(f"{first}\n# why\n  {second}\nevent last\n")
    mended = first.endswith(("key", "b"))  # a bracket that is never closed is closed, and the rest read
    assert (len(kinds), kinds[-1], [code for code, _ in found]) == (3 if mended else 2, "event", ["CAMP201"])


def test_what_looks_like_a_declaration_in_a_block_is_a_statement() -> None:
    text = (
        "customer {\n event text\n policy number\n segment_ flag\n customer key\n}\n"
        "segment s = a and\n  segment b and\n  event in 1..2 or\n  product is missing\n"
        "campaign c {\n product p\n policy q\n}"
    )
    assert read(text) == (["customer", "segment", "campaign"], [])


def test_braces_and_hashes_in_copy_are_text() -> None:
    text = 'brand b "{ # }" {\n  link "https://x/{{ d["}"] }}"\n}\nevent e'
    assert read(text) == (["brand", "event"], [])


def test_caret_stands_under_wide_text() -> None:
    _, found = parse(Source("a.camp", "segment 沉睡 = !\n"))
    lines = render(found[0]).splitlines()
    assert lines[3].index("^") == display_width(lines[2][: lines[2].index("!")])


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"event a\x00", "CAMP103"),
        (b"event \xff\xfe", "CAMP101"),
        (b"(" * 20_000, "CAMP104"),
        (b"{}" * 5_000_000, "CAMP102"),
        (b'brand b "' + b"{{" * 5_000, "CAMP201"),
        (b'brand b "' + b"{{{{ }} " * 5_000, "CAMP201"),
    ],
)
def test_hostile_files_are_refused_with_a_code(tmp_path: Path, raw: bytes, code: str) -> None:
    file = tmp_path / "a.camp"
    file.write_bytes(raw)
    result = CliRunner().invoke(main, ["check", str(file)])
    assert (result.exit_code, code in result.output) == (1, True)
    assert "Traceback" not in result.output


def test_bom_and_crlf_are_read(tmp_path: Path) -> None:
    file = tmp_path / "a.camp"
    bank = b'brand b "B" {\r\n  zone "UTC"\r\n  currency CNY\r\n}\r\ncustomer { id key }\r\n'
    file.write_bytes(b"\xef\xbb\xbfevent a {\r\n  page text\r\n}\r\n" + bank)
    result = CliRunner().invoke(main, ["check", str(file)])
    assert (result.exit_code, result.output) == (0, "1 file, 3 declarations read, 0 errors\n")


def test_a_missing_path_is_a_usage_error() -> None:
    result = CliRunner().invoke(main, ["check", "nowhere.camp"])
    assert (result.exit_code, "There is no file or folder nowhere.camp" in result.output) == (2, True)


def test_the_example_bank_is_read_whole() -> None:
    result = CliRunner().invoke(main, ["check", str(Path(__file__).parent.parent / "campaigns")])
    assert (result.exit_code, result.output) == (0, "32 files, 138 declarations read, 0 errors\n")


def test_hours_and_dates_must_exist() -> None:
    text = "event a\npolicy p { quiet 22:00-25:00 }\nsegment s = d in 2026-02-30..2026-03-01\n"
    assert read(text) == (["event", "policy"], [("CAMP202", "22:00-25:00"), ("CAMP203", "2026-02-30")])
