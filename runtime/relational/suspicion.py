"""Whose texts may say a banned word: an engine's expression that misses none, and is false for nearly everybody.

The compiler has judged what is fixed. What is left are the values that customers bring: one that shares no letter with any word,
however disguised, completes none. Numbers and dates are looked at once for all customers, by samples of how they are written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import cache

from sqlglot import exp

from dsl.lexicon import Lexicon
from dsl.program.ir import BanSpec
from dsl.program.judged import lexicon
from dsl.render.filters import NOBODY
from dsl.templates import copy
from dsl.templates.copy import HOLE
from dsl.templates.ways import Flat, flats, shows
from dsl.terms import Ban
from runtime.relational.copy import Copy, Held
from runtime.relational.folded import Folded
from runtime.relational.sql import call, some, sure, text

_DIGITS = re.compile(r"\d+(?:[.,]\d+)*")
_NUMBERS = ("money", "number", "rate", "length")
_TITLES = "先生$|女士$|^" + NOBODY + "$"  # what a salutation adds to a name
# How values look that are no words: by filter, then by base.
_FILTERED = {
    "wan": ("1元", "1万元", "1亿元"),
    "money": ("1元", "-1元"),
    "monthly_saving": ("1元", "-1元"),
    "percent": ("1%", "-1%"),
    "date": ("1月1日",),
}
_PLAIN = {"date": ("1-1-1",), "flag": ("yes", "no")}


def suspicion(stated: Iterable[BanSpec], copied: Copy, templates: Iterable[Folded]) -> exp.Expr:
    """Whether a text of these templates may break a ban."""
    bans = tuple(spec.ban for spec in stated)
    if not bans:
        return exp.false()
    touched, tests = _touched(bans), list[exp.Expr]()
    for parts in templates:
        if _certain(bans, parts, copied):
            return exp.true()
        for show in dict.fromkeys(shows(parts)):
            if not _samples(show, copied):
                shown = copied.text((show,))
                if show.path == ("customer",):
                    shown = call("regexp_replace", shown, text(_TITLES), text(""))
                tests.append(sure(exp.RegexpLike(this=shown, expression=text(touched))))
    return some(tests)


def _certain(bans: tuple[Ban, ...], parts: Folded, copied: Copy) -> bool:
    """Whether some value that holds no letter of any word can make the text break a ban: then everybody is suspect."""
    strict, every = lexicon(tuple(replace(ban, unless=()) for ban in bans)), _general(bans)
    for flat in flats(parts):
        fixed = [part.text for part in flat if isinstance(part, copy.Text)]
        lifted = {number for number, ban in enumerate(bans) if ban.unless and _says(ban.unless, fixed)}
        # Excuses have to stand in the same run: between runs a value may come between them.
        if any(hit.ban not in lifted and hit.how != "sounds" for run in fixed for hit in strict.find(run)):
            return True
        if any(_completes(every, flat, at, copied) for at, part in enumerate(flat) if isinstance(part, copy.Show)):
            return True
    return False


def _completes(every: Lexicon, flat: tuple[Flat, ...], at: int, copied: Copy) -> bool:
    """Whether a word reaches over or into one variable's place, where its value is empty, a mark, or one of its samples."""
    show = flat[at]
    assert isinstance(show, copy.Show)
    before, after = (_around(part for part in side) for side in (flat[:at], flat[at + 1 :]))
    if show.path == ("link",):
        return False
    argument = next((filter.argument for filter in show.filters if filter.argument), None)
    samples = [*(_samples(show, copied) or ("",)), *([argument] if argument else [])]
    if show.path == ("customer",):
        samples = [HOLE + "先生", HOLE + "女士", NOBODY]
    return any(_overlaps(every, before, sample, after) for sample in dict.fromkeys([*samples, ""]))


def _overlaps(every: Lexicon, before: str, value: str, after: str) -> bool:
    """Whether a word has a part in the value, or begins before an empty one and ends behind it."""
    left, middle, right = (_DIGITS.sub("1", one) for one in (before, value, after))
    found = [hit for hit in every.find(left + middle + right) if hit.how != "sounds"]
    return any(hit.start < len(left) + len(middle) and hit.end > len(left) for hit in found)


def _around(parts: Iterable[Flat]) -> str:
    return "".join(part.text if isinstance(part, copy.Text) else HOLE for part in parts)


def _samples(show: copy.Show, copied: Copy) -> tuple[str, ...]:
    """How its values are written, where that is no word of a customer's; empty where it may be any."""
    if show.path == ("link",):
        return (HOLE,)
    if show.path[0] == "plan":
        return tuple(one for shape in _FILTERED.values() for one in shape) + ("1", "-1")
    named = next((filter.name for filter in show.filters if filter.name in _FILTERED), None)
    if named:
        return _FILTERED[named]
    held: Held | None = copied.held.get(show.path)
    base = held[1] if held else "text"
    return _PLAIN.get(base, ("1", "-1") if base in _NUMBERS else ())


@cache
def _general(bans: tuple[Ban, ...]) -> Lexicon:
    """The same words without any excuse, each run of digits being any number."""
    return Lexicon([Ban(tuple(map(_numbered, ban.words)), (), ban.because) for ban in bans])


def _numbered(word: str) -> str:
    return "{number}".join(_DIGITS.sub("{number}", part) for part in word.split("{number}"))


@cache
def _touched(bans: tuple[Ban, ...]) -> str:
    return lexicon(bans).touched()


def _says(phrases: tuple[str, ...], runs: list[str]) -> bool:
    return any(lexicon((Ban(phrases, (), ""),)).find(run) for run in runs)
