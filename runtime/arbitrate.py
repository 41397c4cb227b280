"""Who may still be sent to: caps, in rank order, one recipient at a time.

A plain loop over the few recipients for whom anything is contested; everyone else was accepted before. Dates are days
since 1970.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from dsl.terms import Cap

_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Limit:
    """A cap, and whose sends it counts: one part's of a campaign (its number) or everybody's (None)."""

    cap: Cap
    part: int | None
    rule: str
    flag: int | None = None  # the bit of a candidate's flags that has to be set for it to be held to this cap
    exempt: frozenset[str] = frozenset()  # kinds whose sends do not count
    more: Mapping[int, int] = field(default_factory=dict)  # by local date, what is allowed beyond the cap's count


@dataclass
class _Taken:
    """The local dates of what was sent to one recipient, sorted, for each limit that counts them."""

    dates: dict[int, list[int]] = field(default_factory=dict)


def arbitrate(
    candidates: Sequence[tuple[int, int, int, int]],
    past: Sequence[tuple[int, int, str | None, int]],
    limits: Sequence[Limit],
    asks: Sequence[Sequence[int]],
    kinds: Sequence[str],
) -> list[int]:
    """For each candidate (recipient, part, local date, flags), in rank order within each recipient: -1 where it is sent,
    else the index in `limits` of the first that refuses.

    past: (recipient, part or -1, kind, local date), grouped by recipient in the same ascending order. asks: by part,
    the limits that hold its candidates, in the order they are asked. kinds: by part.
    """
    counted = [
        [one for one, limit in enumerate(limits) if _counts(limit, number, kind)] for number, kind in enumerate(kinds)
    ]
    answers: list[int] = []
    at, recipient, taken = 0, -1, _Taken()
    for who, part, day, flags in candidates:
        if who != recipient:
            recipient, taken = who, _Taken()
            while at < len(past) and past[at][0] < who:
                at += 1
            while at < len(past) and past[at][0] == who:
                _, number, kind, sent = past[at]
                for one, limit in enumerate(limits):
                    if _counts(limit, number, kind):
                        insort(taken.dates.setdefault(one, []), sent)
                at += 1
        held = (one for one in asks[part] if _holds(limits[one], flags))
        refused = next((one for one in held if _full(limits[one], taken.dates.get(one, []), day)), -1)
        answers.append(refused)
        if refused < 0:
            for one in counted[part]:
                insort(taken.dates.setdefault(one, []), day)
    return answers


def _counts(limit: Limit, part: int, kind: str | None) -> bool:
    own = limit.part in (None, part) and kind not in limit.exempt
    return own and (not limit.cap.kinds or kind in limit.cap.kinds)


def _holds(limit: Limit, flags: int) -> bool:
    return limit.flag is None or bool(flags >> limit.flag & 1)


def _full(limit: Limit, dates: list[int], day: int) -> bool:
    """Whether one more send on `day` would break the cap."""
    cap, most = limit.cap, limit.cap.count + limit.more.get(day, 0)
    if not dates and most > 0:
        return False
    if cap.period == "rolling":
        return _densest(dates, day, cap.days) + 1 > most
    first, last = period(cap, day)
    return bisect_right(dates, last) - bisect_left(dates, first) + 1 > most


def _densest(dates: list[int], day: int, length: int) -> int:
    """The most dates in any `length` consecutive days that include `day`."""
    near = dates[bisect_left(dates, day - length + 1) : bisect_right(dates, day + length - 1)]
    # The fullest stretch can be slid later until it starts at a date that is there, or at `day` itself.
    starts = [one for one in near if one <= day] + [day]
    return max(bisect_right(near, start + length - 1) - bisect_left(near, start) for start in starts)


def period(cap: Cap, day: int) -> tuple[int, int]:
    """First and last day of the calendar period that holds a day."""
    if cap.period == "day":
        return day, day
    local = _EPOCH + timedelta(days=day)
    if cap.period == "week":
        return day - local.weekday(), day - local.weekday() + 6
    following = (local.replace(day=1) + timedelta(days=32)).replace(day=1)
    return (local.replace(day=1) - _EPOCH).days, (following - _EPOCH).days - 1
