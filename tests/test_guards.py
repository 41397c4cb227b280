"""What keeps a run from sending where something is not known: it fails closed, and says so."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import Result

from tests.plans import camp, table

BANK = """
brand b "B" { zone "Asia/Shanghai"; currency CNY; phones "CN"; link "https://s.example/{{ code }}"; page "https://m.example/" }
customer { id key; phone phone?; name text?; consent CONSENT; zone zone? }
policy p { quiet 22:00-08:00; BINDS; ban "秒批" because "承诺审批结果" }
campaign c { policy p; kind benefit; runs 2026-03-01..2026-03-31
  audience { id != "" }
  start once
  message sms { text "{{ name }}批 {{ link }}" }
}
"""
ROWS = "id,phone,name,consent,zone\nk1,13800000001,张,yes,\nk2,13800000002,秒\u200b,yes,\nk3,13800000003,王,no,\n"


def bank(folder: Path, rows: str = ROWS, consent: str = "flag?", binds: str = "require consent consent") -> Path:
    (folder / "bank").mkdir()
    text = (
        BANK.replace("CONSENT", consent)
        .replace("BINDS", binds)
        .replace("{{ name }}", '{{ customer.name | default("") }}')
    )
    (folder / "bank" / "bank.camp").write_text(text, encoding="utf-8")
    (folder / "bank" / "camp.toml").write_text("", encoding="utf-8")
    (folder / "data").mkdir()
    (folder / "data" / "customers.csv").write_text(rows, encoding="utf-8")
    (folder / "data" / "events").mkdir()
    (folder / "data" / "events" / "opted_out.csv").write_text("customer,at\n", encoding="utf-8")
    return folder


def run(folder: Path, at: str = "2026-03-04T09:00+08:00", *more: str) -> Result:
    return camp("plan", folder / "bank", "--data", folder / "data", "--at", at, "-o", folder / "out", *more)


@pytest.mark.parametrize("consent", ["flag", "flag?"])
def test_without_a_column_for_a_consent_nobody_gets_anything(tmp_path: Path, consent: str) -> None:
    without = "\n".join(",".join(line.split(",")[:3]) for line in ROWS.splitlines())
    done = run(bank(tmp_path, without, consent))
    assert done.exit_code == 2 and "customers has no column `consent`" in done.output
    assert not (tmp_path / "out").exists()


def test_a_flag_that_no_policy_asks_for_may_have_no_column(tmp_path: Path) -> None:
    without = "\n".join(",".join(line.split(",")[:3]) for line in ROWS.splitlines())
    assert run(bank(tmp_path, without, binds="cap 9 per day")).exit_code == 0


def test_the_final_text_is_judged_whatever_a_value_hides(tmp_path: Path) -> None:
    assert run(bank(tmp_path)).exit_code == 0
    found = {row["customer"]: row["reason"] for row in table(tmp_path, "outcomes")}
    assert found["k1"] is None and found["k2"] == "banned_word" and found["k3"] == "no_consent"


def test_who_has_no_zone_is_written_to_by_the_brands_clock(tmp_path: Path) -> None:
    assert run(bank(tmp_path), "2026-03-04T07:30+08:00", "--for", "1d").exit_code == 0
    (row,) = [row for row in table(tmp_path, "outcomes") if row["customer"] == "k1"]
    assert row["outcome"] == "send" and row["at"].isoformat()[:16] == "2026-03-04T00:00"  # UTC: 08:00 in Shanghai


def test_a_value_cannot_part_a_word_of_a_card_as_cards_are_parted(tmp_path: Path) -> None:
    folder = bank(tmp_path, ROWS.replace("\u200b", "\x1f"))
    project = folder / "bank" / "bank.camp"
    text = project.read_text(encoding="utf-8").replace("link ", "channel rcs when consent; link ", 1)
    text = text.replace('message sms { text "{{', 'message rcs { text "{{ link }}"; card { title "{{').replace(
        ' {{ link }}" }\n', '"; text "批" } }\n'
    )
    project.write_text(text, encoding="utf-8")
    done = run(folder)
    assert done.exit_code == 0, done.output
    found = {row["customer"]: row["reason"] for row in table(tmp_path, "outcomes")}
    assert found == {"k1": None, "k2": "banned_word", "k3": "no_consent"}
