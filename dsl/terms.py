"""What campaigns and policies state, resolved: windows, starts, caps, bans. Plain immutable values, shared as behaviour.py's are.

Minutes count from midnight on the wall clock; lengths are microseconds; weekdays 0 (Monday) to 6.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from dsl.behaviour import Condition, Followed, Selection


@dataclass(frozen=True)
class Hours:
    """Half-open. `end` <= `begin` crosses midnight and belongs to the day it starts on."""

    begin: int
    end: int

    @property
    def length(self) -> int:
        """Minutes."""
        return (self.end - self.begin) % 1440 or 1440


@dataclass(frozen=True)
class Quiet:
    """Hours in which nothing is sent, on the days that they begin on: on every day, on some weekdays, or on holidays."""

    hours: Hours
    days: tuple[int, ...] = ()
    holidays: bool = False


@dataclass(frozen=True)
class Window:
    """Where `on` is workdays, the brand's holiday calendar decides, make-up days included.

    best: of these hours the one in which the customer has clicked most often, by the clock of the customer's zone.
    """

    on: Literal["every", "days", "workdays"]
    days: tuple[int, ...]
    hours: Hours
    skip_holidays: bool = False
    best: bool = False


@dataclass(frozen=True)
class YearDays:
    """Month-day to month-day of every year, both in, as "02-15"; `last` < `first` runs over new year."""

    first: str
    last: str


@dataclass(frozen=True)
class Days:
    """From a date to a date, both in."""

    first: date
    last: date


Calendar = Window | YearDays | Days
EVERY_DAY = Window("every", (), Hours(0, 1440))


@dataclass(frozen=True)
class Once:
    """At the first run whose audience holds."""

    op: Literal["once"] = "once"


@dataclass(frozen=True)
class Reaches:
    """At each event that lifts the count of the selection's window from `times` - 1 to `times`."""

    of: Selection
    times: int
    op: Literal["reaches"] = "reaches"


@dataclass(frozen=True)
class SumReaches:
    """At each event that lifts the sum of a property over the selection's window to at least `amount` from below it."""

    property: str
    of: Selection
    amount: str
    op: Literal["sum_reaches"] = "sum_reaches"


@dataclass(frozen=True)
class Happens:
    """At each such event."""

    of: Selection
    op: Literal["happens"] = "happens"


@dataclass(frozen=True)
class Pattern:
    """When the pattern comes true of an event: at the first answer, or when the time for one has run out."""

    of: Followed
    op: Literal["pattern"] = "pattern"


@dataclass(frozen=True)
class Monthly:
    """At the first instant of a day of each month; of its last day where it is shorter."""

    day: int
    op: Literal["monthly"] = "monthly"


@dataclass(frozen=True)
class Weekly:
    """At the first instant of a weekday (0 is Monday)."""

    weekday: int
    op: Literal["weekly"] = "weekly"


@dataclass(frozen=True)
class BeforeDate:
    """At the first instant of the day that lies so many days before a date field."""

    field: str
    days: int
    op: Literal["before_date"] = "before_date"


@dataclass(frozen=True)
class BeforeHoliday:
    """At the first instant of the day that lies so many days before the first day of each holiday (of that name)."""

    days: int
    name: str | None = None
    op: Literal["before_holiday"] = "before_holiday"


Happening = Reaches | SumReaches | Happens | Pattern
Dated = Monthly | Weekly | BeforeHoliday
Start = Once | Happening | Dated | BeforeDate


@dataclass(frozen=True)
class Cap:
    """At most `count` sends of `kinds` (all where empty) in a calendar day, ISO week or month of the local date, or in any
    `days` consecutive local dates (rolling).

    when: who is held to it, by the date of sending. exempt: kinds that neither obey nor count. extras: what is added before
    holidays. Both come from the policy that states the cap.
    """

    count: int
    period: Literal["day", "week", "month", "rolling"]
    days: int = 0
    kinds: tuple[str, ...] = ()
    when: Condition | None = None
    exempt: tuple[str, ...] = ()
    extras: tuple[Extra, ...] = ()


@dataclass(frozen=True)
class Block:
    """Nothing of these kinds is sent to a customer for whom the test holds on the date of sending."""

    kinds: tuple[str, ...]
    when: Condition


@dataclass(frozen=True)
class Extra:
    """`count` more in caps of the period that count only some of these kinds, within `days` before a holiday's first day."""

    count: int
    kinds: tuple[str, ...]
    period: Literal["day", "week", "month"]
    days: int


@dataclass(frozen=True)
class Ban:
    """`words` may not stand in copy, except inside one of `allowed`, or where the text says one of `unless` as well.

    `{number}` in a word stands for any number. say: what could be written instead, as a template over the product's facts.
    fact: products that state this fact may be spoken of so.
    """

    words: tuple[str, ...]
    allowed: tuple[str, ...]
    because: str
    unless: tuple[str, ...] = ()
    say: str = ""
    fact: str = ""


@dataclass(frozen=True)
class Refusal:
    """What a policy does not take: any of the characters in `text` in a message's own words, two variables without a word
    between them, or products that have the fact `text`."""

    what: Literal["characters", "together", "products"]
    because: str
    text: str = ""


@dataclass(frozen=True)
class Links:
    """Which hosts a message may name: only these; or where `never`, none of these, and where there are none, no link at all."""

    hosts: tuple[str, ...]
    never: bool = False


@dataclass(frozen=True)
class Element:
    """One line of a message. `text` is a Jinja template; `role` text stands alone, the five others in their order."""

    role: Literal["benefit", "scene", "trust", "process", "incentive", "action", "text"]
    text: str


@dataclass(frozen=True)
class Card:
    """What a rich message shows. `title` and `text` are templates, `image` and `video` web addresses; empty: none."""

    title: str = ""
    text: str = ""
    image: str = ""
    video: str = ""


@dataclass(frozen=True)
class Suggestion:
    """A button of a rich message: it opens the message's link, or sends its label back as a reply."""

    label: str
    action: Literal["link", "reply"]


@dataclass(frozen=True)
class Instalments:
    """A loan that a product offers: so many monthly instalments at a yearly rate; `former`: the rate that it was before."""

    months: int
    rate: str
    former: str | None = None
