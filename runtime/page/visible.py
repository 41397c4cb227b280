"""Characters that are not seen, made seen: one that turns the direction of a line could make a name read as another."""

from __future__ import annotations

import re
from typing import Any

from markupsafe import Markup

# Controls but for tab and line end, overrides and embeddings of direction, and halves of surrogate pairs, which no file can hold.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


def visible(value: Any) -> Any:
    """A text with `[U+202E]` in the place of such a character. What is markup already, or no text, stays as it is."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return _UNSEEN.sub(lambda found: f"[U+{ord(found[0]):04X}]", value)
