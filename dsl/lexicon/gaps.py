"""What may stand between two letters of one word: a trick to hide it, and not the end of a sentence.

Lengths are in what a reader sees: a flag, a keycap, an emoji with its skin or its family is one; invisible characters are none.
"""

from __future__ import annotations

import re
from functools import lru_cache
from unicodedata import normalize

from dsl.lexicon.normal import invisible

MOST = 2
# Where a sentence or a line ends, what follows is another's. A full stop of Latin script ends one where a blank follows.
_ENDS = frozenset("。！？；!?;\n\r\u2028\u2029｡")
# What the lines of one paragraph may end with.
BREAKS = "\n\r\u2028"
_BREAK = re.compile(rf"[ \t]*(?:\r\n|[{BREAKS}])[ \t]*")
_SPACED_END = re.compile(r"[.,:]\s")
_RUN = re.compile(r"([—…─━ \u3000])\1+")
_SKIN = "[\U0001f3fb-\U0001f3ff]"
_UNIT = re.compile(f"[\U0001f1e6-\U0001f1ff]{{2}}|[0-9#*]\ufe0f?\u20e3|\\S\ufe0f?{_SKIN}?(?:\u200d\\S\ufe0f?{_SKIN}?)*")


def ends(char: str) -> bool:
    """Whether a sentence or a line ends with it."""
    return char in _ENDS


@lru_cache(maxsize=4096)
def joins(gap: str, most: int = MOST) -> bool:
    """Whether letters around it can be of one word whose script has no blanks."""
    if not _ENDS.isdisjoint(gap):
        return False
    gap = _RUN.sub(r"\1", gap)
    return _marks(gap) <= most and sum(char.isspace() for char in gap) <= most


def unbroken(gap: str) -> str:
    """One line break between two words is a blank: letters of a script with blanks are wrapped there."""
    return " " if _BREAK.fullmatch(gap) else gap


@lru_cache(maxsize=4096)
def divides(gap: str) -> bool:
    """Whether letters around it can be of two neighbouring words of a phrase, of a script with blanks."""
    return _ENDS.isdisjoint(gap) and not _SPACED_END.search(gap)


@lru_cache(maxsize=4096)
def numeric(gap: str) -> bool:
    """Whether digits around it can be of one number or of a range: 3.6, 3,600, 2-4; after a comma another one begins."""
    return joins(gap) and not any(char in "，、：；:" for char in gap)


def blank(gap: str) -> bool:
    """Whether nothing, or a blank within a line, stands there."""
    return not _seen(gap).strip() and joins(gap)


def spaced(gaps: list[str]) -> bool:
    """Whether a word of a script with blanks was written with such gaps: a b c throughout, or something else than blanks."""
    seen = [_seen(gap) for gap in gaps]
    if not all(divides(gap) and joins(gap) for gap in gaps):
        return False
    return all(seen) or not any(char.isspace() for gap in seen for char in gap)


def shown(gap: str) -> str:
    """Marks and blanks as NFKC has them, without what nobody sees."""
    return normalize("NFKC", _seen(gap))


def _seen(gap: str) -> str:
    return "".join(char for char in gap if not invisible(char))


def _marks(gap: str) -> int:
    return sum(1 for unit in _UNIT.findall(gap) if _seen(unit))
