"""Findings that a comment allows for a while, with its reason: told apart from the others, and never lost.

Applied to findings that are there already, not while they are looked for: what is kept between two checks
(runtime/incremental.py) knows nothing of comments, of camp.toml or of today. A project without a `# camp:` comment pays for a
search of its texts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from dsl.diagnostics import Diagnostic, Place
from dsl.severities import is_settled
from dsl.source import Source, Span

if TYPE_CHECKING:
    from dsl.allowing.comments import Allow

# Chinese keyboards write ＃ and ：, which a comment keeps (everywhere else they are read as what is meant, and told).
_ASKS = re.compile(r"[#＃][ \t\u3000]*camp[ \t\u3000]*[:：]")


@dataclass(frozen=True)
class Allowed:
    """`until`: the last day. `place`: of the comment."""

    finding: Diagnostic
    until: date
    reason: str
    place: Place


@dataclass(frozen=True)
class Judged:
    found: tuple[Diagnostic, ...]
    allowed: tuple[Allowed, ...] = ()


def judged(found: Sequence[Diagnostic], sources: Iterable[Source], today: date) -> Judged:
    """The findings that stand, those that are allowed, and (among the first) what is wrong with comments that allow some."""
    asking = [source for source in sources if _ASKS.search(source.text)]
    if not asking:
        return Judged(tuple(found))
    from dsl.rules import allows

    allowing: list[Allow] = []
    stand: list[Diagnostic] = []
    for source in asking:
        for allow, problems in _read(source, today):
            allowing += [allow] if allow else []
            stand += problems
    covering = _covering(found, allowing)
    allowed, used = [], set()
    for one in found:
        covered = covering.get(one)
        if covered:
            last = covered[-1]
            allowed.append(Allowed(one, last.until, last.reason, last.place))
            used |= {(id(allow), one.code) for allow in covered}
        else:
            stand.append(one)
    # Where something cannot be read, not everything was looked for.
    if not any(one.severity == "error" and is_settled(one.code) for one in found):
        stand += [
            allows.allow_unused(place, code)
            for allow in allowing
            for code, place in allow.codes
            if (id(allow), code) not in used
        ]
    return Judged(tuple(stand), tuple(allowed))


def _read(source: Source, today: date) -> Iterator[tuple[Allow | None, list[Diagnostic]]]:
    from dsl.allowing.comments import read
    from dsl.allowing.reach import Reach
    from dsl.parser.cut import cut
    from dsl.parser.fullwidth import narrowed

    narrow, _ = narrowed(source)
    whole, _ = cut(narrow)
    reach = Reach(narrow.text, whole)
    for comment in whole.comments:
        asked = _ASKS.search(source.text, comment.span.start, comment.span.end)
        if asked:
            place = Place(source, Span(asked.start(), comment.span.start + len(comment.text.rstrip())))
            yield read(place, asked.end(), reach.of(comment), today)


def _covering(found: Iterable[Diagnostic], allowing: Iterable[Allow]) -> dict[Diagnostic, list[Allow]]:
    """The comments that cover each finding, the nearest last: one pass over both, however many there are."""
    by_code: dict[tuple[str, str], list[Allow]] = {}
    for allow in allowing:
        for code in dict.fromkeys(code for code, _ in allow.codes):
            by_code.setdefault((allow.place.source.path, code), []).append(allow)
    for waiting in by_code.values():
        waiting.sort(key=lambda allow: allow.covers.start, reverse=True)
    covering: dict[Diagnostic, list[Allow]] = {}
    begun: dict[tuple[str, str], list[Allow]] = {}
    for one in sorted(found, key=lambda one: one.span.start):
        key = one.source.path, one.code
        waiting, at = by_code.get(key, []), one.span.start
        active = [allow for allow in begun.get(key, []) if at < allow.covers.end]
        while waiting and waiting[-1].covers.start <= at:
            allow = waiting.pop()
            active += [allow] if at < allow.covers.end else []
        begun[key] = active
        if active:
            covering[one] = sorted(active, key=lambda allow: allow.place.span.start)
    return covering
