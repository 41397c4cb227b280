"""What the runtime cannot run yet is refused by name, with its source line; whatever is left out by name is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dsl.compiler import analyse
from dsl.diagnostics import render
from dsl.program.lower import lower
from dsl.settings import Settings
from dsl.source import Source
from runtime.relational.support import lacking
from tests.plans import camp, make, plan, table

BANK = """
brand b "B" { zone "Asia/Shanghai"; currency CNY; link "https://s.example/{{ code }}"
  channel wechat when bound; channel rcs when ready }
customer { id key; phone phone?; assets money?; income money? sensitive; consent flag; bound flag; ready flag }
event view { page text }
event calc { amount money; months number }
product loan "L" { plan 12 months at 3.8%; calculator calc }
"""
RULES = "policy p { require consent consent }"
USUAL = {
    "policy": "policy p",
    "product": "product loan",
    "kind": "kind benefit",
    "runs": "runs 2026-03-01..2026-03-31",
    "audience": "audience { assets > 1 CNY }",
    "start": "start once",
    "message": 'message sms { text "Hi" }',
}
CASES = [
    ('step s after 2 hours { message sms { text "Hi" } }', "the step `s`"),
    ('on reply "1" { message sms { text "Hi" } }', 'the answer to "1"'),
    ("exit when did view", "`exit when`"),
    ('confirm wechat { text "Hi" }', "the confirmation by wechat"),
    ("window best of 09:00-20:00 for customer", "`window best of … for customer`"),
    ('message wechat { text "Hi" }', "a message by wechat"),
    ('message rcs else sms { text "Hi" }', "a message by rcs"),
    ('message sms { action "Hi {{ link }}" verify face }', "`verify` behind a link"),
    ('message sms { text "{{ latest.calc.amount | money | default("-") }}" }', "copy that shows `latest.calc.amount`"),
    ('message sms { text "{% if plan %}{{ plan.months }}{% endif %}" }', "copy that shows `plan`"),
    ("audience { count(ignored in last 60 days) >= 3 }", "the event `ignored`"),
    ("start when sent; expire after 3 days", "the event `sent`"),
    ('message sms when did sent { text "Hi" }; message sms { text "Ho" }', "the event `sent`"),
    ("cap 1 per day while did ignored", "the event `ignored`"),
]
POLICIES = [
    ("policy p { require consent consent from 2026-03-05 }", "a consent with dates"),
    ('policy p { ban "秒批" because "x" until 2026-03-05 }', "a ban with dates"),
    ("policy p { limit 1 segments from 2026-03-05 }", "a limit with dates"),
    ("policy p { block benefit while did ignored }", "the event `ignored`"),
    ("policy p { cap 1 per day while did sent }", "the event `sent`"),
]


def said(body: str = "", rules: str = RULES) -> list[tuple[str, str]]:
    words = {line.split()[0] for line in body.split("; ") if line}
    rest = [statement for word, statement in USUAL.items() if word not in words]
    text = BANK + rules + "\ncampaign c {\n" + "\n".join([*rest, body]) + "\n}\n"
    found = analyse([Source("t.camp", text)])
    assert found.model is not None and not found.errors, [render(one) for one in found.found]
    lacks = lacking(lower(found.model, Settings()))
    assert all(one.at.startswith("t.camp:") for one in lacks)
    return [(one.campaign, one.what) for one in lacks]


@pytest.mark.parametrize(("body", "what"), CASES, ids=[what for _, what in CASES])
def test_what_cannot_be_run_is_named(body: str, what: str) -> None:
    assert ("c", what) in said(body)


@pytest.mark.parametrize(("rules", "what"), POLICIES, ids=[what for _, what in POLICIES])
def test_what_a_policy_says_is_named_with_each_campaign_under_it(rules: str, what: str) -> None:
    assert said(rules=rules) == [("c", what)]


def test_a_message_that_has_to_be_confirmed_is_named() -> None:
    rules = "policy p { require confirm wechat when copy mentions amount }"
    body = 'message sms { text "最高30万元" }; confirm wechat { text "30万元" }'
    assert ("c", "a message that has to be confirmed") in said(body, rules)


@pytest.mark.parametrize(
    "body",
    [
        "goal view within 14 days",
        "audience { income > 1 CNY }",
        'message sms { process "A" "B" }',
        'message sms { text "{{ customer.assets | money | default("-") }}" }',
    ],
)
def test_what_can_be_run_is_not_refused(body: str) -> None:
    rules = "policy p { require consent consent for sensitive; quiet 22:00-08:00 from 2026-03-05; cap 1 per day until 2026-04-01"
    rules += "; exempt service from cap, consent }"
    assert said(body, rules) == []


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    """A bank of which one campaign has a step."""
    bank = make(tmp_path)
    path = bank / "bank" / "all.camp"
    step = 'step again after 2 hours { message sms { text "-" } }\n}\ncampaign seen'
    path.write_text(path.read_text(encoding="utf-8").replace("}\ncampaign seen", step), encoding="utf-8")
    assert camp("compile", bank / "bank", "-o", bank / "program.json").exit_code == 0
    return bank


def test_camp_plan_refuses_by_name_and_says_how_to_go_on(bank: Path) -> None:
    refused = plan(bank)
    assert refused.exit_code == 2 and not (bank / "out").exists()
    assert refused.output.splitlines()[-3:] == [
        f"{bank}/bank/all.camp:13: rich: the step `again`",
        "error: `camp plan` cannot run 1 of these campaigns yet: rich",
        "  = help: `camp test` runs them. To plan the others, leave these out: --without rich",
    ]


def test_what_is_left_out_is_told_and_sends_nothing(bank: Path) -> None:
    done = plan(bank, "--without", "rich")
    assert done.exit_code == 0 and done.output.startswith("left out: rich\n")
    assert {row["campaign"] for row in table(bank, "outcomes")} == {"seen"}


def test_a_run_without_a_campaign_is_another_run(tmp_path: Path) -> None:
    bank = make(tmp_path)
    summaries = []
    for out, more in (("a", ()), ("b", ("--without", "nobody"))):
        assert plan(bank, *more, out=out).exit_code == 0
        summaries.append(json.loads((bank / out / "summary.json").read_text(encoding="utf-8")))
    assert summaries[0]["run_id"] != summaries[1]["run_id"]


def test_a_campaign_that_is_not_there_cannot_be_left_out(bank: Path) -> None:
    refused = plan(bank, "--without", "rish")
    assert refused.exit_code == 2
    assert "There is no campaign called rish" in refused.output and "Did you mean rich?" in refused.output
