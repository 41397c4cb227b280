"""Which findings are new: those that are not among others, known by their identity, each counted once.

What was a warning and is an error now is new; what has been lowered is not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from dsl.diagnostics import Severity
from dsl.severities import WEIGHTS, is_settled, weight
from runtime.report.fingerprints import Known


@dataclass(frozen=True)
class Entry:
    """`count` findings that are the same by all that is known of them."""

    code: str
    declaration: str
    severity: Severity
    identity: str
    count: int


@dataclass(frozen=True)
class Compared:
    """`hidden`: how many were there before. `gone`: how many of those before are found no longer."""

    new: tuple[Known, ...]
    hidden: int
    gone: int


def entries(found: Iterable[Known]) -> list[Entry]:
    counts: defaultdict[tuple[str, str, Severity, str], int] = defaultdict(int)
    for one in found:
        counts[one.finding.code, one.declaration, one.finding.severity, one.identity] += 1
    return [Entry(*key, count) for key, count in sorted(counts.items())]


def compared(found: Iterable[Known], before: Iterable[Entry]) -> Compared:
    pools: defaultdict[str, list[int]] = defaultdict(list)
    for entry in before:
        pools[entry.identity] += [weight(entry.severity)] * entry.count
    for pool in pools.values():
        pool.sort()
    new, hidden = [], 0
    for one in found:
        pool = pools[one.identity]
        least = next((at for at, heavy in enumerate(pool) if heavy >= weight(one.finding.severity)), None)
        if least is None:
            new.append(one)
        else:
            del pool[least]
            hidden += 1
    return Compared(tuple(new), hidden, sum(map(len, pools.values())))


def keepable(one: Known) -> bool:
    """Whether it may be passed over: what cannot be compiled is told until it is mended."""
    return not (one.finding.severity == WEIGHTS[-1] and is_settled(one.finding.code))
