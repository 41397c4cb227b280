"""The one loop of caps: each candidate in the order of rank is accepted where every limit that holds it has room left.

It is written in what numba compiles and Python runs as it stands, so that there is one meaning: with the extra `fast`, and enough
candidates to be worth the second that this takes, `decide` is machine code over arrays; else plain Python over lists.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from runtime.compiled import compiled

MANY = 200_000  # candidates: fewer are decided sooner than the compiled loop is loaded
Ints = npt.NDArray[np.int64]


def decide(
    who: Any, code: Any, day: Any, flags: Any, past_who: Any, past_code: Any, past_day: Any,
    asks: Any, counted: Any, flag: Any, length: Any, first: Any, last: Any, most: Any,
    since: int, taken_day: Any, taken_code: Any, answers: Any,
) -> None:  # fmt: skip
    """Sets `answers`, by candidate: -1 where it is sent, else the first limit that refuses.

    Candidates (who, code: the part, day, flags) and the past (code: a row of `counted`) are grouped by who, ascending.
    asks[part]: the limits that hold it, in their order, ended by -1. counted[code][limit]: whether a send of that code counts.
    By limit: flag, the bit that a candidate's flags need for it to hold, -1 for none; length, of a rolling cap, else 0.
    By limit and day after `since`: first and last, the days that matter; most, how many may be sent. taken_…: room to work in.
    """
    at, size, recipient = 0, 0, -1
    for i in range(len(who)):
        if who[i] != recipient:
            recipient, size = who[i], 0
            while at < len(past_who) and past_who[at] < recipient:
                at += 1
            while at < len(past_who) and past_who[at] == recipient:
                taken_day[size], taken_code[size] = past_day[at], past_code[at]
                size += 1
                at += 1
        today, refused = day[i] - since, -1
        for one in asks[code[i]]:
            if one < 0:
                break
            if flag[one] >= 0 and not (flags[i] >> flag[one]) & 1:
                continue
            low, high, room = first[one][today], last[one][today], most[one][today]
            near = 0
            for t in range(size):
                if low <= taken_day[t] <= high and counted[taken_code[t]][one]:
                    near += 1
            if near < room:
                continue
            if length[one] > 0 and room > 0:
                # The fullest stretch can be slid later until it starts at a date that is there, or at this one.
                fullest = 0
                for s in range(-1, size):
                    start = day[i]
                    if s >= 0:
                        start = taken_day[s]
                        if start < low or start > day[i] or not counted[taken_code[s]][one]:
                            continue
                    inside = 0
                    for t in range(size):
                        if start <= taken_day[t] < start + length[one] and counted[taken_code[t]][one]:
                            inside += 1
                    if inside > fullest:
                        fullest = inside
                if fullest < room:
                    continue
            refused = one
            break
        answers[i] = refused
        if refused < 0:
            taken_day[size], taken_code[size] = day[i], code[i]
            size += 1


def run(rows: Sequence[Ints], past: Sequence[Ints], tables: Sequence[npt.NDArray[Any]], since: int) -> Ints:
    """`decide` for candidates (who, code, day, flags), the past (who, code, day) and the tables between them."""
    count = len(rows[0])
    room = count + len(past[0])  # nobody takes more
    work = [np.zeros(room, np.int64), np.zeros(room, np.int64), np.full(count, -1, np.int64)]
    loop = compiled(decide) if count >= MANY else None
    if loop is not None:
        loop(*rows, *past, *tables, since, *work)
        return work[-1]
    lists = [[column.tolist() for column in group] for group in (rows, past, tables, work)]
    plainly: Callable[..., None] = decide
    plainly(*lists[0], *lists[1], *lists[2], since, *lists[3])
    return np.array(lists[3][-1], np.int64)
