"""What campaigns and policies state, resolved: windows, starts, caps, bans. Plain immutable values, shared as behaviour.py's are.

Minutes count from midnight on the wall clock; lengths are microseconds; weekdays 0 (Monday) to 6.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dsl.behaviour import Selection


@dataclass(frozen=True, slots=True)
class Hours:
    """Half-open. `end` <= `begin` crosses midnight and belongs to the day it starts on."""

    begin: int
    end: int

    @property
    def length(self) -> int:
        """Minutes."""
        return (self.end - self.begin) % 1440 or 1440


@dataclass(frozen=True, slots=True)
class Window:
    """Where `on` is workdays, the brand's holiday calendar decides, make-up days included."""

    on: Literal["every", "days", "workdays"]
    days: tuple[int, ...]
    hours: Hours
    skip_holidays: bool = False


EVERY_DAY = Window("every", (), Hours(0, 1440))


@dataclass(frozen=True, slots=True)
class Once:
    """At the first run whose audience holds."""

    op: Literal["once"] = "once"


@dataclass(frozen=True, slots=True)
class Reaches:
    """At each event that lifts the count of the selection's window from `times` - 1 to `times`."""

    of: Selection
    times: int
    op: Literal["reaches"] = "reaches"


Start = Once | Reaches


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `count` sends of `kinds` (all where empty) in a calendar day, ISO week or month of the local date, or in any
    `days` consecutive local dates (rolling)."""

    count: int
    period: Literal["day", "week", "month", "rolling"]
    days: int = 0
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ban:
    """`words` may not stand in copy, except inside one of `allowed`."""

    words: tuple[str, ...]
    allowed: tuple[str, ...]
    because: str


@dataclass(frozen=True, slots=True)
class Element:
    """One line of a message. `text` is a Jinja template; `role` text stands alone, the five others in their order."""

    role: Literal["benefit", "scene", "trust", "incentive", "action", "text"]
    text: str
