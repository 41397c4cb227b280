"""The parts of a message → one Jinja template, from the sender's signature to the words for opting out."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dsl.catalog import ENDINGS
from dsl.terms import Element

_MIDDLE = ("scene", "trust", "incentive")
_COUNTS = "零一两三四五六七八九十"  # as before a measure word: 两步, 三步
_ENDS_WITH_LINK = re.compile(r"\{\{-?\s*(?:link|链接)\s*-?\}\}\s*(?:\{%[^%]*%\}\s*)*\Z")
# Braces with a minus take away the spaces around them: at an element's edge that would be the joint's.
_EATS_BEFORE = re.compile(r"\A(\{[{%#])[-+]")
_EATS_AFTER = re.compile(r"[-+]([}%#]\})\Z")


def assemble(elements: Sequence[Element], signature: str, opt_out: str, marks: tuple[str, str, str]) -> str:
    """Joins by `marks` (within a sentence, between sentences) where a part does not bring its own.

    After a link stands a space, so that nothing is taken for a part of it.
    """
    comma, stop, arrow = marks
    steps = sum(element.role == "process" for element in elements)
    body = ""
    for before, element in zip([None, *elements], elements, strict=False):
        if before is not None and before.role == element.role:
            body += arrow
        elif before is not None:
            inside = before.role in _MIDDLE and element.role in _MIDDLE
            body += _joint(body, comma if inside else stop)
        if element.role == "process" and (before is None or before.role != "process"):
            body += f"{_COUNTS[steps]}步完成："
        body += _EATS_AFTER.sub(r"\1", _EATS_BEFORE.sub(r"\1", element.text.strip()))
    if opt_out:
        body += _joint(body, stop)
    return signature + body + opt_out


def _joint(text: str, mark: str) -> str:
    if _ENDS_WITH_LINK.search(text):
        return " "
    return "" if text and text[-1] in ENDINGS + "，,：:" else mark
