"""Keywords are words of a place: whatever the table holds may name a field, an event, a property, a step; only seven may not."""

from __future__ import annotations

import re

import pytest

import grammar
from dsl.compiler import analyse
from dsl.diagnostics import render
from tests.completing import completed

RESERVED = {word for name in grammar.table()["reserved"]["everywhere"] for word in grammar.spellings(name)}
# One word each: a phrase such as `followed by` is no name.
WORDS = sorted(word for word in grammar.words() if re.fullmatch(r"\w+", word) and word not in RESERVED | {"sent"})
# `STAGE is missing` asks something else.
# A product's fact stands where these statements begin; `sent` is an event of every project.
BEGIN_A_FACT = {"WINDOW", "PLAN", "CALCULATOR", "PAGE"}

DECLARED = """
customer {{ the_id key; the_phone phone?; {w} number?; agreed flag }}
event {w} {{ {w} text; the_sum money }}
product {w} "P" {{ window 10:00-12:00; {fact} 3.8% }}
policy rules {{ quiet 22:00-08:00; require consent agreed }}
calendar {w} = sat 14:00-17:00
calendar {w}_days = 02-15..04-10
segment {w} "S" = {w} > 3 and {w} in 1..2 or {w} is missing
segment more = did {w} where {w} = "x" and not did {w} where ({w} = "x" or {w} != "y") in last 7 days or segment {w}
segment most = count({w}) > 3 and sum(the_sum of {w}) > 1 CNY and latest({w} of {w}) = "x" and any {{ {w} = 1; 2 < {w} }}
lifecycle {w} {{ {stage} when {w} > 3; rest otherwise }}
segment stages = {w} is {stage}
funnel {w} "F" = {w} then {w} where {w} = "x" within 3 days
measure {w} "M" = {w} where {w} = "x" of {w} within 3 days
policy {w} {{ quiet 22:00-08:00; cap 1 per day while {w} > 3; block benefit while {w} = 1 }}
policy more extends {w} {{ cap 2 per day }}
campaign {w} {{
  product {w}; policy {w}; kind triggered; runs 2026-03-01..2026-03-31
  audience {{ {w} > 3; did {w}; segment {w} }}
  start when {w} where {w} = "x"
  expire after 8 days; goal {w} within 3 days
  window 2 hours before {w}
  arms {{ {stage} 50%; rest 50% }}
  message sms when {w} > 3 and arm is {stage} {{ text "a" }}
  message sms {{ text "b" }}
  step {w} after 1 day if {w} and not did {w} where {w} = "x" unless {w} or clicked {{
    message sms when {w} = 1 {{ text "c" }}; message sms {{ text "d" }}
  }}
  exit when {w} or did {w}
}}
test "t" {{
  at 2026-03-04T19:30
  customer {{ {w} 3 }}
  event {w} {{ {w} "x" }} 2 hours ago
  sent {w} step {w} 1 hours ago
  expect send of {w} step {w}
  expect no send of {w}
}}
"""


@pytest.mark.parametrize("word", WORDS)
def test_a_keyword_may_name_anything(word: str) -> None:
    fact = f"the_{word}" if grammar.words()[word] in BEGIN_A_FACT else word
    stage = f"the_{word}" if grammar.words()[word] == "MISSING" else word
    found = analyse(completed(DECLARED.format(w=word, fact=fact, stage=stage))).found
    assert [render(one) for one in found] == []


@pytest.mark.parametrize("word", sorted(RESERVED))
def test_a_reserved_word_names_no_field(word: str) -> None:
    assert analyse(completed(f"customer {{ id key; {word} number }}\nsegment a = {word} > 3")).errors


def test_seven_words_are_reserved() -> None:
    english = {grammar.spellings(name)[0] for name in grammar.table()["reserved"]["everywhere"]}
    assert english == {"and", "or", "not", "did", "segment", "yes", "no"}
