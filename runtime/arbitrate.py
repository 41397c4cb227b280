"""Who may still be sent to: caps, in rank order, one recipient at a time. Dates are days since 1970.

Only what is contested comes here; everything else was accepted before. What a limit asks of a day is worked out once for each day
and laid out in small tables; the loop over candidates is in runtime/greedy.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from dsl.terms import Cap
from runtime.greedy import Ints, run

_EPOCH = date(1970, 1, 1)
Sent = tuple[int, str | None]  # what is told of an earlier send: its part (-1: of no campaign's own), and its kind


@dataclass(frozen=True)
class Limit:
    """A cap, and whose sends it counts: one part's of a campaign (its number) or everybody's (None)."""

    cap: Cap
    part: int | None
    rule: str
    flag: int | None = None  # the bit of a candidate's flags that has to be set for it to be held to this cap
    exempt: frozenset[str] = frozenset()  # kinds whose sends do not count
    more: Mapping[int, int] = field(default_factory=dict)  # by local date, what is allowed beyond the cap's count


def arbitrate(
    rows: Sequence[Ints],
    past: Sequence[Ints],
    sorts: Sequence[Sent],
    limits: Sequence[Limit],
    asks: Sequence[Sequence[int]],
    kinds: Sequence[str],
) -> Ints:
    """By candidate: -1 where it is sent, else the index in `limits` of the first that refuses.

    rows: recipient, part, local date and flags, by recipient, ascending, then in rank order. past: recipient (ascending),
    sort (of `sorts`) and local date. asks: by part, the limits that hold it, in the order they are asked. kinds: by part.
    """
    if not len(rows[0]) or not limits:
        return np.full(len(rows[0]), -1, np.int64)
    who, parts, days, flags = (column.astype(np.int64) for column in rows)
    since, until = int(days.min()), int(days.max())
    told = [*enumerate(kinds), *sorts]
    counted = np.array([[_counts(limit, *one) for limit in limits] for one in told], np.bool_)
    widest = max(map(len, asks)) + 1
    asked = np.array([[*mine, *[-1] * (widest - len(mine))] for mine in asks], np.int64)
    flag = np.array([-1 if limit.flag is None else limit.flag for limit in limits], np.int64)
    length = np.array([limit.cap.days if limit.cap.period == "rolling" else 0 for limit in limits], np.int64)
    every = range(since, until + 1)
    spans = np.array([[reach(limit.cap, day) for day in every] for limit in limits], np.int64)
    most = np.array([[limit.cap.count + limit.more.get(day, 0) for day in every] for limit in limits], np.int64)
    first, last = np.ascontiguousarray(spans[:, :, 0]), np.ascontiguousarray(spans[:, :, 1])
    before = [past[0].astype(np.int64), past[1].astype(np.int64) + len(kinds), past[2].astype(np.int64)]
    return run((who, parts, days, flags), before, (asked, counted, flag, length, first, last, most), since)


def _counts(limit: Limit, part: int, kind: str | None) -> bool:
    own = limit.part in (None, part) and kind not in limit.exempt
    return own and (not limit.cap.kinds or kind in limit.cap.kinds)


def reach(cap: Cap, day: int) -> tuple[int, int]:
    """The first and last day on which a send can matter to another on `day`: the calendar period, or what a stretch can hold."""
    match cap.period:
        case "day":
            return day, day
        case "rolling":
            return day - cap.days + 1, day + cap.days - 1
        case "week":
            monday = day - (_EPOCH + timedelta(days=day)).weekday()
            return monday, monday + 6
    month = (_EPOCH + timedelta(days=day)).replace(day=1)
    following = (month + timedelta(days=32)).replace(day=1)
    return (month - _EPOCH).days, (following - _EPOCH).days - 1
