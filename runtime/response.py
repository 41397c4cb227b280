"""A customer's best hour: their own clicks, shrunk towards how a product's messages are answered, in whole numbers.

docs/decisions/best-hour.md says why it is counted this way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dsl.program.ir import CampaignSpec
from dsl.terms import Hours, Window

CLICK = 1000  # points of an own click: as many as an hour has whose messages are answered as often as on average
SMOOTH = 100  # an hour is judged as if so many more messages had gone in it, answered as often as on average

Asked = tuple[str | None, Hours]  # the product of the campaign that asks, and the hours of its window
Counts = Mapping[
    int, tuple[int, int]
]  # by hour of the clock: messages that went in it, and how many of them were clicked


@dataclass(frozen=True)
class Response:
    """How messages of a product (None: all messages) that went within some hours were answered."""

    product: str | None
    hours: Hours
    counts: Counts = field(default_factory=dict)

    @property
    def points(self) -> dict[int, int]:
        """By hour, how often its messages are clicked, as thousandths of the average; empty where nothing was clicked."""
        sent = sum(one for one, _ in self.counts.values())
        clicked = sum(one for _, one in self.counts.values())
        if not clicked:
            return {}
        found = {}
        for hour in within(self.hours):
            went, answered = self.counts.get(hour, (0, 0))
            found[hour] = CLICK * (answered * sent + SMOOTH * clicked) // ((went + SMOOTH) * clicked)
        return found


def asked(campaign: CampaignSpec, window: Window | None) -> Asked | None:
    """Whose answers a window of a campaign asks for; None where it asks for no best hour."""
    return (campaign.product, window.hours) if window and window.best else None


def within(hours: Hours) -> range:
    """The hours of the clock that some hours of one day touch."""
    return range(hours.begin // 60, (hours.begin + hours.length - 1) // 60 + 1)


def scores(own: Mapping[int, int], points: Mapping[int, int]) -> dict[int, int]:
    """By hour, a customer's clicks and the product's points together."""
    return {hour: own.get(hour, 0) * CLICK + points.get(hour, 0) for hour in sorted({*own, *points})}


def best(own: Mapping[int, int], points: Mapping[int, int]) -> int | None:
    """The hour with most, of equals the earliest; None where nothing tells the hours apart."""
    found = scores(own, points)
    if not own and len(set(found.values())) < 2:
        return None
    return min(found, key=lambda hour: (-found[hour], hour))


def gathered(questions: Iterable[Asked], rows: Iterable[tuple[str | None, int, int, int]]) -> dict[Asked, Response]:
    """Rows: product, minute of the day, messages that went then, how many of them were clicked."""
    kept, found = list(rows), {}
    for product, hours in questions:
        counts: dict[int, tuple[int, int]] = {}
        for of, minute, sent, clicked in kept:
            if (product is None or of == product) and hours.begin <= minute < hours.begin + hours.length:
                before = counts.get(minute // 60, (0, 0))
                counts[minute // 60] = (before[0] + sent, before[1] + clicked)
        found[product, hours] = Response(product, hours, counts)
    return found


def written(responses: Iterable[Response]) -> list[dict[str, Any]]:
    """As summary.json has them: a row for each hour in which messages went."""
    return [
        {"product": one.product, "hours": _text(one.hours), "hour": hour, "sent": sent, "clicked": clicked}
        for one in responses
        for hour, (sent, clicked) in sorted(one.counts.items())
    ]


def read(rows: Iterable[Mapping[str, Any]]) -> dict[Asked, Response]:
    """The same, from the rows of a summary."""
    found: dict[Asked, dict[int, tuple[int, int]]] = {}
    for row in rows:
        hours = Hours(*(int(clock[:2]) * 60 + int(clock[3:]) for clock in row["hours"].split("-")))
        found.setdefault((row["product"], hours), {})[row["hour"]] = (row["sent"], row["clicked"])
    return {question: Response(*question, counts) for question, counts in found.items()}


def _text(hours: Hours) -> str:
    return "-".join(f"{minute // 60:02}:{minute % 60:02}" for minute in (hours.begin, hours.end))
