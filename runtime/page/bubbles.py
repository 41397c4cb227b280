"""A message as the templates draw it: text in its segments, card, buttons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dsl.render.segments import breaks
from runtime.results.model import Bubble


@dataclass(frozen=True)
class Button:
    """address: what a button that opens something carries; empty of others."""

    label: str
    action: str
    address: str


@dataclass(frozen=True)
class Card:
    """image and video: addresses, which are shown and never loaded."""

    title: str
    text: str
    image: str
    video: str


@dataclass(frozen=True)
class Drawn:
    """parts: the text, cut where a segment ends; in one piece where none is counted, or masking has moved the cuts."""

    parts: tuple[str, ...]
    card: Card | None
    buttons: tuple[Button, ...]


def drawn(bubble: Bubble) -> Drawn:
    rich = bubble.rich or {}
    card, listed = rich.get("card"), rich.get("suggestions")
    return Drawn(
        _parts(bubble.text, bubble.segments) if bubble.channel == "sms" else (bubble.text,),
        Card(*(_text(card, name) for name in ("title", "text", "image", "video")))
        if isinstance(card, Mapping)
        else None,
        tuple(_button(one) for one in listed if isinstance(one, Mapping)) if isinstance(listed, list | tuple) else (),
    )


def _parts(text: str, counted: int | None) -> tuple[str, ...]:
    cuts = breaks(text)
    if counted is None or counted != len(cuts) + 1:
        return (text,)
    return tuple(text[start:end] for start, end in zip((0, *cuts), (*cuts, len(text)), strict=True))


def _button(one: Mapping[Any, Any]) -> Button:
    return Button(_text(one, "label"), _text(one, "action"), _text(one, "address"))


def _text(one: Mapping[Any, Any], name: str) -> str:
    return str(one.get(name) or "")
