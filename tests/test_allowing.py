"""Comments that allow a finding: what they cover, until when, and what is told about them."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsl.allowing import Judged, judged
from dsl.compiler import analyse
from dsl.program.load import dump, load
from dsl.program.lower import lower
from dsl.rules.registry import ENTRIES
from dsl.settings import Settings
from dsl.severities import is_settled
from dsl.source import Source
from runtime import project as projects
from tests.completing import TODAY, completed
from tests.plans import camp

ALLOW = '# camp: allow CAMP401 until 2026-06-30 because "open late"'
LATE = """campaign late "Late" {{ {head}
  policy rules
  kind   benefit
  runs   2026-03-01..2026-03-31
  audience {{ assets > 1 CNY }}
  start once
  {above}
  window 22:30-23:30 {beside}
  message sms {{ text "Hello" }}
}}
"""


def late(head: str = "", above: str = "", beside: str = "", before: str = "") -> str:
    return f"{before}\n" + LATE.format(head=head, above=above, beside=beside)


def ask(text: str, today: date = TODAY) -> Judged:
    sources = completed(text)
    return judged(analyse(sources).found, sources, today)


def codes(text: str, today: date = TODAY) -> tuple[list[str], list[str]]:
    """What stands, and what is allowed."""
    told = ask(text, today)
    return [one.code for one in told.found], [one.finding.code for one in told.allowed]


def test_without_a_comment_it_stands() -> None:
    assert codes(late()) == (["CAMP401"], [])


@pytest.mark.parametrize(
    "comment",
    [
        ALLOW,
        '#camp:allow CAMP401 until 2026-06-30 because "a"',
        '# camp: allow CAMP401 because "a" until 2026-06-30',
        '# camp: 允许 CAMP401 至 2026-06-30 因为 "营业到深夜"',
        "# camp：允许　CAMP401 至 ２０２６－０６－３０ 因为 “营业到深夜，已批”",
        f"# open late on Fridays {ALLOW}",
    ],
)
def test_on_its_line_and_alone_above(comment: str) -> None:
    assert codes(late(beside=comment)) == ([], ["CAMP401"])
    assert codes(late(above=comment)) == ([], ["CAMP401"])
    assert codes(late(above=f"{comment}\n\n  # why else\n")) == ([], ["CAMP401"])


def test_what_was_allowed_is_told_with_its_reason() -> None:
    (one,) = ask(late(above="# camp: 允许 CAMP401 至 2026-06-30 因为 “营业到深夜，已批”")).allowed
    assert (one.until, one.reason, one.place.line) == (date(2026, 6, 30), "营业到深夜，已批", 8)
    assert one.finding.message.startswith("The quiet hours")


@pytest.mark.parametrize("where", ["head", "before"])
def test_above_or_beside_a_declaration_it_covers_its_first_line_only(where: str) -> None:
    assert codes(late(**{where: ALLOW})) == (["CAMP401", "CAMP702"], [])


def test_above_a_campaign_it_covers_what_is_found_at_the_campaign() -> None:
    bad = ENTRIES["CAMP411"].section("Bad").replace("campaign", f"{ALLOW.replace('401', '411')}\ncampaign", 1)
    assert codes(bad) == ([], ["CAMP411"])


def test_another_line_is_not_covered() -> None:
    assert codes(late(above=f"{ALLOW}\n  priority 5")) == (["CAMP401", "CAMP702"], [])
    assert codes(late(beside=f"\n  {ALLOW}")) == (["CAMP401", "CAMP702"], [])
    assert codes(late() + ALLOW) == (["CAMP401", "CAMP702"], [])


TOLD = """campaign told {
  policy strict; kind benefit; runs 2026-03-01..2026-03-31; audience { consent }; start once
  %s
  message sms {
    benefit "贷款" %s
    action  "秒批"
  }
  %s
}
policy strict { quiet 22:00-08:00; ban "秒批" because "承诺" }
"""
BANNED = '# camp: allow CAMP521 until 2026-06-30 because "quoted"'


def test_a_statement_of_several_lines_is_covered_whole() -> None:
    assert codes(TOLD % ("", "", "")) == (["CAMP521"], [])
    assert codes(TOLD % (BANNED, "", "")) == ([], ["CAMP521"])
    assert codes(TOLD % ("", BANNED, ""))[0] == ["CAMP521", "CAMP702"]
    assert codes(TOLD % ("", f"\n    {BANNED}", "")) == ([], ["CAMP521"])
    assert codes(TOLD % ("", "", BANNED))[0] == ["CAMP521", "CAMP702"]


def test_a_segment_of_several_lines_is_one_statement() -> None:
    text = '# camp: allow CAMP318 until 2026-06-30 because "a"\n'
    text += "segment s = consent and\n  (assets > 1 CNY or\n  assets is missing)\n"
    assert codes(text.partition("\n")[2])[0] == ["CAMP318"]
    assert codes(text) == ([], ["CAMP318"])
    assert codes(text.replace("(assets > 1 CNY or\n", '(assets > 1 CNY or # ; { "\n')) == ([], ["CAMP318"])


def test_a_segment_with_a_block_is_one_statement_too() -> None:
    text = '# camp: allow CAMP318 until 2026-06-30 because "a"\nsegment s = any {\n  assets is missing\n}\n'
    assert codes(text) == ([], ["CAMP318"])


def test_a_statement_that_goes_on_in_the_next_line_is_covered_whole() -> None:
    comment = '# camp: allow CAMP318 until 2026-06-30 because "a"\n'
    more = 'message sms when consent and # so\n    assets is missing { text "Hi" }\n  message'
    text = late(above=ALLOW).replace("message", f"{comment}  {more}", 1)
    assert codes(text) == ([], ["CAMP401", "CAMP318"])


def test_the_whole_line_below_is_covered() -> None:
    text = late(above=ALLOW).replace("window", "priority 5; window")
    assert codes(text) == ([], ["CAMP401"])


def test_at_the_end_of_a_block_nothing_follows() -> None:
    text = late().replace("assets > 1 CNY }", f"assets > 1 CNY\n    {ALLOW}\n  }}; window 22:30-23:30")
    text = text.replace("  window 22:30-23:30 \n", "")
    assert codes(text) == (["CAMP401", "CAMP702"], [])


def test_the_nearest_of_two_gives_the_reason_and_both_are_used() -> None:
    told = ask(late(above=ALLOW, beside=ALLOW.replace("open late", "nearer")))
    assert [one.reason for one in told.allowed] == ["nearer"] and told.found == ()


def test_a_comment_speaks_of_its_own_file_only() -> None:
    here = completed(late(above=ALLOW))
    there = Source("other.camp", late(above=" " * len(ALLOW)).replace("campaign late", "campaign tale"))
    told = judged(analyse([*here, there]).found, [*here, there], TODAY)
    assert [(one.code, one.source.path) for one in told.found] == [("CAMP401", "other.camp")]


def test_several_codes_and_one_that_is_not_found() -> None:
    told = ask(late(above=ALLOW.replace("CAMP401", "CAMP401, CAMP411、CAMP421")))
    assert [one.code for one in told.found] == ["CAMP702", "CAMP702"]
    assert [one.source.text[one.span.start : one.span.end] for one in told.found] == ["CAMP411", "CAMP421"]


def test_its_last_day_counts_and_the_day_after_does_not() -> None:
    assert codes(late(above=ALLOW), date(2026, 6, 30)) == ([], ["CAMP401"])
    assert codes(late(above=ALLOW), date(2026, 7, 1)) == (["CAMP703", "CAMP401"], [])


def test_a_year_is_the_longest() -> None:
    day = date(2026, 6, 30) - timedelta(days=366)
    assert codes(late(above=ALLOW), day) == ([], ["CAMP401"])
    assert codes(late(above=ALLOW), day - timedelta(days=1)) == (["CAMP704", "CAMP401"], [])


@pytest.mark.parametrize(
    ("comment", "marked"),
    [
        ("# camp: allow CAMP401 until 2026-06-30", "# camp: allow CAMP401 until 2026-06-30"),
        ('# camp: allow CAMP401 because "a"', '# camp: allow CAMP401 because "a"'),
        ('# camp: allow CAMP401 until 2026-02-30 because "a"', "2026-02-30"),
        ('# camp: allow CAMP401 until 20260630 because "a"', "20260630"),
        ('# camp: allow CAMP401 until 2026-06-30 because " "', '" "'),
        ("# camp: allow CAMP401 until 2026-06-30 because a", "a"),
        ('# camp: allow CAMP401 until 2026-06-30 because "a" so', "so"),
        ('# camp: allow CAMP401 until 2026-06-30 until 2026-06-30 because "a"', "until"),
        ('# camp: allow CAMP4O1 until 2026-06-30 because "a"', "CAMP4O1"),
        ('# camp: allow window-in-quiet-hours until 2026-06-30 because "a"', "window-in-quiet-hours"),
        ('# camp: ignore CAMP401 until 2026-06-30 because "a"', "ignore"),
        ("# camp:", "# camp:"),
    ],
)
def test_what_cannot_be_read_allows_nothing_and_is_told(comment: str, marked: str) -> None:
    told = ask(late(above=comment))
    assert [one.code for one in told.found] == ["CAMP701", "CAMP401"] and not told.allowed
    first = told.found[0]
    at = first.source.text.rfind(marked, 0, first.span.end) if marked != "until" else first.span.start
    assert (first.span.start, first.source.text[first.span.start : first.span.end]) == (at, marked)


@pytest.mark.parametrize("name", ["window-in-quiet-hours", "CAMP4O1"])
def test_a_slip_in_a_code_has_a_fix(name: str) -> None:
    fix = ask(late(above=ALLOW.replace("CAMP401", name))).found[0].fix
    assert fix and fix.text == "CAMP401" and not fix.safe


def test_what_cannot_be_compiled_cannot_be_allowed() -> None:
    text = 'segment s = asets > 1 CNY # camp: allow CAMP301, CAMP318 until 2026-06-30 because "a"\n'
    # What else the comment allows is not called unused: not everything could be looked for.
    assert codes(text) == (["CAMP705", "CAMP301"], [])


def test_a_string_is_no_comment() -> None:
    assert codes(late().replace('"Hello"', f'"Hello {ALLOW.split(chr(34))[0]}"')) == (["CAMP401"], [])


@pytest.mark.parametrize("code", [code for code in sorted(ENTRIES) if code[4] in "45" and not is_settled(code)])
def test_a_project_with_what_can_be_allowed_compiles(code: str) -> None:
    """A new rule of which this is not so belongs to those that stay errors (dsl/severities.py)."""
    model = analyse(completed(ENTRIES[code].section("Bad"))).model
    assert model is not None
    program = lower(model, Settings())
    assert load(dump(program)) == program


def test_check_and_compile_judge_alike_and_guards_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAMP_CACHE", "off")
    (tmp_path / "camp.toml").write_text("", encoding="utf-8")
    bank, bad = completed(late(above=ALLOW))[::-1], late()
    for name, source in zip(("bank.camp", "late.camp"), bank, strict=True):
        (tmp_path / name).write_text(source.text, encoding="utf-8")
    for today, code in (("2026-06-30", 0), ("2026-07-01", 1)):
        assert camp("check", tmp_path, "--today", today).exit_code == code
        done = camp("compile", tmp_path, "-o", tmp_path / f"{today}.json", "--today", today)
        assert done.exit_code == code and (tmp_path / f"{today}.json").exists() is (code == 0)
    program = load((tmp_path / "2026-06-30.json").read_text(encoding="utf-8"))
    assert [policy.quiet for policy in program.policies if policy.name == "rules"] != [()]
    (tmp_path / "late.camp").write_text(bad, encoding="utf-8")
    assert camp("compile", tmp_path, "-o", "-", "--today", "2026-06-30").exit_code == 1


def test_today_is_the_machines_where_it_is_not_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Later(date):
        @classmethod
        def today(cls) -> date:  # type: ignore[override]
            return date(2026, 7, 1)

    monkeypatch.setattr(projects, "date", Later)
    for source in completed(late(above=ALLOW)):
        (tmp_path / source.path).write_text(source.text, encoding="utf-8")
    assert [one.code for one in projects.read((tmp_path,)).found] == ["CAMP703", "CAMP401"]


@given(st.text(max_size=60))
def test_no_comment_breaks_a_check(written: str) -> None:
    said = " ".join(written.replace("\0", "").splitlines())
    sources = [Source("a.camp", f"segment s = consent # camp: {said}\n")]
    for one in judged([], sources, TODAY).found:
        assert one.code.startswith("CAMP70") and 0 <= one.span.start < one.span.end <= len(sources[0].text)


@given(
    st.lists(
        st.sampled_from(['"', "CAMP401", "allow", "until", "2026-06-30", ",", "because", '"a"', "#", "“", "camp:"])
    )
)
def test_no_order_of_its_words_breaks_a_check(words: list[str]) -> None:
    text = late(above="# camp: " + " ".join(words))
    told = judged([], [Source("a.camp", text)], TODAY)
    assert all(one.source.text[one.span.start : one.span.end] for one in told.found)
