"""`{number}` in a word: digits of any script, or a number in Chinese characters."""

from __future__ import annotations

NUMBER = "{number}"
# As letters have them: of any script's digits 0 to 9, of any ideographs the simplified ones.
DIGITS = frozenset("0123456789零〇一二三四五六七八九十百千万亿两半几壹贰叁肆伍陆柒捌玖拾佰仟")
ONE_OR_MORE = f"[{''.join(sorted(DIGITS))}]+"
