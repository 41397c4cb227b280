"""The length of a text in SMS segments (3GPP TS 23.038: GSM 7-bit default alphabet, UCS-2; TS 23.040: concatenation).

One segment holds 160 septets or 70 UTF-16 units, each of several 153 or 67. A character of two (an escape and its
character, a surrogate pair) is never divided between segments.
"""

from __future__ import annotations

BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = "\f^{}\\[~]|€"
_SEPTETS = dict.fromkeys(BASIC, 1) | dict.fromkeys(EXTENDED, 2)


def segments(text: str) -> int:
    """How many segments `text` takes; an empty text takes one."""
    return len(breaks(text)) + 1


def breaks(text: str) -> tuple[int, ...]:
    """The places in `text` at which a segment begins, but for the first."""
    if all(char in _SEPTETS for char in text):
        return _fill([_SEPTETS[char] for char in text], 160, 153)
    return _fill([2 if ord(char) > 0xFFFF else 1 for char in text], 70, 67)


def units(text: str) -> int:
    """UTF-16 units, by which vendors count the characters of a message: an emoji is two."""
    return sum(2 if ord(char) > 0xFFFF else 1 for char in text)


def _fill(widths: list[int], alone: int, joined: int) -> tuple[int, ...]:
    if sum(widths) <= alone:
        return ()
    found, left = [], joined
    for at, width in enumerate(widths):
        if width > left:
            found.append(at)
            left = joined
        left -= width
    return tuple(found)
