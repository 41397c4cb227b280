"""Whatever stands in a file: findings with codes or none, within seconds, and never a traceback."""

from __future__ import annotations

import random
import re
import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import grammar
from dsl.compiler import analyse
from dsl.diagnostics import render
from dsl.source import Source
from runtime.cli.main import main
from tests.completing import HERE, campaign, completed

SECONDS = 10

FILES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "CAMP304"),
    "only a BOM": (b"\xef\xbb\xbf", "CAMP304"),
    "BOM in the middle": (b"event a\n\xef\xbb\xbfevent b", "CAMP201"),
    "UTF-16": ("event a".encode("utf-16"), "CAMP101"),
    "NUL": (b"event a\x00", "CAMP103"),
    "old Mac line ends": (b"event a\revent b\r", "CAMP201"),
    "lone surrogate": (b"event a\xed\xa0\x80", "CAMP101"),
    "control characters": (bytes(range(1, 9)) * 100, "CAMP201"),
    "right to left": ("event \u202eabc\u202c {}".encode(), "CAMP201"),
    "10 MB of brackets": (b"{}" * 5_000_000, "CAMP102"),
    "1 MB of brackets": (b"{}" * 499_000, "CAMP201"),
    "20,000 open parentheses": (b"segment s = " + b"(" * 20_000, "CAMP104"),
    "20,000 open braces": (b"campaign c " + b"{" * 20_000, "CAMP104"),
    "100,000 closing": (b"event a " + b"})" * 50_000, "CAMP201"),
    "5,000 {{": (b'brand b "' + b"{{" * 5_000, "CAMP201"),
    "5,000 closed {{ }}": (b'brand b "' + b"{{{{ }} " * 5_000, "CAMP201"),
    "200,000 quotes": (b"event " + b'"' * 200_001, "CAMP201"),
    "quotes and backslashes": (b'event "' + b"\\" * 300_001, "CAMP201"),
    "900,000 spaces": (b"event a" + b" " * 900_000 + b"!", "CAMP201"),
    "300,000 newlines": (b"event a {" + b"\n" * 300_000, "CAMP201"),
    "300,000 semicolons": (b";" * 300_000 + b"event", "CAMP201"),
    "a name of 900,000": (b"event " + b"a" * 900_000 + b" !", "CAMP201"),
    "50,000 comments": (b"# { (\n" * 50_000 + b"event", "CAMP201"),
    "20,000 mistakes": (b"event !\n" * 20_000, "CAMP201"),
}

# Each as the test of a segment, with the codes that it gives.
EXPRESSIONS: dict[str, tuple[str, list[str]]] = {
    "20,000 not": ("not " * 20_000 + "consent", ["CAMP104"]),
    "200 not": ("not " * 200 + "consent", ["CAMP104"]),
    "20,000 and": ("consent and " * 20_000 + "consent", []),
    "15,000 or, each a comparison": ("assets > 1 CNY or " * 15_000 + "consent", []),
    "49 any": ("any { " * 49 + "consent" + " }" * 49, []),
    "49 none": ("none {\n" * 49 + "consent" + "\n}" * 49, []),
    "49 parentheses and not": ("not (" * 49 + "consent" + ")" * 49, []),
    "49 where": ("did tick where (" * 49 + 'page = "a"' + ")" * 49, ["CAMP104"]),
    "400 digits": ("assets > " + "9" * 400 + " CNY", ["CAMP204"]),
    "900,000 digits": ("visits > " + "9" * 900_000, ["CAMP204"]),
    "400 digits after the point": ("assets > 0." + "9" * 400 + " CNY", ["CAMP204"]),
    "10^30": ("assets > 1000000000000000000000000000000 CNY", ["CAMP204"]),
    "10^29": ("assets > 100000000000000000000000000000 CNY", ["CAMP316"]),
    "10^28 亿": ("assets > 10000000000000000000000000000亿 CNY", ["CAMP316"]),
    "万亿": ("assets > 9万亿 CNY", ["CAMP201"]),
    "10^20 元": ("assets > 999999999999亿元", ["CAMP316"]),
    "a percentage of 30 digits": ("rate > 99999999999999999999999999999%", ["CAMP301", "CAMP316"]),
    "28 digits after the point": ("visits > 5.0000000000000000000000000001", ["CAMP316"]),
    "days without end": ("did tick in last 99999999999999999999999999999 days", ["CAMP315"]),
    "weeks without end": ("birth_date in last 9999999999999999999999亿 weeks", ["CAMP315"]),
    "a count without end": ("count(tick) >= 9999999999999999999999999999", ["CAMP316"]),
    "days since without end": ("days_since(tick) in 0..9999999999999999999999999999", ["CAMP316"]),
    "escapes": ('surname = "\\x\\u{110000}\\N{DASH}\\' + "\\" * 51 + '"', []),
    "only an escape": ('surname = "\\"', ["CAMP201"]),
    "year 0": ("birth_date > 0000-01-01", ["CAMP203"]),
    "year 9999": ("birth_date in 0001-01-01..9999-12-31", []),
    "an option of 100,000": ('region = "' + "x" * 100_000 + '"', ["CAMP312"]),
    "a name of 100,000": ("did " + "x" * 100_000, ["CAMP301"]),
}

NUMBERS = {
    "policy p { cap 99999999999999999999999999999 per day }": "CAMP316",
    "policy p { cap 1 per 99999999999999999999999999999 days }": "CAMP315",
    "policy p { cap 1 per 0 days }": "CAMP315",
    "policy p { limit 0 segments }": "CAMP316",
    "policy p { limit 10000000000000000000000000000 segments }": "CAMP316",
    "event e { page text(10000000000000000000000000000) }": "CAMP316",
    "event e { page text(1.5万) }": "",
    "event e { page text(0.5) }": "CAMP316",
    "event e { page text(0) }": "CAMP316",
    'product p "P" { max 1000000000000000000000000000亿 CNY }': "CAMP316",
    'product p "P" { max 0.001 CNY..2 CNY; apr 0.00000001%; term 1.5 months; n 0.00000001 }': "CAMP316",
    'product p "P" { term 99999999999999999999999999999 months }': "CAMP316",
    'brand b "B" { zone "UTC"; currency CNY; cost sms 10000000000000000000000000000 CNY; signature "B"; opt_out "R" }': "CAMP316",
    'brand b "B" { zone "UTC"; currency CNY; control 99999999999999999999999999999%; signature "B"; opt_out "R" }': "CAMP316",
    'brand b "B" { zone "../../etc/passwd"; currency CNY; signature "B"; opt_out "R" }': "CAMP319",
    'brand b "B" { zone ""; currency CNY; signature "B"; opt_out "R" }': "CAMP319",
    'brand b "B" { zone "UTC"; currency CNY; holidays "../CN"; signature "B"; opt_out "R" }': "CAMP319",
    campaign("priority 99999999999999999999999999999"): "CAMP316",
    campaign("priority 0.5"): "CAMP316",
    campaign("expire after 99999999999999999999999999999 days"): "CAMP315",
    campaign("again after 0 days"): "CAMP315",
    campaign("again after 2 months"): "CAMP315",
    campaign("holdout 100.01%"): "CAMP316",
    campaign("runs 0001-01-01..9999-12-31"): "CAMP316",
    campaign("start when count(tick) reaches 0"): "CAMP316",
    campaign("start when count(tick) reaches 99999999999999999999999999999"): "CAMP316",
}


def quickly(sources: list[Source]) -> list[str]:
    """The codes of what is found, each worded and shown, within seconds."""
    began = time.process_time()
    found = analyse(sources).found
    shown = [render(one) for one in found[:100]]
    assert all(text.startswith(("error[CAMP", "warning[CAMP")) and len(text) < 5_000 for text in shown)
    assert time.process_time() - began < SECONDS
    return [one.code for one in found]


@pytest.mark.parametrize("name", FILES)
def test_a_hostile_file_is_refused_with_a_code(name: str, tmp_path: Path) -> None:
    raw, code = FILES[name]
    (tmp_path / "a.camp").write_bytes(raw)
    began = time.process_time()
    result = CliRunner().invoke(main, ["check", str(tmp_path)])
    assert (result.exit_code, f"[{code}]" in result.output) == (1, True)
    assert isinstance(result.exception, SystemExit) and time.process_time() - began < SECONDS
    assert max(map(len, result.output.splitlines())) < 500


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_a_hostile_expression_is_read_or_refused(name: str) -> None:
    expression, codes = EXPRESSIONS[name]
    assert quickly(completed(f"segment s = {expression}\n" + campaign("audience { segment s }"))) == codes


def test_two_long_names_that_nearly_agree_are_not_compared() -> None:
    long = "x" * 200_000
    assert quickly(completed(f"event {long}a\nsegment s = did {long}b\n")) == ["CAMP301"]


@pytest.mark.parametrize(("text", "code"), NUMBERS.items())
def test_a_number_out_of_range_is_told(text: str, code: str) -> None:
    assert set(quickly(completed(text))) == ({code} if code else set())


def test_random_bytes_are_no_text(tmp_path: Path) -> None:
    chance = random.Random(1)
    for at in range(20):
        (tmp_path / "a.camp").write_bytes(b"event a\n" * (at % 2) + chance.randbytes(5_000))
        result = CliRunner().invoke(main, ["check", str(tmp_path)])
        assert (result.exit_code, "[CAMP101]" in result.output) == (1, True)


PIECES = [
    re.findall(r"\w+|[^\w\s]+|\s+", path.read_text(encoding="utf-8"))
    for path in [*HERE.glob("cases/*/good/*.camp"), *(HERE.parent / "campaigns").glob("*.camp")]
]
TOKENS = sorted({token for pieces in PIECES for token in pieces} | set(grammar.words()))


@given(st.integers(0, len(PIECES) - 1), st.randoms(use_true_random=False))
@settings(max_examples=300, deadline=None)
def test_random_splices_of_good_files_are_analysed(which: int, chance: random.Random) -> None:
    pieces = list(PIECES[which])
    for _ in range(chance.randint(1, 5)):
        at = chance.randrange(len(pieces) + 1)
        pieces[at : at + chance.randint(0, 3)] = [chance.choice(TOKENS) for _ in range(chance.randint(0, 3))]
    text = "".join(pieces)
    for one in analyse(completed(text)).found:
        assert one.message in render(one) and 0 <= one.span.start <= len(one.source.text)
