"""`window best of …`: how messages have been answered, hour by hour, and the hour that comes out for one customer."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dsl.catalog import CLICK_EVENT, IGNORED_AFTER_HOURS, TASK
from dsl.program.ir import CampaignSpec, Program
from dsl.program.parts import parts
from dsl.terms import Hours, Window
from runtime.openings import local
from runtime.reference.data import Past, Person
from runtime.response import Asked, Response, asked, best

_ANSWERED = timedelta(hours=IGNORED_AFTER_HOURS)


@dataclass(frozen=True)
class Learned:
    """own: the customer's clicks by hour. response: how the product's messages are answered."""

    own: Mapping[int, int]
    response: Response
    hour: int | None


def learned(campaign: CampaignSpec, window: Window | None, who: Person) -> Learned | None:
    """None where the window asks for no best hour."""
    question = asked(campaign, window)
    if question is None:
        return None
    response = who.responses.get(question, Response(*question))
    clocks = [local(click.at, who.zone) for click in who.events.get(CLICK_EVENT, ())]
    own = Counter(clock.hour for clock in clocks if _inside(response.hours, clock))
    return Learned(own, response, best(own, response.points))


def best_hour(campaign: CampaignSpec, window: Window | None, who: Person) -> int | None:
    """The hour of the window that is this customer's; None: all of it."""
    found = learned(campaign, window, who)
    return found.hour if found else None


def responses(
    program: Program, known: Mapping[str, Person], past: Iterable[Past], at: datetime
) -> dict[Asked, Response]:
    """What every part that asks for a best hour may know of its product."""
    questions = {question for part in parts(program) if (question := asked(part.campaign, part.window))}
    if not questions:
        return {}
    products: dict[str, str | None] = {one.name: one.product for one in program.campaigns}
    mine: dict[str, list[Past]] = defaultdict(list)
    for row in past:
        if row.outcome == "send" and row.channel != TASK and row.at is not None and row.at <= at:
            mine[row.customer].append(row)
    counts: dict[Asked, dict[int, tuple[int, int]]] = {question: {} for question in questions}
    for key, sent in mine.items():
        for row, clicked in _answers(known[key], sent, at) if key in known else ():
            assert row.at is not None
            clock = local(row.at, known[key].zone)
            for product, hours in questions:
                if product in (None, products.get(row.campaign)) and _inside(hours, clock):
                    went, answered = counts[product, hours].get(clock.hour, (0, 0))
                    counts[product, hours][clock.hour] = (went + 1, answered + clicked)
    return {question: Response(*question, found) for question, found in counts.items()}


def _answers(who: Person, sent: list[Past], at: datetime) -> list[tuple[Past, bool]]:
    """Each message whose time to be answered is over, and whether it was: a click answers the latest message before it."""
    order: Any = sorted(sent, key=lambda row: (row.at, row.campaign, row.step, row.occurrence))
    answered = set()
    for click in who.events.get(CLICK_EVENT, ()):
        before = [place for place, row in enumerate(order) if row.at < click.at]
        if before and click.at <= order[before[-1]].at + _ANSWERED:
            answered.add(before[-1])
    return [(row, place in answered) for place, row in enumerate(order) if row.at + _ANSWERED <= at]


def _inside(hours: Hours, clock: datetime) -> bool:
    return hours.begin <= clock.hour * 60 + clock.minute < hours.begin + hours.length
