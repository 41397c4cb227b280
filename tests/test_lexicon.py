"""A lexicon of banned words: what it finds however it is hidden, and what it leaves alone."""

from __future__ import annotations

import pytest

from dsl.lexicon import Lexicon
from dsl.lexicon.pattern import Pattern
from dsl.lexicon.reading import Reading
from dsl.terms import Ban

WORDS = (
    "秒批", "免审", "必过", "百分百", "不查征信", "炒股", "秒到账", "最快{number}小时", "利率{number}折", "100%通过",
    "apr低至", "guaranteed approval", "no credit check", "act now",
)  # fmt: skip
BANK = Lexicon([Ban(WORDS, ("每秒批量", "减免审批", "不必过度"), "承诺审批结果")])


def shown(text: str, lexicon: Lexicon = BANK) -> list[str]:
    return [f"{text[hit.start : hit.end]} {hit.how}" for hit in lexicon.find(text)]


@pytest.mark.parametrize(
    ("text", "hits"),
    [
        ("贷款秒批，免审", ["秒批 written", "免审 written"]),
        ("最快24小时", ["最快24小时 written"]),
        ("最快 二十四 小时", ["最快 二十四 小时 written"]),
        ("最快٢٤小时", ["最快٢٤小时 disguised"]),
        ("利率3.6折", ["利率3.6折 written"]),
        ("100%通过", ["100%通过 written"]),
        ("100通过", []),  # another claim
        ("100％\u200b通过", ["100％\u200b通过 disguised"]),
        ("最快2-4小时", ["最快2-4小时 disguised"]),
        ("APR 低至", ["APR 低至 written"]),
        ("Guaranteed  Approval", ["Guaranteed  Approval written"]),
        ("guaranteed-approval", ["guaranteed-approval written"]),
        ("g.u.a.r.a.n.t.e.e.d approval", ["g.u.a.r.a.n.t.e.e.d approval disguised"]),
        ("No credit-check!", ["No credit-check written"]),
        ("contact now, act nowhere", []),
        ("act. Now", []),
        ("АРR低至", ["АРR低至 disguised"]),  # А and Р are Cyrillic
        ("🅰🅿🆁低至", ["🅰🅿🆁低至 disguised"]),
        ("秒.批", ["秒.批 disguised"]),
        ("秒🔥批", ["秒🔥批 disguised"]),
        ("秒👨‍👩‍👧批", ["秒👨‍👩‍👧批 disguised"]),
        ("秒👍🏽❤️批", ["秒👍🏽❤️批 disguised"]),
        ("秒🇨🇳批", ["秒🇨🇳批 disguised"]),
        ("秒1️⃣批", ["秒1️⃣批 disguised"]),  # an emoji between letters
        ("最快2️⃣4️⃣小时", ["最快2️⃣4️⃣小时 disguised"]),  # digits in a number
        ("秒 批", ["秒 批 disguised"]),
        ("秒【】批", ["秒【】批 disguised"]),
        ("秒\u200b\u0336\u3164批", ["秒\u200b\u0336\u3164批 disguised"]),
        ("秒...批", []),
        ("秒™批", ["秒™批 disguised"]),
        ("秒㊙批", ["秒㊙批 disguised"]),
        ("秒…………批", ["秒…………批 disguised"]),  # a run of one mark is one
        ("秒———批", ["秒———批 disguised"]),
        ("秒    批", ["秒    批 disguised"]),
        ("最快二〇小时", ["最快二〇小时 written"]),
        ("秒👍🏽👍🏽👍🏽批", []),
        ("秒\u2800\u2800\u2800批", ["秒\u2800\u2800\u2800批 disguised"]),
        ("g u a r a n t e e d approval", ["g u a r a n t e e d approval disguised"]),
        ("gu aranteed approval", []),  # a word that a blank cuts is two
        ("guar-anteéd approval", ["guar-anteéd approval disguised"]),
        ("利率3，8折", []),  # two numbers
        ("利率3,800折", ["利率3,800折 written"]),
        ("每1秒，批量", []),
        ("贷款秒，批啦", ["秒，批 disguised"]),
        ("妙。批，妙·批", []),
        ("每1秒。批量", []),
        ("每1秒\n批量", []),
        ("每秒批量处理", []),
        ("每秒批量处理，秒批", ["秒批 written"]),
        ("每·秒·批·量", []),
        ("減免審批", []),
        ("免審、不查徵信", ["免審 disguised", "不查徵信 disguised"]),
        ("⽆，⾮，不必过", ["必过 written"]),
    ],
)
def test_what_is_found(text: str, hits: list[str]) -> None:
    assert shown(text) == hits


@pytest.mark.parametrize(
    "text",
    [
        "不承诺百分百通过",
        "非秒到账，以审批为准",
        "声称“不查征信”的多为诈骗",
        "凡宣称“不查征信”，均为骗局",
        "不得用于购房、投资理财、炒股",
        "严禁将贷款资金用于炒股",
        "谨防“秒批”骗局",
        "没有所谓的秒批",
        "不承诺 百分百通过",
        "谨防 秒批 骗局",
        "不得标注 APR低至3%",
        "并非秒批",
        "不要相信不查征信的广告",
        "秒批广告不可信",
        "谨防秒批诈骗",
        "请勿轻信免审贷款",
        "我行从不承诺秒批",
        "我行不提供秒批",
        "不许贷款炒股",
        "不承诺秒批，详见 a.cn/b?x=1",
        "No lender can offer guaranteed approval",
        "We do not offer guaranteed approval.",
        "There is no guaranteed approval",
        "Beware of “guaranteed approval” offers",
        "Guaranteed approval is usually a scam",
    ],
)
def test_a_denied_word_is_fine(text: str) -> None:
    assert shown(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "不是吹牛 秒批",
        "没有秒批不了的",
        "没有抵押秒批",
        "不可错过秒批",
        "不可错过的秒批",
        "不得不秒批",
        "不要错过秒批",
        "不要抵押秒批",
        "无需抵押秒批",
        "不用等秒批",
        "不限次数秒批",
        "非常秒批",
        "拒绝等待 秒批",
        "谨防诈骗，秒批",
        "【谨防诈骗】秒批",
        "秒批绝不是骗局",
        "谁说不能秒批",
        "不能秒批吗",
        "是不是秒批",
        "谨防诈骗 秒批",
        "秒批 快来 假的才是骗局",
        "不得转借 秒批",
        "不承诺下列客户经理所说的那些话秒批",
        "不会就能直接一定为您秒批",
        "Not only guaranteed approval",
        "Don't miss guaranteed approval",
        "No fees, guaranteed approval",
        "No fees guaranteed approval",
        "Do not wait. Guaranteed approval",
        "不提供材料秒批",
        "不提供担保可秒批",
        "没有贷款客户秒批",
        "未办理客户秒批",
        "禁止拒贷秒批",
        "不得拒贷秒批",
        "不许拒绝秒批",
        "不支持拒绝秒批",
        "防范拒贷首选秒批",
        "严禁拖延秒批",
        "无法拒绝的秒批",
        "非秒批不可",
        "请勿错失秒批机会",
        "揭秘秒批攻略，点击申请",
        "举报有奖的秒批贷款",
        "不保证全国最低只保证秒批",
        "秒批，诈骗零容忍",
        "秒批是假的？错，是真的",
        "We can't beat guaranteed approval",
        "Don't pass up guaranteed approval",
        "Never denied: guaranteed approval",
        "Never denied guaranteed approval",
        "Never say no to guaranteed approval",
        "Not your usual guaranteed approval",
        "Avoid rejection with guaranteed approval",
        "Isn't guaranteed approval great?",
        "Not a scam, guaranteed approval",
        "Guaranteed approval is not a scam",
        "You won't find guaranteed approval elsewhere",
        "No one can beat our guaranteed approval",
        "Not every bank in town gives you guaranteed approval",
    ],
)
def test_what_only_looks_like_a_denial_pushes(text: str) -> None:
    assert len(shown(text)) == 1


def test_a_ban_is_lifted_by_what_stands_anywhere() -> None:
    lexicon = Lexicon([Ban(("日息", "低至"), (), "利率不明", ("年化{number}",))])
    assert len(lexicon.find("日息万二，低至五折")) == 2
    assert lexicon.find("日息万二，低至五折（年 化：7.2%）") == []


def test_a_variable_completes_a_word() -> None:
    [hit] = BANK.completed("贷款秒", "批啦")
    assert (hit.word, hit.start, hit.end) == ("秒批", 2, 1)
    assert [hit.word for hit in BANK.completed("利率", "折")] == ["利率{number}折"]
    assert BANK.completed("秒批", "秒批") == []
    assert BANK.completed("每秒", "批量") == []


def test_a_word_of_marks_is_found_as_it_is() -> None:
    arrow = Lexicon([Ban(("→",), ("→ 查看",), "", ("小于",))])
    assert shown("点→看 ①", arrow) == ["→ written"]
    assert shown("→ 查看", arrow) == [] == shown("→ 小于", arrow)


@pytest.mark.parametrize(
    ("word", "text", "hits"),
    [
        ("马上放款", "⻢上放款", ["⻢上放款 disguised"]),  # a radical that NFKC leaves
        ("限时", "期限 时间", []),  # real words end and begin here
        ("限时", "期限 时间，代贝", []),  # nor because something else is in two
        ("限时", "限 时抢购", ["限 时 disguised"]),
        ("win", "win10 wins twin", ["win written"]),
        ("0利息", "〇利息", ["〇利息 disguised"]),
        ("0利息", "享O利息，Ｏ利息，о利息", ["O利息 disguised", "Ｏ利息 disguised", "о利息 disguised"]),
        ("0利息", "○利息 OO利息 NO利息 20O利息 O 利息", []),  # a mark before a line, a word, a number
        (
            "100%通过",
            "1OO%通过 1○○%通过 １ＯＯ％通过 1o0%通过",
            ["1OO%通过 disguised", "1○○%通过 disguised", "１ＯＯ％通过 disguised", "1o0%通过 disguised"],
        ),
        ("100%通过", "1OOk%通过 lOO%通过", []),
        ("{number}%", "利率○.5%、5O%、O%", ["5% written", "5O% disguised", "O% disguised"]),
        ("0% apr", "O% APR. NO% APR", ["O% APR disguised"]),
        ("no fee", "No fee for 1O", ["No fee written"]),
        ("act now", "act\nnow, Act \r\n now; act\n\nnow act.\nnow", ["act\nnow written", "Act \r\n now written"]),
        ("10", "1O 1Ok", ["1O disguised"]),
        ("放款 快", "放款\n快", []),
        ("guaranteed", "guaran\nteed", []),
        ("3 days", "3\ndays", ["3\ndays written"]),
        ("0利息", "10利息 1.0利息 0利息", ["0利息 written"]),
        ("啊啊", "啊啊啊啊啊", ["啊啊 written", "啊啊 written"]),
        ("$100", "100 $100 ＄100", ["$100 written", "＄100 disguised"]),
        ("100%", "100 100% 100％", ["100% written", "100％ disguised"]),
        ("1+1", "11 1-1 1+1", ["1+1 written"]),
        ("{number}%", "立减1 0%", ["1 0% disguised"]),  # a number in two, alone in its word
        ("{number}%", "立减1，0%", ["0% written"]),
        ("{number}秒到账", "3.6秒到账，五秒到账，秒到账", ["3.6秒到账 written", "五秒到账 written"]),
        ("快！快", "快！快。快快", ["快！快 written"]),
    ],
)
def test_words_by_themselves(word: str, text: str, hits: list[str]) -> None:
    assert shown(text, Lexicon([Ban((word,), (), "")])) == hits


@pytest.mark.parametrize("text", ["本金0，利息23.50元", "本金0、利息120元", "分90分，利率将变", "利率3、折"])
def test_a_comma_beside_a_figure_is_no_disguise(text: str) -> None:
    assert shown(text, Lexicon([Ban(("0利息", "{number}分利", "利率{number}折"), (), "")])) == []


@pytest.mark.parametrize("piece", ["9", "100%", "1,", "1，", "9分", "1厘", "利率9", "秒批", "不会秒批"])
def test_a_text_of_any_shape_takes_work_in_proportion_to_its_length(
    piece: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lexicon = Lexicon(
        [Ban(("秒批", "{number}厘", "{number}分利", "{number}%", "利率{number}折"), ("{number}厘米",), "")]
    )
    looks, gap, tries = 0, Reading.gap, Pattern.at

    def between(reading: Reading, place: int) -> str:
        nonlocal looks
        looks += 1
        return gap(reading, place)

    def tried(word: Pattern, reading: Reading, start: int) -> int:
        nonlocal looks
        looks += 1 + (end - start if (end := tries(word, reading, start)) else 0)
        return end

    monkeypatch.setattr(Reading, "gap", between)
    monkeypatch.setattr(Pattern, "at", tried)
    text = (piece * 5000)[:5000]
    lexicon.find(text)
    assert looks <= 20 * len(text)


def test_halves_of_two_characters_are_of_the_first() -> None:
    assert Lexicon([Ban(("贷贴",), (), "")]).find("代贝占") == []


def test_a_number_is_as_long_as_what_follows_it_allows() -> None:
    lexicon = Lexicon([Ban(("{number}百分{number}", "{number}万利", "{number}{number}元"), (), "")])
    assert shown("三百分五，一万万利，12元，1元", lexicon) == ["三百分五 written", "一万万利 written", "12元 written"]


def test_only_a_longer_phrase_allows() -> None:
    assert shown("秒批", Lexicon([Ban(("秒批",), ("秒批",), "")])) == ["秒批 written"]
    twice = Lexicon([Ban(("批量",), ("秒批量", "批量秒批量"), "")])
    assert shown("批量秒批量批量", twice) == ["批量 written"]
    assert shown("批量秒批量秒批量", twice) == []  # each of two phrases that overlap


@pytest.mark.parametrize(
    ("text", "hits"),
    [
        ("妙批", ["妙批"]),
        ("绝妙批注", []),  # real words
        ("苗皮", []),  # nothing of it stands
        ("miao批，秒pi，miaopi", ["miao批", "秒pi", "miaopi"]),
        ("miaopian批", []),
        ("xmiao批", []),
        ("miaopi only", []),  # no ideograph in the text: Latin letters are Latin
        ("禾少批", ["禾少批"]),
        ("禾少扌比", ["禾少扌比"]),
        ("非妙批", []),
        ("每妙批量", []),
        ("妙\n批，禾少\n批，秒\n批", []),
        ("妙\u200b批", ["妙\u200b批"]),
        ("妙 批", ["妙 批"]),
    ],
)
def test_guesses(text: str, hits: list[str]) -> None:
    found = Lexicon([Ban(("秒批",), ("每秒批量",), "")]).find(text)
    assert [text[hit.start : hit.end] for hit in found] == hits
    assert {hit.how for hit in found} <= {"sounds"}


def test_a_guess_is_allowed_by_the_letters_that_sound_like_the_word() -> None:
    stocks = Lexicon([Ban(("低息",), ("低吸", "低息"), "")])
    assert shown("逢低吸入", stocks) == []
    assert shown("低息", stocks) == ["低息 written"]  # no phrase allows the word itself
    assert shown("低西", stocks) == ["低西 sounds"]
