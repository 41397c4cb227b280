"""A small bank with something of every kind to tell: fixes, related lines, a warning, what is allowed and what is lowered."""

from __future__ import annotations

from pathlib import Path

from tests.completing import PREAMBLE

TODAY = "2026-03-01"
SETTINGS = '[check.severity]\nCAMP411 = "warning"\nCAMP421 = "error"\n'
# 𠮷 and 👍 take two UTF-16 code units each; the path needs percent-encoding.
GIFT = """policy strict { quiet 22:00-08:00; cap 0 of benefit per month; ban "秒批" because "承诺，50%" }

campaign gift "𠮷祥" {
  policy strict
  kind   benefit
  runs   2026-03-01..2026-03-31
  audience { assets > 1 CNY }
  start once
  window 22:30-23:30  # camp: allow CAMP401 until 2026-06-30 because "营业到深夜"
  message sms { text "𠮷👍 {{ customer | salutation }}，秒批" }
}
"""
SEGMENTS = 'segment rich "👍" = asets ＞ 30万 CNY\n'
NAME = "活动 a%b"


def bank(folder: Path) -> Path:
    """The project, in a repository of its own."""
    inside = folder / "bank" / NAME
    inside.mkdir(parents=True)
    (folder / ".git").mkdir()
    (folder / "bank" / "camp.toml").write_text(SETTINGS, encoding="utf-8")
    (folder / "bank" / "bank.camp").write_text(PREAMBLE.text, encoding="utf-8")
    (inside / "gift.camp").write_text(GIFT, encoding="utf-8")
    (inside / "segments.camp").write_text(SEGMENTS, encoding="utf-8")
    return folder / "bank"
