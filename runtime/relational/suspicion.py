"""Whose texts may say a banned word: an engine's expression that misses none, and is false for nearly everybody.

The compiler has judged what is fixed. What is left are the values that customers bring: one that shares no letter with any word,
however disguised, completes none. What values of other kinds do (completed.py) is looked at once for all customers.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from sqlglot import exp

from dsl.lexicon import lexicon
from dsl.lexicon.inverse import character_class, sources
from dsl.lexicon.negation import turning
from dsl.lexicon.pattern import Pattern
from dsl.program.ir import BanSpec
from dsl.render.filters import NOBODY
from dsl.templates.ways import shows
from dsl.terms import Ban
from runtime.relational.completed import Outlook, outlook, samples
from runtime.relational.copy import Copy
from runtime.relational.folded import Folded
from runtime.relational.sql import call, some, sure, text

_TITLES = "先生$|女士$|^" + NOBODY + "$"  # what a salutation adds to a name
# They make one mark of two, or a mark of a digit: letters that were too far apart are of one word then.
_BINDING = "\u200d\u20e3"
_IDEOGRAPHS = r"\x{4e00}-\x{9fff}"


def suspicion(stated: Iterable[BanSpec], copied: Copy, templates: Iterable[Folded]) -> exp.Expr:
    """Whether a text of these templates may break a ban."""
    bans = tuple(spec.ban for spec in stated)
    if not bans:
        return exp.false()
    tests: list[exp.Expr] = []
    for parts in templates:
        found = outlook(bans, parts, copied.held)
        if found is Outlook.CERTAIN:
            return exp.true()
        letters = _touched(bans) if found is Outlook.CLEAR else _undoing(bans)
        for show in dict.fromkeys(shows(parts)):
            if not samples(show, copied.held):
                shown = copied.text((show,))
                if show.path == ("customer",):
                    shown = call("regexp_replace", shown, text(_TITLES), text(""))
                tests.append(sure(exp.RegexpLike(this=shown, expression=text(letters))))
    return some(tests)


@cache
def _touched(bans: tuple[Ban, ...]) -> str:
    return f"{lexicon(bans).touched()}|[{_BINDING}]"


@cache
def _undoing(bans: tuple[Ban, ...]) -> str:
    """What may take an excuse away besides: what denies a denial, and all but ideographs: blanks, letters at a phrase's edge."""
    denying = character_class(sources(map(Pattern, turning())))
    return f"{_touched(bans)}|{denying}|[^{_IDEOGRAPHS}]"
