"""What a message says, with everything written out that all its messages share: the copy that is left to fill in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from dsl.program.ir import CampaignSpec, Fact, MessageSpec, Program
from dsl.program.parts import Part
from dsl.templates import copy
from dsl.templates.fold import fold
from dsl.templates.read import read

Folded = tuple[copy.Part, ...]


def folded(program: Program, campaign: CampaignSpec, template: str) -> Folded:
    found, refused = read(template)
    assert refused is None, refused
    return fold(found, constants(program, campaign))


def constants(program: Program, campaign: CampaignSpec) -> dict[copy.Path, Any]:
    found: dict[copy.Path, Any] = {
        ("campaign", "begins"): campaign.begins,
        ("campaign", "ends"): campaign.ends,
        ("campaign", "name"): campaign.title,
        ("brand", "name"): program.brand.title,
    }
    product = next((one for one in program.products if one.name == campaign.product), None)
    if product:
        found[("product", "name")] = product.title
        found |= {("product", name): fact_value(fact) for name, fact in product.facts.items()}
    return found


def fact_value(fact: Fact) -> Any:
    """A range is both its ends."""
    read: Callable[[str], Any] = {"text": str, "length": int}.get(fact.base, Decimal)
    values = tuple(read(value) for value in fact.values)
    return values[0] if len(values) == 1 else values


def templates(message: MessageSpec) -> Iterator[str]:
    """The words, and those of the card and its buttons."""
    yield message.template
    if message.card:
        yield from (message.card.title, message.card.text)
    yield from (button.label for button in message.suggestions)


def said(part: Part) -> Iterator[str]:
    """Every template of a part."""
    for message in part.messages:
        yield from templates(message)
    if part.confirm:
        yield part.confirm.template


def shown(parts: Folded) -> Iterator[copy.Show | copy.Truthy | copy.Same]:
    """Each place at which copy looks at a variable: what it shows, and what its `if`s ask."""
    for part in parts:
        if isinstance(part, copy.Show):
            yield part
        elif isinstance(part, copy.Choice):
            yield from _asked(part.test)
            yield from shown(part.then)
            yield from shown(part.otherwise)


def _asked(test: copy.Test) -> Iterator[copy.Truthy | copy.Same]:
    match test:
        case copy.Negated(item):
            yield from _asked(item)
        case copy.Joined(_, left, right):
            yield from _asked(left)
            yield from _asked(right)
        case copy.Truthy() | copy.Same():
            yield test
