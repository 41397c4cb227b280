"""Single slips of the pen in a text: a token left out, swapped, misspelt or written twice, a brace or a line too few or many."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

from dsl.parser.tokens import Read, tokens
from dsl.source import Source

_LETTERS = "abcxyz客期0_"


def slips(text: str, count: int, seed: int) -> Iterator[tuple[str, str]]:
    """`count` times what was done to the text, and the text with this slip."""
    chance = random.Random(seed)
    read = list(tokens(Source("case.camp", text)))
    for _ in range(count):
        kind = chance.choice(list(_KINDS))
        yield kind, _KINDS[kind](text, read, chance)


def _left_out(text: str, read: list[Read], chance: random.Random) -> str:
    one = chance.choice(read)
    return text[: one.span.start] + text[one.span.end :]


def _swapped(text: str, read: list[Read], chance: random.Random) -> str:
    at = chance.randrange(len(read) - 1)
    (a, b), (c, d) = ((one.span.start, one.span.end) for one in read[at : at + 2])
    return text[:a] + text[c:d] + text[b:c] + text[a:b] + text[d:]


def _misspelt(text: str, read: list[Read], chance: random.Random) -> str:
    one = chance.choice(read)
    at = chance.randrange(one.span.start, one.span.end)
    return text[:at] + chance.choice(["", text[at] * 2, chance.choice(_LETTERS)]) + text[at + 1 :]


def _doubled(text: str, read: list[Read], chance: random.Random) -> str:
    one = chance.choice(read)
    return text[: one.span.end] + " " + one.text + text[one.span.end :]


def _another(text: str, read: list[Read], chance: random.Random) -> str:
    """One token in the place of another of its kind: what parses, and means something else."""
    one = chance.choice(read)
    other = chance.choice([token for token in read if token.type == one.type])
    return text[: one.span.start] + other.text + text[one.span.end :]


def _unclosed(text: str, read: list[Read], chance: random.Random) -> str:
    closing = [one for one in read if one.text in ("}", ")")]
    return _left_out(text, closing or read, chance)


def _line_twice(text: str, read: list[Read], chance: random.Random) -> str:
    lines = text.splitlines(keepends=True)
    at = chance.randrange(len(lines))
    return "".join([*lines[:at], lines[at].rstrip("\n") + "\n", *lines[at:]])


def _line_left_out(text: str, read: list[Read], chance: random.Random) -> str:
    lines = text.splitlines(keepends=True)
    at = chance.randrange(len(lines))
    return "".join([*lines[:at], *lines[at + 1 :]])


_KINDS: dict[str, Callable[[str, list[Read], random.Random], str]] = {
    "left out": _left_out,
    "swapped": _swapped,
    "misspelt": _misspelt,
    "doubled": _doubled,
    "another": _another,
    "unclosed": _unclosed,
    "line twice": _line_twice,
    "line left out": _line_left_out,
}
