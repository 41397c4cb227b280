"""Everything can be said in Chinese: keywords, kinds, channels, reasons, filters and variables; the meaning is the same."""

from __future__ import annotations

import pytest

import grammar
from dsl import catalog
from dsl.compiler import analyse
from dsl.diagnostics import render
from dsl.format import formatted
from dsl.program.ir import Program
from dsl.program.lower import lower
from dsl.render.filters import FILTERS
from dsl.settings import Settings
from dsl.source import Source
from dsl.templates.spelled import in_english
from runtime.cli.compile import compiled
from tests.chinese import BANK, CHINESE, pages
from tests.completing import completed
from tests.plans import camp

COPY = '{{ 客户 | 称呼 }}，{{ 客户.preapproved | 万元 | 缺省("多") }}，{{ 产品.apr | 百分数 }}，'
COPY += "{{ 活动.ends | 日期 }}，{{ 品牌.name }} {{ 链接 }}"
CHINESE_CAMPAIGN = f"""
品牌 bank "某行" {{ 签名 "【某行】"; 退订语 "拒收请回复R"; 时区 "Asia/Shanghai"; 币种 CNY; 链接 "https://s.example/{{{{ code }}}}"
  落地页 "https://s.example/"; 成本 短信 0.05元; 渠道 官微 当 bound }}
规范 rules {{ 静默 22:00-08:00; 必须 同意 consent
  频控 1 的 福利推送, 产品提醒 每 月
  禁止 活动通知 期间内 opened_on 在 最近 30天; 豁免 服务通知 自 频控 }}
活动 礼 {{ 规范 rules; 产品 renovation; 类别 福利推送; 期间 2026-03-01..2026-03-31
  受众 {{ consent }}
  开始 一次
  消息 短信 {{ 行动 "{COPY}" 核验 人脸 }}
  步骤 再问 之后 2天 如果 clicked {{ 类别 行为触发; 消息 官微 否则 短信 {{ 文本 "您好" }} }}
}}
测试 "退订者不发" {{
  时刻 2026-03-04T09:00
  客户 {{ phone "13800000001"; consent 是 }}
  事件 opted_out 1天 前
  预期 不发送 礼 因为 已退订
}}
"""


def program(text: str) -> Program:
    found = analyse(completed(text))
    assert found.model is not None and [render(one) for one in found.found] == []
    return lower(found.model, Settings())


def test_the_chinese_bank_is_current() -> None:
    there = {path: path.read_text(encoding="utf-8") for path in [*CHINESE.rglob("*.camp"), CHINESE / "camp.toml"]}
    assert there == pages(), "python -m tests.chinese writes it again"


def test_the_chinese_bank_is_the_same_program_and_its_tests_hold() -> None:
    assert compiled(CHINESE).hash == compiled(BANK).hash
    done = camp("test", CHINESE, "-q")
    assert (done.exit_code, done.output) == (0, "")


def test_a_campaign_wholly_in_chinese_is_the_one_in_english() -> None:
    english, problems = formatted(Source("t.camp", CHINESE_CAMPAIGN), "en")
    assert problems == [] and "kind benefit" in english.replace("    ", " ") and "because opted_out" in english
    english = english.replace(COPY, in_english(COPY))
    assert program(english).hash == program(CHINESE_CAMPAIGN).hash
    back, _ = formatted(Source("t.camp", english), "zh")
    assert back.replace(in_english(COPY), COPY) == formatted(Source("t.camp", CHINESE_CAMPAIGN), "zh")[0]


def test_copy_is_kept_in_english() -> None:
    (campaign,) = program(CHINESE_CAMPAIGN).campaigns
    wanted = (
        '{{ customer | salutation }}，{{ customer.preapproved | wan | default("多") }}，{{ product.apr | percent }}，'
    )
    assert wanted in campaign.messages[0].template and "{{ brand.name }} {{ link }}" in campaign.messages[0].template


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("客户 {{ 客户.客户 }} 称呼", "客户 {{ customer.客户 }} 称呼"),
        ("{% if 客户.surname == '客户' %}x{% endif %}", "{% if customer.surname == '客户' %}x{% endif %}"),
        ("{{ customer | salutation }}", "{{ customer | salutation }}"),
        ("{{ 最近.loan.amount | 元 }}", "{{ latest.loan.amount | money }}"),
    ],
)
def test_only_heads_and_filters_are_names_that_every_project_knows(text: str, kept: str) -> None:
    assert in_english(text) == kept


def test_every_name_that_every_project_knows_has_both_spellings() -> None:
    groups = {name: set(found) for name, found in grammar.table()["names"].items()}
    assert groups["kinds"] == {*catalog.KINDS} and groups["channels"] == {*catalog.CHANNELS, catalog.TASK}
    assert groups["verifications"] == {*catalog.VERIFICATIONS} and groups["reasons"] == {*catalog.REASONS}
    assert groups["filters"] == {*FILTERS}
    for found in grammar.table()["names"].values():
        assert len(set(found.values())) == len(found)


@pytest.mark.parametrize(
    ("text", "help"),
    [
        ("规范 p { 频控 1 的 福利推 每 月 }", "Did you mean `福利推送`?"),
        ("policy p { cap 1 of benfit per month }", "Did you mean `benefit`?"),
    ],
)
def test_a_slip_is_answered_in_its_own_language(text: str, help: str) -> None:
    (one,) = analyse(completed(text)).found
    assert (one.code, one.help) == ("CAMP301", help)
