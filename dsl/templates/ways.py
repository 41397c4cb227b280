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
from dsl.templates.variables import Variables, check
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
    """Of the whole text, each way once. Copy that cannot be read or filled in has none: that it cannot is told elsewhere."""
    brand, policy = model.brand, campaign.policy
    folded = _folded(model, campaign, whole(brand, policy, message))
    if folded is None:
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
        for flat in flats(folded)
    ]


def read_alone(model: Model, campaign: Campaign, text: str) -> list[tuple[Flat, ...]]:
    """A card's or a button's text, each way of reading it."""
    folded = _folded(model, campaign, text)
    return [] if folded is None else flats(folded)


def _folded(model: Model, campaign: Campaign, text: str) -> tuple[copy.Part, ...] | None:
    parts, refused = read(text)
    if refused or any(check(parts, Variables(model.brand, campaign, model.fields, model.events), frozenset())):
        return None
    return fold(parts, constants(model.brand, campaign))


def flats(folded: tuple[copy.Part, ...]) -> list[tuple[Flat, ...]]:
    """Copy without its choices, each way of taking them once."""
    opened = tuple(map(_opened, folded))
    return list(dict.fromkeys(tuple(_joined(_flat(opened, taken))) for taken in _taken(opened)))


def _opened(part: copy.Part) -> copy.Part:
    """A variable with something to say in its place is two ways of reading."""
    if isinstance(part, copy.Choice):
        return copy.Choice(part.test, tuple(map(_opened, part.then)), tuple(map(_opened, part.otherwise)))
    if isinstance(part, copy.Show):
        instead = next((filter.argument for filter in part.filters if filter.argument is not None), None)
        if instead is not None:
            return copy.Choice(copy.Truthy(part.path), (part,), (copy.Text(instead),))
    return part


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
            taken = dict(zip(tests, answers, strict=True))
            if _possible(taken):
                yield taken
        return
    for usual in (True, False):
        yield dict.fromkeys(tests, usual)
        yield from (dict.fromkeys(tests, usual) | {test: not usual} for test in tests)


def _possible(taken: Mapping[copy.Test, bool]) -> bool:
    """Whether some value of each variable gives all these answers: `visits >= 5` and `visits < 5` are never true together."""
    by_path: dict[copy.Path, list[tuple[copy.Truthy | copy.Same, bool]]] = {}
    for test, answer in taken.items():
        assert isinstance(test, (copy.Truthy, copy.Same))
        by_path.setdefault(test.path, []).append((test, answer))
    return all(
        len(asked) == 1
        or any(all(_answer(test, value) == answer for test, answer in asked) for value in _values(asked))
        for asked in by_path.values()
    )


def _values(asked: list[tuple[copy.Truthy | copy.Same, bool]]) -> Iterator[str | float | None]:
    """Values that tell the tests of one variable apart: none, those compared with, those around them."""
    ordered = any(isinstance(test, copy.Same) and test.operator not in ("eq", "ne") for test, _ in asked)
    yield from (0, 1) if ordered else (None, 0, 1, "", HOLE)  # only numbers that are never missing are ordered
    for test, _ in asked:
        if isinstance(test, copy.Same):
            yield test.value
            if isinstance(test.value, int):
                yield from (test.value - 1, test.value - 0.5, test.value + 0.5, test.value + 1)


def _answer(test: copy.Truthy | copy.Same, value: str | float | None) -> bool:
    if isinstance(test, copy.Truthy):
        return bool(value)
    if test.operator in ("eq", "ne"):
        return (value == test.value) == (test.operator == "eq")
    if not isinstance(value, (int, float)) or not isinstance(test.value, int):
        return False
    orders = {
        "lt": value < test.value,
        "lteq": value <= test.value,
        "gt": value > test.value,
        "gteq": value >= test.value,
    }
    return orders[test.operator]


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
