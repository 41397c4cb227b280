"""A finding is known again whatever changes around it, and two findings are never taken for one."""

from __future__ import annotations

import random
import re

from hypothesis import given
from hypothesis import strategies as st

from dsl.compiler import analyse
from dsl.diagnostics import Diagnostic, Place
from dsl.rules.text import not_utf8
from dsl.source import Source, Span
from runtime.report.fingerprints import Known, known
from tests.completing import PREAMBLE

GIFT = """campaign gift "送" { policy strict
  kind benefit; runs 2026-03-01..2026-03-31; audience { consent }; start once
  window 22:30-23:30
  message sms when consent { benefit "秒批" }
  message sms { benefit "贷款秒批，免审" }
}
"""
LATE = """campaign late { policy strict; kind benefit; runs 2026-03-01..2026-03-31; audience { consent }; start once
  window 22:30-23:30
  message sms { benefit "Hello {{ customer.nickname }}"; action "{{ customer.nickname }}" }
}
"""
POLICY = """policy strict { quiet 22:00-08:00
  ban "秒批" because "承诺"
  ban "免审" because "承诺"
  require trust
}
"""
PARTS = [GIFT, LATE, POLICY]
BETWEEN = ("\n", "# a comment\n", "segment more = consent\n", "\n\n# 注释 { \n", 'segment "x" = \n')


def found(*sources: Source) -> list[Diagnostic]:
    return list(analyse([*sources, PREAMBLE]).found)


def prints(marks: list[Known]) -> set[tuple[str, str]]:
    return {
        (one.finding.code, one.fingerprint) for one in marks if one.declaration in ("campaign gift", "campaign late")
    }


BEFORE = known(found(Source("a.camp", "".join(PARTS))))


def test_there_is_something_to_know_again() -> None:
    assert [one.finding.code for one in BEFORE] == [
        "CAMP401", "CAMP503", "CAMP521", "CAMP503", "CAMP521", "CAMP521", "CAMP401", "CAMP503", "CAMP513", "CAMP513",
    ]  # fmt: skip
    assert len({one.fingerprint for one in BEFORE}) == len(BEFORE)
    assert all(re.fullmatch(r"[0-9a-f]{32}:\d", one.fingerprint) for one in BEFORE)
    assert {one.declaration for one in BEFORE} == {"campaign gift", "campaign late"}


@given(st.lists(st.sampled_from(BETWEEN), max_size=4), st.lists(st.sampled_from(BETWEEN), max_size=4), st.randoms())
def test_lines_above_and_other_declarations_change_nothing(
    above: list[str], between: list[str], chance: random.Random
) -> None:
    parts = PARTS[:]
    chance.shuffle(parts)
    text = "".join(above) + "".join(between).join(parts)
    assert prints(known(found(Source("a.camp", text)))) == prints(BEFORE)


@given(st.permutations(PARTS), st.lists(st.sampled_from("abcd"), min_size=3, max_size=3))
def test_it_may_move_to_another_file(parts: list[str], names: list[str]) -> None:
    files = {name: "".join(part for part, where in zip(parts, names, strict=True) if where == name) for name in names}
    moved = found(*(Source(f"{name}/x.camp", text) for name, text in files.items()))
    assert prints(known(moved)) == prints(BEFORE)


@given(st.integers(1, 12), st.sampled_from(["  ", "\t", "   \t "]))
def test_layout_and_what_is_added_inside_the_campaign_change_nothing(width: int, margin: str) -> None:
    text = GIFT.replace("\n  ", "\n" + margin * width).replace("  start", "\n\n  priority 5\n  start") + LATE + POLICY
    text = text.replace("sms {", "sms    {").replace("}\n  message", "}  # camp: nothing\n  message")
    assert prints(known(found(Source("a.camp", text)))) == prints(BEFORE)


def test_a_word_changed_elsewhere_on_the_line_is_no_new_mistake() -> None:
    text = "".join(PARTS).replace("贷款秒批", "您的贷款秒批")
    assert prints(known(found(Source("a.camp", text)))) == prints(BEFORE)


def test_another_mistake_at_the_same_place_is_another() -> None:
    action = known(found(Source("a.camp", "".join(PARTS).replace("require trust", "require process"))))
    codes = {code for code, _ in prints(BEFORE) - prints(action)}
    assert codes == {"CAMP503"} and len(prints(action)) == len(prints(BEFORE))


def test_another_campaign_is_another() -> None:
    renamed = known(found(Source("a.camp", "".join(PARTS).replace("campaign gift", "campaign gifts"))))
    assert prints(renamed) & prints(BEFORE) == {
        (one.finding.code, one.fingerprint) for one in BEFORE if one.declaration == "campaign late"
    }


def test_chinese_keywords_name_the_same_declaration() -> None:
    text = "活动 gift { 时段 99 }\n"
    assert {one.declaration for one in known(found(Source("a.camp", text)))} == {"campaign gift"}


def test_a_finding_outside_of_all_declarations_has_a_fingerprint_too() -> None:
    for path in ("a.camp", "camp.toml"):
        (one,) = known([not_utf8(Place(Source(path, "\ufffd"), Span(0, 1)))])
        assert one.declaration == "" and one.number == 1


def test_every_fingerprint_is_of_one_finding() -> None:
    twice = known(found(Source("a.camp", LATE + POLICY)))
    numbers = [one.number for one in twice if one.finding.code == "CAMP513"]
    assert numbers == [1, 2]
