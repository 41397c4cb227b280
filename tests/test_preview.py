"""`camp preview`: every message for every sample, its length and cost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from runtime.cli.main import main

BANK = """brand b "某行" { signature "【某行】"; opt_out "拒收请回复R"; zone "Asia/Shanghai"; currency CNY; cost sms 0.05 CNY
  link "https://s.b.example/{{ code }}"; page "https://m.example/" }
customer { id key; phone phone?; surname text(4)?; gender one_of("F", "M")?; assets money?; vip flag }
policy p { require signature first, opt_out last; limit 2 segments }
product loan "贷" { max_amount 300_000 CNY }
campaign c { policy p; kind benefit; product loan; runs 2026-03-01..2026-03-31
  audience { vip }
  start once
  message sms when vip and assets >= 5万 CNY { text "贵宾" }
  message sms {
    scene     "{{ customer | salutation }}"
    trust     "本月可申请"
    incentive "最高{{ product.max_amount | wan }}，{{ customer.assets | money | default("无") }} {{ link }}"
  }
}
"""


def run(folder: Path, *words: str, bank: str = BANK) -> Result:
    (folder / "camp.toml").write_text("", encoding="utf-8")
    (folder / "bank.camp").write_text(bank, encoding="utf-8")
    return CliRunner().invoke(main, ["preview", *words])


def test_each_message_is_shown_for_each_sample_with_signature_and_opt_out(tmp_path: Path) -> None:
    found = run(tmp_path, "c", str(tmp_path), "--format", "json")
    assert found.exit_code == 0, found.output
    messages = json.loads(found.output)["messages"]
    assert [one["sample"] for one in messages] == ["all known", "least known", "longest"] * 2
    link = "https://s.b.example/aB3dE6gH9k 拒收请回复R"
    assert [one["text"] for one in messages[3:]] == [
        f"【某行】王女士，本月可申请，最高30万元，80,000元 {link}",
        f"【某行】尊敬的客户，本月可申请，最高30万元，无 {link}",
        f"【某行】长长长长女士，本月可申请，最高30万元，99,999,999.99元 {link}",
    ]
    assert [(one["segments"], one["cost"]) for one in messages] == [(1, "0.05")] * 5 + [(2, "0.1")]
    assert messages[0]["when"] != messages[3]["when"] == "everyone else"


def test_a_message_over_its_limit_is_marked(tmp_path: Path) -> None:
    found = run(tmp_path, "c", str(tmp_path), bank=BANK.replace("limit 2", "limit 1"))
    assert (found.exit_code, found.output.count("over the limit of 1")) == (1, 1)
    assert found.output.endswith("6 texts, 1 over the limit\n")


@pytest.mark.parametrize(("name", "said"), [("cc", "Did you mean c?"), ("something", "There are: c.")])
def test_an_unknown_campaign_is_a_usage_error(tmp_path: Path, name: str, said: str) -> None:
    found = run(tmp_path, name, str(tmp_path))
    assert (found.exit_code, said in found.output) == (2, True)


def test_every_campaign_of_the_example_bank_keeps_its_limit() -> None:
    bank = Path(__file__).parent.parent / "campaigns"
    for name in ("renovation_winback", "fast_lane", "consumer_duo", "loyal_credit"):
        assert CliRunner().invoke(main, ["preview", name, str(bank)]).exit_code == 0, name
