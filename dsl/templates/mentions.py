"""What copy speaks of: a rate or a discount, an amount of money. In its words, or in the variables that it shows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from dsl.catalog import TO_PHONES
from dsl.model import Campaign, Mention, Message, Model, Placed, Required
from dsl.templates import copy
from dsl.templates.constants import constants
from dsl.templates.fold import fold, texts
from dsl.templates.read import read
from dsl.templates.variables import Variables
from dsl.templates.ways import Way, shows, ways
from dsl.templates.whole import told

_WORDS: dict[Mention, re.Pattern[str]] = {
    "rate": re.compile(
        r"利率|年化|月息|日息|费率|(?:利率|利息|息|费率|贷)[^，。！？；,;!?]{0,6}\d\s*折|\d\s*[%％]"
        r"|interest rate|\d\s*per ?cent|\bAPR\b",
        re.IGNORECASE,
    ),
    "amount": re.compile(r"\d\s*(?:万|亿|元)|[$€£¥￥]\s*\d|\d\s*(?:EUR|USD|GBP|CNY|BRL|INR|HKD|SGD)\b"),
}
# Of a product that has a rate a discount is one of its rate.
_DISCOUNT = re.compile(r"\d\s*折")
_BASES: dict[Mention, tuple[str, ...]] = {"rate": ("rate",), "amount": ("money",)}
_FILTERS: dict[Mention, tuple[str, ...]] = {"rate": ("percent",), "amount": ("wan", "money", "monthly_saving")}
# As a rate has to be told: 中国人民银行公告〔2021〕第3号.
ANNUAL = "年化"


def mentions(model: Model, campaign: Campaign, message: Message) -> frozenset[Mention]:
    """Copy that cannot be read mentions nothing: that it cannot is told elsewhere."""
    known = Variables(model.brand, campaign, model.fields, model.events)
    found: set[Mention] = set()
    for parts in _read(message):
        shown = list(shows(parts))
        fixed = texts(fold(parts, constants(model.brand, campaign))) if all(one.path in known for one in shown) else []
        found |= _spoken(known, campaign, shown, " ".join(fixed))
    return frozenset(found)


def ways_asked(model: Model, campaign: Campaign, message: Message, one: Required) -> list[Way]:
    """The ways of reading a message on which a demand is made that is made of it: those that speak of what it names.

    All, where it names nothing, or where only a card, a button or a bare fact speaks of it.
    """
    found = ways(model, campaign, message)
    known = Variables(model.brand, campaign, model.fields, model.events)
    asked = [
        way
        for way in found
        if {*one.mentions} & _spoken(known, campaign, way.shown, way.body)
        or any(phrase.casefold() in way.body.casefold() for phrase in one.phrases)
    ]
    return asked or found


def _spoken(known: Variables, campaign: Campaign, shown: Iterable[copy.Show], said: str) -> set[Mention]:
    """What some words and variables speak of."""
    found: set[Mention] = set()
    for what, words in _WORDS.items():
        of_type = any(one.path in known and known[one.path].base in _BASES[what] for one in shown)
        filtered = any(filter.name in _FILTERS[what] for one in shown for filter in one.filters)
        discount = what == "rate" and _has_rate(campaign) and _DISCOUNT.search(said)
        if of_type or filtered or words.search(said) or discount:
            found.add(what)
    return found


def _has_rate(campaign: Campaign) -> bool:
    product = campaign.product
    return product is not None and (
        bool(product.plans) or any(fact.type.base == "rate" for fact in product.facts.values())
    )


def says(model: Model, campaign: Campaign, message: Message, phrases: tuple[str, ...]) -> bool:
    """Whether one of some phrases stands in its words, in whichever letters, with the facts of the product filled in."""
    known = constants(model.brand, campaign)
    said = [text.casefold() for parts in _read(message) for text in texts(fold(parts, known))]
    return any(phrase.casefold() in text for phrase in phrases for text in said)


def confirmation_required(model: Model, campaign: Campaign, message: Message) -> Placed[Required] | None:
    """The statement of the policy that asks to confirm this message on another channel; at some time of the campaign."""
    channels = {message.channel, message.otherwise} & {*TO_PHONES}
    if not channels:
        return None
    spoken = mentions(model, campaign, message)
    # What only warns never stands in the way of what binds.
    for one in sorted(campaign.policy.required, key=lambda one: one.note.severity != "error"):
        asks = one.value.what == "confirm" and channels & {*one.value.channels}
        if (
            asks
            and one.note.in_force(*campaign.runs.value)
            and (
                not (one.value.mentions or one.value.phrases)
                or spoken & {*one.value.mentions}
                or says(model, campaign, message, one.value.phrases)
            )
        ):
            return one
    return None


def says_annual(model: Model, campaign: Campaign, message: Message, one: Required) -> bool:
    """Whether it says that its rate is a yearly one, on every way of reading it that speaks of a rate; a card may say it."""
    beside = [message.card.title, message.card.text] if message.card else []
    said = any(ANNUAL in text for text in (*beside, *(button.label for button in message.suggestions)))
    return said or all(ANNUAL in way.text for way in ways_asked(model, campaign, message, one))


def _read(message: Message) -> Iterator[tuple[copy.Part, ...]]:
    card = message.card
    written = [element.text for element in message.elements or told(message)]
    written += [card.title, card.text] if card else []
    written += [button.label for button in message.suggestions]
    yield from (read(text)[0] for text in written)
