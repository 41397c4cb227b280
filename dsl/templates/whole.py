"""A message's parts, from the brand's signature to its words for opting out, as one template."""

from __future__ import annotations

from collections.abc import Iterator

from dsl.diagnostics import Place
from dsl.model import Brand, Message, Policy
from dsl.render.assemble import assemble
from dsl.terms import Element


def fixed_braces(brand: Brand, policy: Policy) -> Iterator[Place]:
    """Where a text that stands in messages as it is holds a brace, which Jinja would take for its own."""
    fixed = [(text.value, text.place) for text in (brand.signature, brand.opt_out) if text]
    for text, place in [*fixed, *((mark, policy.place) for mark in policy.marks)]:
        if "{" in text or "}" in text:
            yield place


def whole(brand: Brand, policy: Policy, message: Message) -> str:
    """As it is read on a screen of its own; a card without words beside it is told in words."""
    asks = {what: policy.requires(what, message.channel) for what in ("signature", "opt_out")}
    signature = brand.signature.value if brand.signature and asks["signature"] else ""
    opt_out = brand.opt_out.value if brand.opt_out and asks["opt_out"] else ""
    elements = message.elements or tuple(told(message))
    return assemble(elements, signature, opt_out, policy.marks)


def told(message: Message) -> Iterator[Element]:
    """A card and its buttons in words, for a channel that shows neither."""
    card = message.card
    if card and card.title:
        yield Element("benefit", card.title)
    if card and card.text:
        yield Element("scene", card.text)
    for button in message.suggestions:
        if button.action == "reply":
            yield Element("incentive", f"回复“{button.label}”")
    for button in message.suggestions:
        if button.action == "link":
            yield Element("action", button.label + " {{ link }}")
