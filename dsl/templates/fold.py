"""What is known before any customer: facts of the product, the campaign and the brand become text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dsl.render.filters import FILTERS, plain
from dsl.templates import copy

Constants = Mapping[copy.Path, Any]


def fold(parts: tuple[copy.Part, ...], constants: Constants) -> tuple[copy.Part, ...]:
    """The same copy with every known variable written out and neighbouring texts joined."""
    folded: list[copy.Part] = []
    for part in parts:
        for new in _fold(part, constants):
            last = folded[-1] if folded else None
            if isinstance(new, copy.Text) and isinstance(last, copy.Text):
                folded[-1] = copy.Text(last.text + new.text)
            else:
                folded.append(new)
    return tuple(folded)


def _fold(part: copy.Part, constants: Constants) -> tuple[copy.Part, ...]:
    match part:
        case copy.Show(path, filters) if path in constants:
            value = constants[path]
            for filter in filters:
                function = FILTERS[filter.name]
                value = function(value) if filter.argument is None else function(value, filter.argument)
            return (copy.Text(plain(value)),)
        case copy.Choice(test, then, otherwise):
            decided = _decide(test, constants)
            if decided is not None:
                return fold(then if decided else otherwise, constants)
            return (copy.Choice(_open(test, constants), fold(then, constants), fold(otherwise, constants)),)
    return (part,)


def _decide(test: copy.Test, constants: Constants) -> bool | None:
    """The test's answer where it is known already."""
    match test:
        case copy.Truthy(path) if path in constants:
            return bool(constants[path])
        case copy.Same(path, operator, value) if path in constants:
            known = constants[path]
            if operator in ("eq", "ne"):
                return bool(known == value) == (operator == "eq")
            orders = {"lt": known < value, "lteq": known <= value, "gt": known > value, "gteq": known >= value}
            return bool(orders[operator])
        case copy.Negated(item):
            inner = _decide(item, constants)
            return None if inner is None else not inner
        case copy.Joined(kind, left, right):
            sides = _decide(left, constants), _decide(right, constants)
            if kind == "and":
                return False if False in sides else None if None in sides else True
            return True if True in sides else None if None in sides else False
    return None


def _open(test: copy.Test, constants: Constants) -> copy.Test:
    """What is left of a test whose answer is not known yet: a side that is known decides nothing, or all would be known."""
    match test:
        case copy.Negated(item):
            return copy.Negated(_open(item, constants))
        case copy.Joined(kind, left, right):
            left_open, right_open = (_decide(side, constants) is None for side in (left, right))
            if left_open and right_open:
                return copy.Joined(kind, _open(left, constants), _open(right, constants))
            return _open(left if left_open else right, constants)
    return test


def texts(parts: tuple[copy.Part, ...]) -> list[str]:
    """Every run of fixed text, in every branch."""
    found: list[str] = []
    for part in parts:
        if isinstance(part, copy.Text):
            found.append(part.text)
        elif isinstance(part, copy.Choice):
            found += texts(part.then) + texts(part.otherwise)
    return found
