"""Every way in which a message can be read: its `if`s taken or not, what is known before any customer filled in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from dsl.model import Campaign, Message, Model
from dsl.templates import copy
from dsl.templates.constants import constants
from dsl.templates.copy import HOLE
from dsl.templates.fold import fold
from dsl.templates.read import read
from dsl.templates.whole import whole

# Copy with more conditions than this is read with all of them true, all false, and one after the other changed.
MOST = 8

Flat = copy.Text | copy.Show


@dataclass(frozen=True)
class Way:
    """`parts` hold no choice. `body` is without `head` and `tail`, the brand's signature and words for opting out."""

    parts: tuple[Flat, ...]
    text: str
    head: str
    tail: str
    shown: tuple[copy.Show, ...]

    @property
    def body(self) -> str:
        return self.text.removeprefix(self.head).removesuffix(self.tail)


def ways(model: Model, campaign: Campaign, message: Message) -> list[Way]:
    """Of the whole text, each way once. Copy that cannot be read has none: that it cannot is told elsewhere."""
    brand, policy = model.brand, campaign.policy
    parts, refused = read(whole(brand, policy, message))
    if refused:
        return []
    asks = {what: policy.requires(what, message.channel) for what in ("signature", "opt_out")}
    head = brand.signature.value if brand.signature and asks["signature"] else ""
    tail = brand.opt_out.value if brand.opt_out and asks["opt_out"] else ""
    return [
        Way(
            flat,
            "".join(part.text if isinstance(part, copy.Text) else HOLE for part in flat),
            head,
            tail,
            tuple(part for part in flat if isinstance(part, copy.Show)),
        )
        for flat in flats(fold(parts, constants(brand, campaign)))
    ]


def read_alone(model: Model, campaign: Campaign, text: str) -> list[tuple[Flat, ...]]:
    """A card's or a button's text, each way of reading it."""
    parts, refused = read(text)
    return [] if refused else flats(fold(parts, constants(model.brand, campaign)))


def flats(folded: tuple[copy.Part, ...]) -> list[tuple[Flat, ...]]:
    """Copy without its choices, each way of taking them once."""
    return list(dict.fromkeys(tuple(_joined(_flat(folded, taken))) for taken in _taken(folded)))


def sampled(parts: tuple[copy.Part, ...]) -> bool:
    """Whether copy has so many conditions that some ways of reading it are left out."""
    return len(dict.fromkeys(_tests(parts))) > MOST


def shows(parts: tuple[copy.Part, ...]) -> Iterator[copy.Show]:
    """Every variable that copy shows, whichever way it is read."""
    for part in parts:
        if isinstance(part, copy.Show):
            yield part
        elif isinstance(part, copy.Choice):
            yield from shows(part.then)
            yield from shows(part.otherwise)


def _taken(parts: tuple[copy.Part, ...]) -> Iterator[Mapping[copy.Test, bool]]:
    """The answers that the simple tests of some copy can have together, as far as they do not depend on each other."""
    tests = list(dict.fromkeys(_tests(parts)))
    if len(tests) <= MOST:
        for answers in product((True, False), repeat=len(tests)):
            yield dict(zip(tests, answers, strict=True))
        return
    for usual in (True, False):
        yield dict.fromkeys(tests, usual)
        yield from (dict.fromkeys(tests, usual) | {test: not usual} for test in tests)


def _tests(parts: tuple[copy.Part, ...]) -> Iterator[copy.Test]:
    for part in parts:
        if isinstance(part, copy.Choice):
            yield from _simple(part.test)
            yield from _tests(part.then)
            yield from _tests(part.otherwise)


def _simple(test: copy.Test) -> Iterator[copy.Test]:
    match test:
        case copy.Negated(item):
            yield from _simple(item)
        case copy.Joined(_, left, right):
            yield from _simple(left)
            yield from _simple(right)
        case _:
            yield test


def _holds(test: copy.Test, taken: Mapping[copy.Test, bool]) -> bool:
    match test:
        case copy.Negated(item):
            return not _holds(item, taken)
        case copy.Joined(kind, left, right):
            sides = _holds(left, taken), _holds(right, taken)
            return all(sides) if kind == "and" else any(sides)
    return taken[test]


def _flat(parts: tuple[copy.Part, ...], taken: Mapping[copy.Test, bool]) -> Iterator[Flat]:
    for part in parts:
        if isinstance(part, copy.Choice):
            yield from _flat(part.then if _holds(part.test, taken) else part.otherwise, taken)
        else:
            yield part


def _joined(parts: Iterator[Flat]) -> Iterator[Flat]:
    """Neighbouring texts as one."""
    text = ""
    for part in parts:
        if isinstance(part, copy.Text):
            text += part.text
            continue
        if text:
            yield copy.Text(text)
        text = ""
        yield part
    if text:
        yield copy.Text(text)
