"""Messages as somebody reads them. The customer is made up, as in `camp preview`: a report shows nobody's words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dsl import behaviour as b
from dsl.program.ir import MessageSpec, Program
from dsl.program.parts import parts
from dsl.render.segments import segments
from runtime.preview import render, samples
from runtime.results.model import Bubble

_KNOWN = "all known"


def bubbles(program: Program) -> Iterator[Bubble]:
    """One of each message, in the order of campaigns and their parts."""
    for part in sorted(parts(program), key=lambda one: one.campaign.name):
        known = samples(program, part.campaign)[_KNOWN]
        for message in part.messages:
            text = render(message.template, known)
            yield Bubble(
                campaign=part.campaign.name,
                step=part.step,
                arm=_arm(message.when),
                channel=message.channel,
                text=text,
                segments=segments(text) if "sms" in (message.channel, message.otherwise) else None,
                rich=_rich(message, known),
                confirm_channel=part.confirm.channel if part.confirm else None,
                confirm_text=render(part.confirm.template, known) if part.confirm else None,
            )


def _arm(when: b.Condition | None) -> str | None:
    return next((atom.name for atom in b.atoms(when) if isinstance(atom, b.InArm)), None) if when else None


def _rich(message: MessageSpec, known: dict[str, Any]) -> dict[str, object] | None:
    """As the column `rich` of sends has it."""
    if message.card is None and not message.suggestions:
        return None
    found: dict[str, object] = {}
    if card := message.card:
        shown = {"image": card.image, "text": render(card.text, known), "title": render(card.title, known)}
        found["card"] = {name: value for name, value in (shown | {"video": card.video}).items() if value}
    found["suggestions"] = [
        {"action": one.action, "label": render(one.label, known)}
        | ({"address": known.get("link", "")} if one.action == "link" else {})
        for one in message.suggestions
    ]
    return found
