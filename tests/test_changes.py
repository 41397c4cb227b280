"""`camp compile --diff`: what changed since an older program, one line for each change."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from runtime.cli.main import main

BANK = """
brand b "某行" { signature "【某行】"; opt_out "拒收请回复R"; zone "Asia/Shanghai"; currency CNY; holidays "CN"; rejects 1% }
customer { id key; phone phone?; region one_of("city", "county"); assets money?; birth_date date?; consent flag; vip flag }
event view { page text }
event funded { amount money }
product loan "贷款" { apr 3.8% }
policy p { quiet 22:00-08:00; require signature first, opt_out last; require consent consent
  cap 1 per day
  cap 4 per 30 days
  limit 2 segments
  ban "秒批" because "承诺审批结果"
}
campaign c "甲" { policy p; kind benefit; runs 2026-03-01..2026-03-31; priority 10
  audience {
    did view where page = "loan" in last 7 days
    any { assets >= 10万 CNY; region = "city" }
  }
  start once
  window wed, fri 16:00-18:00
  message sms { text "您好" }
}
campaign gone { policy p; kind benefit; runs 2026-03-01..2026-03-31
  audience { vip }
  start once
  message sms { text "您好" }
}
"""


@pytest.fixture(autouse=True)
def old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("bank.camp").write_text(BANK, encoding="utf-8")
    Path("camp.toml").write_text("", encoding="utf-8")
    assert camp("compile", "-o", "old.json").exit_code == 0


def camp(*words: str) -> Result:
    return CliRunner().invoke(main, words)


def changed(*edits: tuple[str, str]) -> list[str]:
    text = BANK
    for before, after in edits:
        assert before in text
        text = text.replace(before, after, 1)
    Path("bank.camp").write_text(text, encoding="utf-8")
    found = camp("compile", "--diff", "old.json")
    assert found.exit_code == 0, found.output
    assert not Path("program.json").exists()
    return found.stdout.splitlines()


def test_places_and_order_are_no_change() -> None:
    edits = [('any { assets >= 10万 CNY; region = "city" }', '\n\n any { region = "city"; assets >= 100_000 CNY }')]
    assert changed(*edits) == ["nothing changed (only places or order)"]
    assert changed() == ["nothing changed (only places or order)"]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("campaign gone {", "campaign come {", ["campaign come added", "campaign gone removed"]),
        ("assets >= 10万", "assets >= 20万", [
            'campaign c: audience line removed: (assets >= 100000 or region = "city")',
            'campaign c: audience line added: (assets >= 200000 or region = "city")',
        ]),
        ("in last 7 days", "in last 36 hours", [
            'campaign c: audience line removed: did view where page = "loan" in last 7 days',
            'campaign c: audience line added: did view where page = "loan" in last 36 hours',
        ]),
        ("start once", "start when count(view in last 7 days) reaches 4; expire after 5 days", [
            "campaign c: start once → when count(view in last 7 days) reaches 4",
            "campaign c: again none → after 7 days",
            "campaign c: expire none → after 5 days",
        ]),
        ("start once", "start 3 days before birth_date", ["campaign c: start once → 3 days before birth_date"]),
        ("wed, fri 16:00-18:00", "workdays 16:00-18:30 skip holidays",
            ["campaign c: window wed, fri 16:00-18:00 → workdays 16:00-18:30 skip holidays"]),
        ("runs 2026-03-01..2026-03-31", "runs 2026-03-01..2026-04-30",
            ["campaign c: runs 2026-03-01..2026-03-31 → 2026-03-01..2026-04-30"]),
        ("priority 10", "priority 20; holdout 5%; cap 1 per 30 days", [
            "campaign c: priority 10 → 20",
            "campaign c: cap added: 1 per 30 days",
            "campaign c: holdout none → 5%",
        ]),
        ("kind benefit", "kind service", ["campaign c: kind benefit → service"]),
        ('text "您好"', 'text "早上好"',
            ['campaign c: message sms "【某行】您好。拒收请回复R" → "【某行】早上好。拒收请回复R"']),
        ("quiet 22:00-08:00", "quiet 21:00-08:00", [
            "policy p: quiet removed: 22:00-08:00",
            "policy p: quiet added: 21:00-08:00",
        ]),
        ("cap 4 per 30 days", "cap 1 of benefit, service per month", [
            "policy p: cap removed: 4 per 30 days",
            "policy p: cap added: 1 of benefit, service per month",
        ]),
        ("limit 2 segments", "limit 3 segments", ["policy p: limit 2 segments → 3 segments"]),
        ("require consent consent", "require consent vip", [
            "policy p: consent removed: consent",
            "policy p: consent added: vip",
        ]),
        ("  limit 2 segments", "  limit 2 segments; block benefit while vip", ["policy p: block added: benefit while vip"]),
        ('ban "秒批"', 'ban "秒批", "必过" except "不必过度"', [
            'policy p: ban removed: "秒批" because "承诺审批结果"',
            'policy p: ban added: "必过", "秒批" except "不必过度" because "承诺审批结果"',
        ]),
        ("birth_date date?", "born date?", ["field born added", "field birth_date removed"]),
        ('"county")', '"county", "town")?',
            ['field region: one_of("city", "county") → one_of("city", "county", "town")?']),
        ("event funded { amount money }", "event funded { amount number }\nevent bought", [
            "event bought added",
            "event funded: property removed: amount money",
            "event funded: property added: amount number",
        ]),
        ("rejects 1%", "rejects 2%", ["brand: rejects 0.01 → 0.02"]),
    ],
)  # fmt: skip
def test_every_change_is_told_in_words(before: str, after: str, said: list[str]) -> None:
    assert changed((before, after)) == said


def test_what_has_no_words_of_its_own_is_told_all_the_same() -> None:
    (line,) = changed(("apr 3.8%", "apr 3.8%..7.2%"))
    assert line.startswith("product loan: facts apr (rate") and "→" in line
    Path("camp.toml").write_text('[data]\nzone = "UTC"\n[data.customers]\nphone = "mobile"\n', encoding="utf-8")
    assert changed() == ["field phone: phone? → phone? in column mobile", "data: zone Asia/Shanghai → UTC"]


def test_with_an_output_the_program_is_written_too() -> None:
    found = camp("compile", "--diff", "old.json", "-o", "new.json")
    assert found.exit_code == 0 and found.stdout.startswith("nothing changed")
    assert Path("new.json").read_text(encoding="utf-8") == Path("old.json").read_text(encoding="utf-8")
    found = camp("compile", "--diff", "old.json", "-o", "-")
    assert json.loads(found.stdout)["version"] and "nothing changed" in found.stderr


def test_an_old_program_that_is_none_ends_with_2() -> None:
    text = Path("old.json").read_text(encoding="utf-8")
    Path("cut.json").write_text(text[:-20], encoding="utf-8")
    Path("edited.json").write_text(text.replace("您好", "你好"), encoding="utf-8")
    Path("bytes.json").write_bytes(b"\xff\xfe")
    for name in ("cut.json", "edited.json", "bytes.json", "nowhere.json"):
        found = camp("compile", "--diff", name)
        assert found.exit_code == 2 and name in found.output, found.output
    Path("bank.camp").write_text(BANK.replace("did view", "did veiw"), encoding="utf-8")
    assert camp("compile", "--diff", "old.json").exit_code == 1
