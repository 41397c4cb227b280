"""Hits against labels, and alarms against messages that should have none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from math import sqrt

from benchmarks.lexicon.messages import Labelled, judged, ordinary
from benchmarks.lexicon.packs import Pack


@dataclass(frozen=True)
class Count:
    """Of one reason, or of any: found and labelled, found, labelled."""

    both: int
    found: int
    labelled: int

    @property
    def precision(self) -> str:
        return share(self.both, self.found)

    @property
    def recall(self) -> str:
        return share(self.both, self.labelled)


def counted(messages: Iterable[Labelled], find: Callable[[str], set[str]]) -> tuple[Count, dict[str, Count]]:
    """Of any reason at all; of each."""
    seen = [(find(one.text), one.reasons) for one in messages]
    names = sorted({name for pair in seen for names in pair for name in names})
    each = {name: _count((name in found, name in labels) for found, labels in seen) for name in names}
    return _count((bool(found), bool(labels)) for found, labels in seen), each


def _count(pairs: Iterable[tuple[bool, bool]]) -> Count:
    both = found = labels = 0
    for is_found, is_labelled in pairs:
        both += is_found and is_labelled
        found += is_found
        labels += is_labelled
    return Count(both, found, labels)


@dataclass(frozen=True)
class Alarms:
    """On ordinary messages: of how many, with a hit, with one that is an error; those read and found right, and false."""

    messages: int
    hit: int
    stopped: int
    right: int
    false: int


def alarms(pack: Pack, name: str) -> Alarms:
    texts, read = ordinary(name), judged()
    hit = {line: hits for line, text in texts.items() if (hits := pack.lexicon.find(text))}
    verdicts = [read.get((name, line)) for line in hit]
    stopped = sum(any(map(pack.stops, hits)) for hits in hit.values())
    return Alarms(len(texts), len(hit), stopped, verdicts.count("right"), verdicts.count("false"))


def plain_alarms(pack: Pack, name: str) -> int:
    return sum(1 for text in ordinary(name).values() if pack.plainly(text))


def share(part: int, whole: int) -> str:
    """With the Wilson interval that a share of so few has at 95 %."""
    if not whole:
        return "–"
    low, high = interval(part, whole)
    return f"{part / whole:.1%} ({part}/{whole}; {low:.0%}–{high:.0%})"


def interval(part: int, whole: int, z: float = 1.96) -> tuple[float, float]:
    middle = (part + z * z / 2) / (whole + z * z)
    half = z * sqrt(part * (whole - part) / whole + z * z / 4) / (whole + z * z)
    return middle - half, middle + half


def rows(counts: dict[str, Count], others: dict[str, Count]) -> Iterator[tuple[str, Count, Count]]:
    nothing = Count(0, 0, 0)
    for name in sorted({*counts, *others}):
        yield name, counts.get(name, nothing), others.get(name, nothing)
