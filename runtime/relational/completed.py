"""What fixed words say together with values that are no words of a customer's: nothing, a mark, a number, a date, a title.

A text is looked at in windows: neighbouring variables, so close that one word reaches over them, each with every kind of value,
between the words before and behind. Beyond stands a letter that no word has. All windows go through the lexicon's sieve at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum, auto
from functools import cache
from itertools import accumulate, pairwise, product
from math import prod

from dsl.lexicon import Lexicon, lexicon
from dsl.lexicon.negation import turning
from dsl.lexicon.normal import letters
from dsl.lexicon.numbers import DIGITS
from dsl.render.filters import NOBODY
from dsl.templates import copy
from dsl.templates.copy import HOLE
from dsl.templates.ways import Flat, flats, sampled
from dsl.terms import Ban
from runtime.relational.copy import Held
from runtime.relational.folded import Folded

_DIGITS = re.compile(r"\d+(?:[.,]\d+)*")
_NUMBERS = ("money", "number", "rate", "length")
# How values look that are no words: by filter, then by base.
_FILTERED = {
    "wan": ("1元", "1万元", "1亿元", "-1元"),
    "money": ("1元", "-1元"),
    "monthly_saving": ("1元", "-1元"),
    "percent": ("1%", "-1%"),
    "date": ("1月1日",),
}
_PLAIN = {"date": ("1-1-1",), "flag": ("yes", "no")}
# What is missing or only separates. The second is as near to nothing as a separator can be: nobody sees it.
_NOTHING = ("", "\u200b")
_TITLED = ("先生", "女士", HOLE + "先生", HOLE + "女士", NOBODY)
# A link in a window; words that go on behind it are judged as a part of it (dsl/program/judged.py).
_LINK = "\ue000"
_WORD = re.compile(r"\A[A-Za-z0-9_-]+")
_MOST = 4096  # ways to fill a window; more than that are not looked at


class Outlook(Enum):
    """CLEAR: only values with letters of a word can complete one. EXCUSED: a word stands there with an excuse, which other
    values may take away. CERTAIN: some value without any letter of a word may make the text break a ban."""

    CLEAR = auto()
    EXCUSED = auto()
    CERTAIN = auto()


@dataclass(frozen=True)
class Piece:
    """A part of a filled window; a value of a variable, or what is fixed."""

    text: str
    value: bool = False


Pieces = tuple[Piece, ...]


def outlook(bans: tuple[Ban, ...], parts: Folded, held: Mapping[copy.Path, Held]) -> Outlook:
    if sampled(parts):
        return Outlook.CERTAIN
    every, reach = _general(bans), _reach(bans)
    filled: dict[tuple[frozenset[int], Pieces], None] = {}
    for flat in flats(parts):
        runs = [part.text for part in flat if isinstance(part, copy.Text)]
        linked = any(isinstance(part, copy.Show) and part.path == ("link",) for part in flat)
        lifted = frozenset(at for at, ban in enumerate(bans) if ban.unless and _says(ban.unless, runs, linked))
        filled |= dict.fromkeys((lifted, (Piece(run),)) for run in runs)
        for window in _windows(flat, reach):
            choices = [_choices(part, held) for part in window]
            if prod(map(len, choices)) > _MOST:
                return Outlook.CERTAIN
            filled |= dict.fromkeys((lifted, _settled(pieces)) for pieces in product(*choices))
    windows = list(filled)
    met = every.suspects(["".join(_DIGITS.sub("1", one.text) for one in pieces) for _, pieces in windows])
    strict = lexicon(tuple(replace(ban, unless=()) for ban in bans))
    if any(_breaks(strict, *windows[at]) or _completes(every, windows[at][1]) for at in met):
        return Outlook.CERTAIN
    return Outlook.EXCUSED if met else Outlook.CLEAR


def _breaks(strict: Lexicon, lifted: frozenset[int], pieces: Pieces) -> bool:
    """Whether it says a word without an excuse that stands beside it."""
    found = strict.find("".join(one.text for one in pieces))
    return any(hit.ban not in lifted and hit.how != "sounds" for hit in found)


def _completes(every: Lexicon, pieces: Pieces) -> bool:
    """Whether a word has a part in a value, or begins before an empty one and ends behind it: for that no excuse counts."""
    texts = [_DIGITS.sub("1", one.text) for one in pieces]
    ends = list(accumulate(map(len, texts)))
    values = [(end - len(text), end) for text, end, one in zip(texts, ends, pieces, strict=True) if one.value]
    found = [hit for hit in every.find("".join(texts)) if hit.how != "sounds"]
    return any(hit.start < end and hit.end > start for hit in found for start, end in values)


def samples(show: copy.Show, held: Mapping[copy.Path, Held]) -> tuple[str, ...]:
    """How its values are written, where that is no word of a customer's; empty where it may be any."""
    if show.path == ("link",):
        return (HOLE,)
    named = next((filter.name for filter in show.filters if filter.name in _FILTERED), None)
    if named:
        return _FILTERED[named]
    base = "number" if show.path[0] == "plan" else held[show.path][1] if show.path in held else "text"
    return _PLAIN.get(base, ("1", "-1") if base in _NUMBERS else ())


def _windows(flat: tuple[Flat, ...], reach: frozenset[str]) -> Iterator[tuple[Flat, ...]]:
    """Each variable, and each run of neighbours with nothing between them that parts words; with the words around it."""
    places = [at for at, part in enumerate(flat) if isinstance(part, copy.Show)]
    for number, first in enumerate(places):
        yield _around(flat, first, first)
        for before, last in pairwise(places[number:]):
            between = "".join(part.text for part in flat[before + 1 : last] if isinstance(part, copy.Text))
            if not reach.issuperset(letters(_DIGITS.sub("1", between))):
                break
            yield _around(flat, first, last)


def _around(flat: tuple[Flat, ...], first: int, last: int) -> tuple[Flat, ...]:
    start = first - 1 if first and isinstance(flat[first - 1], copy.Text) else first
    end = last + 1 if last + 1 < len(flat) and isinstance(flat[last + 1], copy.Text) else last
    before = (copy.Text(HOLE),) if start else ()
    behind = (copy.Text(HOLE),) if end + 1 < len(flat) else ()
    return (*before, *flat[start : end + 1], *behind)


def _choices(part: Flat, held: Mapping[copy.Path, Held]) -> tuple[Piece, ...]:
    """What may stand there."""
    if isinstance(part, copy.Text):
        return (Piece(part.text),)
    given = tuple(filter.argument for filter in part.filters if filter.argument)
    shown = (*_NOTHING, *samples(part, held), *given)
    if part.path in (("link",), ("customer",)):
        shown = (_LINK,) if part.path == ("link",) else _TITLED
    return tuple(Piece(one, True) for one in dict.fromkeys(shown))


def _settled(pieces: Pieces) -> Pieces:
    """With links as they are judged."""
    found, linked = [], False
    for one in pieces:
        if one.text == _LINK:
            found.append(Piece(HOLE, True))
            linked = True
            continue
        left = _WORD.sub("", one.text) if linked else one.text
        found.append(Piece(left, one.value))
        linked = linked and not left
    return tuple(found)


def _says(phrases: tuple[str, ...], runs: list[str], linked: bool) -> bool:
    """Whether one of the phrases stands in a run, whatever number stands beside it and whatever a link before it takes away;
    and where the next run follows at once, since nothing stands between."""
    asked = lexicon((Ban(phrases, (), ""),))
    around = zip(["", *runs], runs, [*runs[1:], ""], strict=False)
    beside = [
        {run, f"1{run}", f"{run}1", before + run, run + behind, *([_WORD.sub("", run)] if linked else [])}
        for before, run, behind in around
    ]
    return any(all(map(asked.find, ways)) for ways in beside)


@cache
def _general(bans: tuple[Ban, ...]) -> Lexicon:
    """The same words without any excuse, each run of digits being any number."""
    return Lexicon([Ban(tuple(map(_numbered, ban.words)), (), ban.because) for ban in bans])


def _numbered(word: str) -> str:
    return "{number}".join(_DIGITS.sub("{number}", part) for part in word.split("{number}"))


@cache
def _reach(bans: tuple[Ban, ...]) -> frozenset[str]:
    """Letters over which a word reaches, or what takes an excuse away: those of all of these."""
    words = [word for _, word in _general(bans).words]
    numbers = DIGITS if any(not atom.letters for word in words for atom in word.atoms) else frozenset[str]()
    return numbers.union(*(word.letters for word in words), *map(letters, turning()))
