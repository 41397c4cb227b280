"""Banned words, copy that holds pieces of them around variables, and values that complete them, hide them or excuse them.

No copy says a banned word by itself, for a program that does is refused: only customers' values make it one. There are few words,
so that the pieces of copy and of values meet often.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

# Each group: copy in which values may complete its words, and bans with the copy that needs their excuses. V: a variable.
_Variant = tuple[str, tuple[str, ...]]
_GROUPS: tuple[tuple[tuple[str, ...], tuple[_Variant, ...]], ...] = (
    (
        (
            "秒V批", "V批", "秒V", "每秒V", "每V批量", "秒VV批", "秒🔥V🔥🔥批", "秒5V批", "秒。V批", "每1秒V，批量",
            "不承诺V", "V不承诺秒批", "不承诺秒批V", "V非秒批，以审批为准", "V批是骗局", "秒批是骗局V", "包V过", "红包V过期",
        ),
        (
            ('ban "秒批", "包过" except "每秒批量", "红包过期"', ("每秒批量V", "红包过期V")),
            ('ban "秒批"', ()),
            ('ban "包过", "秒批" except "秒批复" unless "以审批为准"', ("秒批复V", "秒批V，以审批为准")),
        ),
    ),
    (
        ("免V", "V審", "减免V批", "V免V审", "V先V", "{{ customer | salutation }}免"),
        (
            ('ban "免审" except "减免审批"', ("为您减免审批V",)),
            ('ban "免审", "先免", "秒先"', ()),
            ('ban "免审" unless "先审"', ("先审V免V",)),
        ),
    ),
    (
        (
            "V折", "VV折", "NV折", "最快V小时", "最快VV小时", "利率V%", "100V通过", "年化V", "年化3V", "NV小时", "N期V",
            "V{{ customer.assets | wan | default('') }}", "V{{ customer.born | date | default('') }}V",
        ),
        (
            ('ban "{number}折"', ()),
            ('ban "最快{number}小时", "{number}个月"', ("N期",)),
            ('ban "100%通过", "5%" except "年化5%"', ("年化5%V",)),
            ('ban "{number}万元" unless "年化{number}"', ("年化V", "年化3.6%V")),
            ('ban "-{number}元", "{number}亿"', ()),
            ('ban "{number}月{number}", "月{number}日"', ()),
            ('ban "{number}%"', ()),
        ),
    ),
    (
        ("act V", "aVt now", "actV", "fV e", "frVee", "V ow", "Vnot free", "not freeV", "L not free", "Lnot free"),
        (
            ('ban "act now", "free" except "so free"', ("so freeV", "Vso free", "Vso freeV", "L so free", "Lso free")),
            ('ban "free", "owe" except "3owe"', ("N3owe", "V3owe")),
            ('ban "free" unless "apr"', ("free aprV", "free Vapr")),
        ),
    ),
    (
        ("低V", "年化V低V", "零V aprV", "满3V低V"),
        (
            ('ban "低息" unless "年化{number}", "apr"', ("低息，年化3V", "低息aprV", "低息N年化3")),
            ('ban "低息", "零息" unless "满3"', ("低息满3V", "V满3零息", "零息满3N")),
        ),
    ),
    (
        ("V好", "看V"),
        (
            ('refuse characters "★※¥"', ()),
            ('refuse characters "【】★"', ()),
            ('refuse characters "😀·"', ()),
        ),
    ),
)  # fmt: skip
_PLACES = {
    "V": (
        '{{ customer.surname | default("") }}',
        '{{ customer.nick | default("") }}',
        '{{ customer.nick | default("") }}',
        '{{ customer.nick | default("批") }}',
        '{{ latest.view.note | default("") }}',
        '{{ latest.view.page | default("") }}',
        '{{ latest.replied.text | default("不") }}',
        '{{ customer.nick | mask | default("") }}',
        "{% if customer.nick %}{{ customer.nick }}{% else %}王{% endif %}",
    ),
    "N": ('{{ customer.score | default("") }}', '{{ latest.view.n | default("") }}'),
    "L": ("{{ link }}",),
}
# Pieces and whole words; the same, hidden; what denies, what denies the denial; marks; numbers; Latin letters; symbols.
_WORDS = ("秒", "批", "秒批", "免", "审", "免审", "包过", "过", "息", "低息", "先", "先免", "批量", "折", "每")
_HIDDEN = (
    "審",
    "免審",
    "零息",
    "秒·批",
    "秒\u200b批",
    "批\ufe0f",
    "·批",
    "\u200b",
    "\u200d",
    "\u20e3",
    "🔥",
    "🔥批",
    "免🔥审",
    "秒。批",
    "ｆｒｅｅ",
    "ＮＯＷ",
    "秒 批",
    "\u3000",
)
_EXCUSES = (
    "不",
    "非",
    "不承诺",
    "不会",
    "吗",
    "不了",
    "谁说",
    "难道",
    "除",
    "要",
    "但",
    "以审批为准",
    "年化5",
    "先审",
    "是骗局",
    "不是",
)
_MARKS = ("", "。", "，", "、", " ", "·", "-", "%", ".", "\n")
_NUMBERS = ("3", "３", "三", "①", "3.5", "5年化", "100", "百", "1️⃣", "-2")
_LATIN = ("free", "now", "act", "re", "c", "n", "e", "x", "not ", "so ", "F", "k", "apr", "APRs", "no")
_SYMBOLS = ("★", "※", "【", "¥", "😀", "😀😀😀", "👨‍👩‍👧")
VALUES = (*_WORDS, *_HIDDEN, *_EXCUSES, *_MARKS, *_NUMBERS, *_LATIN, *_SYMBOLS)


class Wording:
    """What a program bans, and the copy that goes with it."""

    def __init__(self, random: Random) -> None:
        self.r = random
        chosen = [(copy, random.choice(bans)) for copy, bans in random.sample(_GROUPS, random.randint(1, 3))]
        self._bans = [ban for _, (ban, _) in chosen]
        self._copy = [(*copy, *own, *own) for copy, (_, own) in chosen]

    def bans(self) -> list[str]:
        """Statements of one policy, without their notes."""
        return [f'{ban} because "x"' for ban in self._bans if self.r.random() < 0.8]

    def shown(self) -> str:
        """A piece of copy with variables in their places."""
        piece = self.r.choice(self.r.choice(self._copy))
        return "".join(one if "{{" in piece and one != "V" else self._place(one) for one in piece)

    def _place(self, one: str) -> str:
        return self.r.choice(_PLACES[one]) if one in _PLACES else one


_TRADITIONAL = str.maketrans({"审": "審", "过": "過", "减": "減", "满": "滿", "时": "時", "万": "萬", "亿": "億"})
_WIDE = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)})


def value(r: Random, words: Sequence[str] = (), most: int | None = None) -> str:
    """What a customer brings: a piece or two, now and then a third, or a part of one of these words, mostly disguised."""
    if words and r.random() < 0.5:
        return _part(r, r.choice(words))[:most]
    found = "".join(r.choice(VALUES) for _ in range(r.choice((1, 1, 2, 2, 3))))
    return found[:most]


def _part(r: Random, word: str) -> str:
    written = word.replace("{number}", r.choice(("3", "三", "3.5")))
    first = r.choice((0, 0, r.randrange(len(written))))
    written = written[first : r.choice((len(written), r.randint(first, len(written))))]
    mark = r.choice(("·", "\u200b", "🔥", " "))
    return r.choice(
        (written, written.translate(_TRADITIONAL), written.translate(_WIDE), mark.join(written), mark + written)
    )
