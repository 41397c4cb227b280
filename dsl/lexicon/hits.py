"""What a lexicon finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

How = Literal["written", "disguised", "sounds"]


@dataclass(frozen=True)
class Hit:
    """`text[start:end]` is, hides or sounds like `word` of the lexicon's ban number `ban`. Offsets are in code points.

    how: written as it is, but for case and blanks; disguised, which is as certain; or what only sounds or looks like it.
    """

    ban: int
    word: str
    start: int
    end: int
    how: How
