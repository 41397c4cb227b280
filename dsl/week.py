"""A week as 10,080 minutes from Monday midnight, for what can be said about windows before any calendar is known."""

from __future__ import annotations

from collections.abc import Iterable

from dsl.terms import EVERY_DAY, Hours, Quiet, Window

MINUTES = 7 * 1440
Openings = list[tuple[int, int]]


def openings(window: Window | None, quiets: Iterable[Quiet]) -> Openings:
    """The minutes of a week inside the window and outside the quiet hours, as sorted half-open runs within the week.

    Workdays count as Monday to Friday, and no day is a holiday. A run over the week's end is cut there.
    """
    window = window or EVERY_DAY
    days = window.days if window.on == "days" else tuple(range(5)) if window.on == "workdays" else tuple(range(7))
    allowed = bytearray(MINUTES)
    _fill(allowed, days, window.hours, 1)
    for quiet in quiets:
        if not quiet.holidays:
            _fill(allowed, quiet.days or tuple(range(7)), quiet.hours, 0)
    found: Openings = []
    start = allowed.find(1)
    while start >= 0:
        end = allowed.find(0, start)
        found.append((start, end if end >= 0 else MINUTES))
        start = allowed.find(1, found[-1][1])
    return found


def longest_gap(found: Openings) -> int:
    """Minutes of the longest wait from the end of one opening to the next, the week being a circle."""
    if not found:
        return MINUTES
    following = [*found[1:], (found[0][0] + MINUTES, 0)]
    return max(nxt[0] - end for (_, end), nxt in zip(found, following, strict=True))


def _fill(minutes: bytearray, days: tuple[int, ...], hours: Hours, value: int) -> None:
    for day in days:
        begin = day * 1440 + hours.begin
        end = begin + hours.length
        within, over = min(end, MINUTES), max(end - MINUTES, 0)
        minutes[begin:within] = bytes([value]) * (within - begin)
        minutes[:over] = bytes([value]) * over
