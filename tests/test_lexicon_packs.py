"""The words of the packs that come with Camp: what they find and leave alone; counts only, for messages are not ours to show."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.lexicon import counts, hidden, messages, packs, page
from dsl.lexicon.numbers import NUMBER
from tests.lexicons import LEGITIMATE

measured = pytest.mark.skipif(
    not messages.SOURCE.is_dir(), reason="the collections of messages do not lie beside the repository"
)
ALL = ("cn_law", packs.ENGLISH)


HONEST = (
    "红包成功到账",
    "取消征信查询授权",
    "本月息费合计",
    "12月21日息随本清",
    "免息还款期",
    "9时30分利用",
    "降低息费支出",
    "已为您减免息12元",
    "承包过程",
    "外包过程",
    "不必过户",
    "未必过期",
    "按央行批准的机构名单",
    "国家认证认可监督管理委员会",
    "未经监管认证",
    "社保卡立等可取",
    "瞬间到账失败",
    "最优先",
    "最优化",
    "首选项",
    "唯一性",
    "最佳体验",
    "国家级高新区",
    "国家级非遗",
    "外汇牌价低至",
    "气温低至",
    "夜间温低至",
    "基金第一名不代表未来",
    "最大额度",
    "本金0，利息23.50元",
    "本金0、利息120元",
    "90分，利率将",
)


@pytest.mark.parametrize("text", (*LEGITIMATE, *HONEST))
def test_honest_phrases_are_left_alone(text: str) -> None:
    assert packs.pack("cn_law").lexicon.find(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "【某行】您的贷款已放款，预计3个工作日入账，本月利息12.5元。",
        "本月末最后一天为还款日，唯一客服电话95xxx。",
        "您可凭身份证到网点办理，手续费以网点公示为准。",
        "可通过手机银行提高额度，最高额度30万元，年利率以审批为准。",
        "建议逢低吸纳，投资有风险。",
        "您的贷款月利率0.3%，利息5分。",
    ],
)
def test_notices_are_left_alone(text: str) -> None:
    assert packs.pack("cn_notice").lexicon.find(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "No interest is charged",
        "no interest on purchases",
        "no interest in arrears",
        "no interest penalties",
        "No lender can offer guaranteed approval",
    ],
)
def test_honest_english_is_left_alone(text: str) -> None:
    assert packs.pack(packs.ENGLISH).lexicon.find(text) == []


def test_a_hard_question_stays_flagged() -> None:
    assert packs.pack(packs.ENGLISH).lexicon.find("Is it possible to fix your credit?")


@pytest.mark.parametrize(
    "text", ["历年化繁为简，低至五折", "贷款年化透明，利率低至五折", "年化利率以审批为准，日息万二"]
)
def test_an_annual_rate_without_its_figure_lifts_nothing(text: str) -> None:
    assert packs.pack("cn_law").lexicon.find(text)


@pytest.mark.parametrize(
    "rate", ["年化3.6%", "年化利率3.6%", "年化利率（单利）3.6%", "3.6%（年化）", "年化利率最低3.6%"]
)
def test_an_annual_rate_lifts(rate: str) -> None:
    assert packs.pack("cn_law").lexicon.find(f"日息万一，{rate}") == []


@pytest.mark.parametrize("name", ALL)
def test_each_word_is_found_by_itself(name: str) -> None:
    """Not even another word's phrase after `except` hides it."""
    one = packs.pack(name)
    lost = [
        word
        for ban, word in one.words
        if not any(
            hit.ban == ban and hit.word == word and hit.how == "written"
            for hit in one.lexicon.find(word.replace(NUMBER, "5"))
        )
    ]
    assert lost == []


@pytest.mark.parametrize("name", ALL)
def test_no_word_stands_twice(name: str) -> None:
    words = [word for _, word in packs.pack(name).words]
    assert sorted(words) == sorted(set(words))


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("kind", hidden.KINDS)
def test_each_word_is_seen_through_its_disguises(name: str, kind: str) -> None:
    found, all_, missed = hidden.found(packs.pack(name), hidden.KINDS[kind])
    assert found >= 0.99 * all_, missed


@pytest.mark.parametrize("kind", hidden.GUESSED)
def test_most_guesses_are_made(kind: str) -> None:
    found, all_, missed = hidden.found(packs.pack("cn_law"), hidden.GUESSED[kind], guesses=True)
    assert found >= 0.95 * all_ > 0, missed


def test_each_ban_has_its_reason_among_those_of_the_labels() -> None:
    assert {ban.because for name in packs.CHINESE for ban in packs.pack(name).bans} <= set(packs.REASONS)


@measured
@pytest.mark.parametrize(
    ("name", "source"),
    [*(("cn_words", source) for source in messages.CHINESE), *((packs.ENGLISH, source) for source in messages.ENGLISH)],
)
def test_ordinary_messages_are_left_alone(name: str, source: str) -> None:
    one = counts.alarms(packs.pack(name), source)
    assert one.messages > 2000 and one.hit <= page.MOST * one.messages


@measured
@pytest.mark.parametrize("source", messages.CHINESE)
def test_advertising_words_alarm_no_oftener_than_told_and_all_were_read(source: str) -> None:
    """docs/compliance.md says how many of these alarms are right; with a new word, read its alarms first."""
    one = counts.alarms(packs.pack("cn_law"), source)
    assert one.right + one.false == one.hit <= 0.015 * one.messages


@measured
def test_advertising_is_found() -> None:
    """On the half that words may be tuned on."""
    any_, each = counts.counted(messages.labelled("tune"), packs.pack("cn_law").reasons)
    assert any_.both >= 0.88 * any_.labelled and any_.both >= 0.97 * any_.found
    for reason, least in (("speed", 0.9), ("rate", 0.75), ("inducement", 0.85)):
        assert each[reason].both >= least * each[reason].labelled
        assert each[reason].both >= 0.9 * each[reason].found


def test_a_section_takes_the_place_of_the_last_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "PAGE", tmp_path / "page.md")
    page.write("one")
    written = page.PAGE.read_text(encoding="utf-8")
    page.PAGE.write_text(written + "\n## After\n", encoding="utf-8")
    page.write("two")
    told = page.PAGE.read_text(encoding="utf-8")
    assert "one" not in told and told.index("# Compliance") < told.index("two") < told.index("## After")
    page.write("two")
    assert page.PAGE.read_text(encoding="utf-8") == told
