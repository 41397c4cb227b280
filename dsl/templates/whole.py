"""A message's parts, from the brand's signature to its words for opting out, as one template."""

from __future__ import annotations

from collections.abc import Iterator

from dsl.diagnostics import Place
from dsl.model import Brand, Message, Policy
from dsl.render.assemble import assemble


def fixed_braces(brand: Brand, policy: Policy) -> Iterator[Place]:
    """Where a text that stands in messages as it is holds a brace, which Jinja would take for its own."""
    fixed = [(text.value, text.place) for text in (brand.signature, brand.opt_out) if text]
    for text, place in [*fixed, *((mark, policy.place) for mark in policy.marks)]:
        if "{" in text or "}" in text:
            yield place


def whole(brand: Brand, policy: Policy, message: Message) -> str:
    signature = brand.signature.value if brand.signature and policy.signature_first else ""
    opt_out = brand.opt_out.value if brand.opt_out and policy.opt_out_last else ""
    return assemble(message.elements, signature, opt_out, policy.marks)
