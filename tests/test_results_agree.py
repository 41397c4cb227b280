"""A report over random decisions and events says what plain Python says of them: loops over lists, as the words define it."""

from __future__ import annotations

import os
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.results import DAY, HOUR, NOON, PEOPLE, Event, Send, of, reached, reported

EXAMPLES = int(os.environ.get("CAMP_REPORTS", "3"))
SINCE, UNTIL = NOON, NOON + 9 * DAY
GOALS = {"one": (2 * DAY, ("x", "y")), "two": (5 * DAY, ("x",))}
TEN, FIVE = 10 * DAY, 5 * DAY

# Few instants, so that ties and edges are met often.
_INSTANTS = st.sampled_from([NOON + at * 12 * HOUR for at in range(-2, 20)])
_WHO = st.sampled_from(PEOPLE)
_SENDS = st.lists(st.tuples(st.sampled_from(["one", "two", "still"]), _WHO, _INSTANTS), max_size=12)
_EVENTS = st.lists(st.tuples(st.sampled_from(["looked", "applied", "funded", "clicked"]), _WHO, _INSTANTS), max_size=30)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(_SENDS, _EVENTS, st.data())
def test_the_report_says_what_its_words_say(
    written: list[tuple[str, str, datetime]], happened: list[tuple[str, str, datetime]], data: st.DataObject
) -> None:
    sends = [Send(campaign, who, at, f"s{number:02}") for number, (campaign, who, at) in enumerate(written)]
    products = data.draw(st.lists(st.sampled_from("xy"), min_size=len(happened), max_size=len(happened)))
    names = data.draw(st.lists(st.booleans(), min_size=len(happened), max_size=len(happened)))
    events = [
        _event(number, *one, product=products[number], named=names[number], sends=sends)
        for number, one in enumerate(happened)
    ]
    with TemporaryDirectory() as folder:
        found = reported(Path(folder), sends, events, since=SINCE, until=UNTIL)
    counted = {one.id: one for one in sends if SINCE <= one.at < UNTIL}
    known = [one for one in events if one.at < UNTIL]
    goals = Counter(
        last.campaign
        for one in known
        if one.name == "applied"
        and (last := _touch(one, [each for each in sends if _aimed(each, one)])) is not None
        and last.id in counted
    )
    assert {name: of(found, name).totals.goals for name in GOALS} == {name: goals[name] for name in GOALS}
    assert found.totals.goals == sum(goals.values())
    clicks = {one.id: [click.at for click in known if _answers(click, one, sends)] for one in sends}
    for campaign in ("one", "two", "still"):
        mine = [one for one in counted.values() if one.campaign == campaign]
        depths = [_depth(one, clicks[one.id], known) for one in mine]
        if mine:
            told = reached(found, campaign)
            assert told == [sum(depth >= stage for depth in depths) for stage in range(6)]
            assert told == sorted(told, reverse=True)
        priced = {one.name: one for one in of(found, campaign).measures}
        funded = [one for one in known if one.name == "funded"]
        touched = [one for one in funded if (last := _touch(one, _near(one, sends, TEN))) and last in mine]
        assert not mine or priced["price"].count == len(touched)
        approved = _approved(known, sends, mine)
        share = priced["approval"].share if mine else None
        assert (share and (share.count, share.of)) == (approved if approved and approved[1] else None)


def _event(number: int, name: str, who: str, at: datetime, product: str, named: bool, sends: list[Send]) -> Event:
    values = {"looked": ("p",), "applied": (product,)}.get(name, ())
    about = next((one.id for one in sends if one.customer == who), None) if named and name == "clicked" else None
    return Event(name, who, at, f"e{number:02}", values, about)


def _near(event: Event, sends: list[Send], within: timedelta) -> list[Send]:
    mine = [one for one in sends if one.customer == event.customer]
    return [one for one in mine if one.at < event.at <= one.at + within]


def _aimed(send: Send, event: Event) -> bool:
    within, products = GOALS.get(send.campaign, (DAY, ()))
    return event.values[0] in products and bool(_near(event, [send], within))


def _touch(event: Event, among: list[Send]) -> Send | None:
    return max(among, key=lambda one: (one.at, one.id), default=None)


def _answers(click: Event, send: Send, sends: list[Send]) -> bool:
    if click.name != "clicked":
        return False
    if click.send is not None:
        return click.send == send.id
    before = [one for one in sends if one.customer == click.customer and one.at <= click.at and one.at < UNTIL]
    return _touch(click, before) == send


def _depth(send: Send, clicks: list[datetime], events: list[Event]) -> int:
    if not clicks:
        return 0
    start, best = min(clicks), 2
    mine = [one for one in events if one.customer == send.customer]
    for look in (one for one in mine if one.name == "looked" and start < one.at <= start + TEN):
        best = max(best, 3)
        for ask in (one for one in mine if one.name == "applied" and look.at < one.at <= look.at + TEN):
            best = max(best, 4)
            if any(one.name == "funded" and ask.at < one.at <= look.at + TEN for one in mine):
                best = 5
    return best


def _approved(events: list[Event], sends: list[Send], mine: list[Send]) -> tuple[int, int] | None:
    """Of the customers whose application counts for these messages, how many got money in time."""
    asked = [
        one
        for one in events
        if one.name == "applied" and (last := _touch(one, _near(one, sends, FIVE))) and last in mine
    ]
    money = [one for one in events if one.name == "funded"]
    done = {
        one.customer
        for one in asked
        if any(paid.customer == one.customer and one.at <= paid.at <= one.at + FIVE for paid in money)
    }
    return (len(done), len({one.customer for one in asked})) if asked else None
