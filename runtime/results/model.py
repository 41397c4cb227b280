"""What `camp report` tells: of a period, from the ledger, the receipts and the business events. Every form of it is made of this.

Shares lie between 0 and 1, money is in the brand's currency, instants carry their offset, hours and days are of the brand's zone.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from runtime.experiments.model import Experiment, Figure


class Share(Figure):
    """`count` of `of`, with the bounds of Wilson's 95 % interval (1927)."""

    count: int
    of: int
    low: float
    high: float


class Stage(Figure):
    """So many sends have come so far: `sent`, `delivered`, `clicked`, or a step of a declared funnel, each after the one before.

    kept: of the stage before; None of the first.
    """

    name: str
    title: str
    reached: int
    kept: Share | None


class Way(Figure):
    """A funnel of one group of a campaign's sends. drop: the place in `stages` that most are lost before; None where none is.

    funnel: its name, empty where the program declares none. by: `all`, `step`, `arm`, `segment` or `channel`; group: which.
    """

    funnel: str
    title: str
    by: str
    group: str
    stages: tuple[Stage, ...]
    drop: int | None


class Measured(Figure):
    """A declared measure of a campaign: a share of those who could, or a count with what each has cost."""

    name: str
    title: str
    share: Share | None
    count: int
    cost_each: Decimal | None


class Totals(Figure):
    """Counts of sends; `goals` attributed to them, each once, to the last touch. cost_per_goal: None without goals or prices."""

    planned: int
    sent: int
    delivered: int
    clicked: int
    replied: int
    opted_out: int
    held_out: int
    cancelled: int
    cost: Decimal | None
    goals: int | None
    cost_per_goal: Decimal | None


class CampaignResult(Figure):
    name: str
    title: str
    product: str | None
    totals: Totals
    ways: tuple[Way, ...]
    measures: tuple[Measured, ...]
    experiments: tuple[Experiment, ...]


class Hours(Figure):
    """Response by weekday (0 is Monday) and hour of the send. product: empty for campaigns without one."""

    product: str
    title: str
    sent: tuple[tuple[int, ...], ...]
    clicked: tuple[tuple[int, ...], ...]


class Touched(Figure):
    """Where a page is touched: counts over a grid of equal cells, rows from the top. outside: events beyond its bounds."""

    event: str
    page: str
    width: int
    height: int
    cells: tuple[tuple[int, ...], ...]
    outside: int


class CalendarDay(Figure):
    """Sends by hour of a local day, those that went and those that are planned, and in which hours nothing may go."""

    day: date
    sends: tuple[int, ...]
    quiet: tuple[bool, ...]


class CapUse(Figure):
    """How full a cap is: `people[k]` recipients have k of the `most` messages that it allows, in their fullest stretch."""

    policy: str
    rule: str
    said: str
    most: int
    people: tuple[int, ...]
    refused: int


class Bubble(Figure):
    """A message as one recipient reads it, with what could name them masked. rich: card and suggestions, as sends have them."""

    campaign: str
    step: str
    arm: str | None
    channel: str
    text: str
    segments: int | None
    rich: dict[str, object] | None
    confirm_channel: str | None
    confirm_text: str | None


class Report(Figure):
    """since and until: the period, half-open; sends count by their instant."""

    brand: str
    currency: str
    zone: str
    program: str
    since: datetime
    until: datetime
    totals: Totals
    campaigns: tuple[CampaignResult, ...]
    hours: tuple[Hours, ...]
    touched: tuple[Touched, ...]
    calendar: tuple[CalendarDay, ...]
    caps: tuple[CapUse, ...]
    bubbles: tuple[Bubble, ...]
