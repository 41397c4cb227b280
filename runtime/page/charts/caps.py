"""How many people have how many of the messages that a cap allows."""

from __future__ import annotations

from dataclasses import dataclass

from runtime.results.model import CapUse

# More numbers than this are told together, as 6–10.
_ROWS = 12


@dataclass(frozen=True)
class Fill:
    """So many have `first` to `last` messages. full: no more may follow. width: in per cent of the longest."""

    first: int
    last: int
    people: int
    full: bool
    width: float


def fills(cap: CapUse) -> tuple[Fill, ...]:
    """Those who are at the limit stand alone, whatever is told together."""
    below, full = cap.people[: cap.most], sum(cap.people[cap.most :])
    step = -(-len(below) // _ROWS) or 1
    spans = [
        (first, min(first + step, len(below)) - 1, sum(below[first : first + step]), False)
        for first in range(0, len(below), step)
    ]
    spans.append((cap.most, cap.most, full, True))
    longest = max(people for _, _, people, _ in spans) or 1
    return tuple(Fill(*span, round(100 * span[2] / longest, 2)) for span in spans)
