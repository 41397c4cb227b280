"""Places inside texts: where a finding points in the literal that holds it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from dsl.diagnostics import Place
from dsl.model import Message
from dsl.source import inside_string
from dsl.templates.copy import HOLE
from dsl.terms import Element

_CODE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)


def placed(message: Message) -> Iterator[tuple[Element, Place]]:
    """Every text of the message; what stands on a card or a button has the message's place."""
    yield from zip(message.elements, message.places, strict=True)
    card = message.card
    texts = [card.title, card.text] if card else []
    texts += [button.label for button in message.suggestions]
    yield from ((Element("text", text), message.place) for text in texts if text)


def near(place: Place, text: str, word: str) -> Place:
    """The first place inside the literal where a word or path is written; the whole literal where it is not."""
    pattern = r"\s*\.\s*".join(re.escape(part) for part in word.split(".")) if word else r"(?!)"
    found = re.search(rf"(?<![\w]){pattern}(?!\w)", text) if word.isascii() else re.search(re.escape(word), text)
    return inside(place, *found.span()) if found else place


def inside(place: Place, start: int, end: int) -> Place:
    """Characters [start, end) of the literal's value; the whole place where it is no literal."""
    if place.source.text[place.span.start : place.span.start + 1] != '"':
        return place
    return replace(place, span=inside_string(place.source, place.span, start, end))


def fixed(text: str) -> str:
    """The text with its variables and conditions struck out, every other character where it was."""
    return _CODE.sub(lambda found: HOLE * len(found[0]), text)
