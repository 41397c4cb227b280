"""Copy as values: what is left of a Jinja template once everything that copy may not do is refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

# What stands for a variable in a text that is looked through: a letter that nobody writes, and no part of any word.
HOLE = "\ua000"

Path = tuple[str, ...]  # ("customer", "surname"), ("link",)


@dataclass(frozen=True)
class Text:
    text: str


@dataclass(frozen=True)
class Filter:
    name: str
    argument: str | None = None


@dataclass(frozen=True)
class Show:
    path: Path
    filters: tuple[Filter, ...] = ()


@dataclass(frozen=True)
class Truthy:
    """Not missing, not zero, not empty, not no."""

    path: Path


@dataclass(frozen=True)
class Same:
    """`==` and `!=`, and the orders for fields that are never missing. A missing value equals nothing."""

    path: Path
    operator: Literal["eq", "ne", "lt", "lteq", "gt", "gteq"]
    value: str | int


@dataclass(frozen=True)
class Negated:
    item: Test


@dataclass(frozen=True)
class Joined:
    kind: Literal["and", "or"]
    left: Test
    right: Test


@dataclass(frozen=True)
class Choice:
    test: Test
    then: tuple[Part, ...]
    otherwise: tuple[Part, ...]


Test = Truthy | Same | Negated | Joined
Part = Text | Show | Choice


@dataclass(frozen=True)
class Refused:
    """`near` is text of the template that a caret can stand under; empty: the whole."""

    message: str
    help: str
    near: str = ""
