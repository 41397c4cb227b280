"""`{number}` in a word: digits of any script, or a number in Chinese characters; and what is written for a zero."""

from __future__ import annotations

import re

NUMBER = "{number}"
# As letters have them: of any script's digits 0 to 9, of any ideographs the simplified ones.
DIGITS = frozenset("0123456789零〇一二三四五六七八九十百千万亿两半几壹贰叁肆伍陆柒捌玖拾佰仟")
ONE_OR_MORE = f"[{''.join(sorted(DIGITS))}]+"

# What looks like a zero beside a digit, before a percent sign, and the letter alone before an ideograph: 1OO%, 1○○%, O利息.
ROUND = "oOｏＯοΟоО○◯"
ZERO = re.compile(
    f"(?<=[0-9０-９])[{ROUND}]+(?![A-Za-z])"
    f"|(?<![A-Za-z0-9])[{ROUND}]+(?=[0-9０-９%％]|[.．][0-9０-９])"
    f"|(?<![A-Za-z0-9])[{ROUND[:-2]}](?=[㐀-鿿])"
)
