"""How fast a lexicon sees which texts may hold its words, disguised ones too. `python -m benchmarks.lexicon_speed`

Texts of the length of SMS, made up, in Chinese and in English; one in fifty holds a word and one in fifty a disguised one. One
thread. Megabytes are of UTF-8. Beside it: Python's own search for each word as written, and for one regular expression of all.
"""

from __future__ import annotations

import argparse
import random
import re
import statistics
import sys
import time
from collections.abc import Callable

from benchmarks.machine import machine
from dsl.lexicon import Lexicon
from dsl.terms import Ban

WANTED, FIND = 50.0, 50.0
LINES = (
    "秒批 免审 必过 包过 百分百 保证放款 秒到账 闪电放款 零利息 免息 日息 低至 月供减少 最低利率 最优惠 第一 唯一",
    "国家级 首选 顶级 低门槛 零门槛 低利率 无成本 人人可贷 限时 最后一天 名额仅剩 不查征信 黑户可贷 征信修复 炒股",
    "付首付 央行推荐 监管认证 国家扶持贷款 已获批 已放款 预审额度已提升 秒下款 当天放款 无抵押 无担保 内部渠道",
    "特批 白户可贷 洗白征信 强开额度 包下款 百分百下款 必下 绝对安全 零风险 无风险 稳赚 保本 保收益 高收益 躺赚",
    "翻倍 内幕 独家 绝无仅有 史上最低 全网最低 行业第一 销量第一 顶尖 极致 万能 永久 免费领取 抢购 错过再无",
    "仅限今日 马上失效 倒计时 最后机会 红包到账 冻结资金 涉嫌违法 立即还款 上门催收 影响子女 限制高铁 公检法 套现",
    "刷单 代还 养卡 借新还旧 以贷养贷 过桥 垫资 倒贷 贴息 砍头息 服务费减半 利率打折 利息全免 息费全免 免费提额",
    "提额秒到 临时提额 官方授权 国务院推荐 人民银行认证 银监批准 免密支付 免人脸",
)
WORDS = [word for line in LINES for word in line.split()]
ENGLISH = [
    "guaranteed approval",
    "no credit check",
    "act now",
    "last chance",
    "risk free",
    "interest free",
    "instant approval",
]
SAID = [
    "您的账户于今日完成一笔交易",
    "余额请登录手机银行查看",
    "尊敬的客户您好",
    "本月账单已出，请按时还款",
    "年化利率以审批结果为准",
    "点击链接办理分期",
    "感谢您的支持与信任",
    "如有疑问请致电客服",
    "您尾号的信用卡",
    "积分即将到期",
    "预约取号成功",
    "祝您生活愉快",
    "活动规则详见官网",
    "理财有风险，投资需谨慎",
    "请勿向他人透露验证码",
]
SPOKEN = [
    "your statement is ready",
    "please sign in to see the details",
    "thank you for banking with us",
    "a payment is due on Friday",
    "your card ending 1234 was used",
    "reply STOP to end",
    "rates depend on your credit",
    "visit a branch near you",
]

LETTER = (
    "尊敬的客户您好，您的信用贷款额度已更新，登录手机银行App查看详情，"
    "最长可分36期还款，年化利率3.6%起，拒收请回复R，本行祝您生活愉快。"
)


def texts(count: int, said: list[str], words: list[str], join: str) -> list[str]:
    made, chance = [], random.Random(20260101)
    for number in range(count):
        parts = chance.choices(said, k=5)
        if number % 50 < 2:
            word = chance.choice(words)
            parts.insert(2, word if number % 50 else "·".join(word))
        made.append(f"【某行】{number} " + join.join(parts))
    return made


def rate(work: Callable[[], object], size: int, times: int) -> tuple[float, float]:
    """Megabytes in a second: the median, and the best."""
    took = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        took.append(time.perf_counter() - begun)
    return size / 1e6 / statistics.median(took), size / 1e6 / min(took)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--texts", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=7)
    asked, _ = parser.parse_known_args()
    words = [*WORDS, *ENGLISH]
    lexicon = Lexicon([Ban(tuple(words), (), "")])
    print(machine())
    slowest = float("inf")
    for name, said, held, join in (("Chinese", SAID, WORDS, "，"), ("English", SPOKEN, ENGLISH, ". ")):
        made = texts(asked.texts, said, held, join)
        size = sum(len(text.encode()) for text in made)
        found = lexicon.suspects(made)
        holds = [number for number in found if lexicon.find(made[number])]
        median, best = rate(lambda made=made: lexicon.suspects(made), size, asked.times)  # type: ignore[misc]
        few, part = made[:5000], sum(len(text.encode()) for text in made[:5000])
        plain, _ = rate(lambda few=few: [any(word in text for word in words) for text in few], part, 3)  # type: ignore[misc]
        every = re.compile("|".join(map(re.escape, words)))
        regex, _ = rate(lambda few=few, every=every: [every.search(text) for text in few], part, 3)  # type: ignore[misc]
        print(
            f"{name}: {len(made):,} texts of {sum(map(len, made)) / len(made):.0f} characters, {size / 1e6:.1f} MB; suspects"
            f" {median:.0f} MB/s (best {best:.0f}), {len(found):,} found, {len(holds):,} of them hold a word;"
            f" as written only: `word in text` {plain:.1f} MB/s, one regular expression {regex:.1f} MB/s"
        )
        slowest = min(slowest, median)
    spent = 1e6 / 1000 / rate(lambda: [lexicon.find(LETTER) for _ in range(1000)], 1_000_000, asked.times)[0]
    print(f"find in one text of {len(LETTER)} characters, {len(words)} words: {spent:.0f} µs (wanted {FIND:.0f} µs)")
    print(f"suspects: {slowest:.0f} MB/s (wanted {WANTED:.0f} MB/s)")
    return 0 if slowest >= WANTED and spent <= FIND else 1


if __name__ == "__main__":
    sys.exit(main())
