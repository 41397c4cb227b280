"""A report's figures, counted by hand: what belongs to which message, to the microsecond, and each thing once."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from runtime.results.model import Report
from runtime.results.wilson import share
from tests.results import BANK, DAY, HOUR, NOON, US, Event, Send, of, reached, reported


def goals(found: Report) -> dict[str, int | None]:
    return {one.name: one.totals.goals for one in found.campaigns}


def applied(at_id: str, customer: str, at: object, product: str = "y") -> Event:
    return Event("applied", customer, at, at_id, (product,))  # type: ignore[arg-type]


def test_the_time_of_a_goal_is_open_at_the_send_and_closed_at_its_end(tmp_path: Path) -> None:
    """Each customer's event lies at an edge of the time of two days."""
    edges = {-US: 0, 0 * US: 0, US: 1, 2 * DAY - US: 1, 2 * DAY: 1, 2 * DAY + US: 0}
    people = {f"k{number}": "yes" for number in range(len(edges))}
    sends = [Send("one", who, NOON, f"s{who}") for who in people]
    events = [applied(f"a{who}", who, NOON + after) for who, after in zip(people, edges, strict=True)]
    found = reported(tmp_path, sends, events, people=people)
    assert goals(found) == {"one": sum(edges.values()), "two": 0, "still": None}
    assert of(found, "one").totals.cost_per_goal == Decimal("0.1000")


def test_an_event_counts_for_the_last_message_whose_time_it_falls_into(tmp_path: Path) -> None:
    sends = [
        Send("two", "k0", NOON, "s1"),
        Send("one", "k0", NOON + DAY, "s2"),
        Send("two", "k1", NOON, "s3"),
        Send("one", "k1", NOON + HOUR, "s4"),
        Send("one", "k2", NOON, "s5"),
        Send("two", "k2", NOON, "s6"),  # of one instant: the greater send_id
        Send("still", "k3", NOON + 2 * HOUR, "s7"),  # it has no goal, and takes none away
        Send("one", "k3", NOON, "s8"),
    ]
    events = [
        applied("a", "k0", NOON + DAY + HOUR, "x"),  # one's, the later of two
        applied("b", "k1", NOON + 4 * DAY, "x"),  # one's time is over: two's
        applied("c", "k1", NOON + 3 * DAY, "y"),  # two's goal is another: nobody's
        applied("d", "k2", NOON + HOUR, "x"),  # s6
        applied("e", "k2", NOON + HOUR, "y"),  # s5: two's goal is another
        applied("f", "k3", NOON + 3 * HOUR),
    ]
    found = reported(tmp_path, sends, events)
    assert goals(found) == {"one": 3, "two": 2, "still": None}
    assert found.totals.goals == 5


def test_duplicates_count_once_and_late_events_where_they_happened(tmp_path: Path) -> None:
    sends = [Send("one", who, NOON, send) for who, send in (("k0", "s1"), ("k1", "s2"), ("k2", "s3"))]
    twice = [applied("a", "k0", NOON + HOUR), applied("a", "k0", NOON + HOUR)]
    clicks = [Event("clicked", "k0", NOON + US, "c1", (), "s1"), Event("clicked", "k0", NOON + HOUR, "c2", (), "s1")]
    first = reported(tmp_path / "first", sends, [*twice, *clicks], until=NOON + DAY)
    assert (first.totals.goals, first.totals.clicked) == (1, 1)
    late = [Event("clicked", "k1", NOON + 2 * HOUR, "c3", (), "s2"), applied("b", "k1", NOON + 3 * HOUR)]
    beyond = [Event("clicked", "k2", NOON + DAY, "c4", (), "s3"), applied("c", "k2", NOON + DAY)]
    again = reported(tmp_path / "again", sends, [*twice, *clicks, *late, *beyond], until=NOON + DAY)
    assert (again.totals.goals, again.totals.clicked) == (2, 2)


def test_the_period_is_half_open_and_earlier_messages_keep_their_goals(tmp_path: Path) -> None:
    sends = [
        Send("one", "k0", NOON - US, "s1"),
        Send("one", "k1", NOON, "s2"),
        Send("one", "k2", NOON + DAY - US, "s3"),
        Send("one", "k3", NOON + DAY, "s4"),
    ]
    events = [applied("a", "k0", NOON + HOUR), applied("b", "k1", NOON + HOUR)]
    found = reported(tmp_path, sends, events, since=NOON, until=NOON + DAY)
    assert (found.totals.planned, found.totals.sent, found.totals.goals) == (2, 2, 1)


def test_receipts_belong_to_the_message_they_name_else_to_the_latest_one(tmp_path: Path) -> None:
    sends = [
        Send("one", "k0", NOON, "s1"),
        Send("two", "k0", NOON + HOUR, "s2"),
        Send("one", "k1", NOON, "s3", channel="task"),
        Send("one", "k2", NOON, "s4", state="cancelled", outcome="expired", reason="left"),
        Send("one", "k2", NOON + HOUR, "s5", state="sending"),
        Send("one", "k3", NOON, None, outcome="control", reason="global"),
    ]
    events = [
        Event("delivered", "k0", NOON + 2 * HOUR, "d1", (), "s1"),
        Event("clicked", "k0", NOON + HOUR, "c1"),  # at the instant of s2: it is that one's
        Event("replied", "k0", NOON + HOUR - US, "r1", ("5",)),  # s1
        Event("replied", "k0", NOON - US, "r2", ("5",)),  # before any
        Event("opted_out", "k0", NOON + DAY, "o1"),
        Event("clicked", "k0", NOON + DAY, "c2", (), "s9"),  # of a message that nobody knows
    ]
    found = reported(tmp_path, sends, events)
    one, two = of(found, "one").totals, of(found, "two").totals
    assert (one.planned, one.sent, one.held_out, one.cancelled) == (3, 1, 1, 1)
    assert (one.delivered, one.clicked, one.replied, one.opted_out) == (1, 0, 1, 0)
    assert (two.sent, two.delivered, two.clicked, two.replied, two.opted_out) == (1, 1, 1, 0, 1)
    assert found.totals.cost == Decimal("0.1000")


def test_a_ledger_that_never_released_counts_what_was_decided(tmp_path: Path) -> None:
    found = reported(tmp_path, [Send("one", "k0", NOON, "s1", state=None)])
    assert (found.totals.planned, found.totals.sent) == (1, 1)


FUNNEL = [
    Event("clicked", "k0", NOON + HOUR, "c0", (), "s0"),
    Event("looked", "k0", NOON + HOUR, "l0", ("p",)),  # at the instant of the click: not after it
    Event("looked", "k0", NOON + 2 * HOUR, "l1", ("p",)),
    Event("looked", "k0", NOON + 3 * DAY, "l2", ("p",)),
    Event("applied", "k0", NOON + 4 * DAY, "a0", ("y",)),
    Event("funded", "k0", NOON + 3 * DAY + 10 * DAY, "f0"),  # within ten days of the second look only
    Event("delivered", "k1", NOON, "d1", (), "s1"),
    Event("applied", "k1", NOON + HOUR, "a1", ("y",)),  # without a click and a look
    Event("clicked", "k2", NOON + HOUR, "c2", (), "s2"),
    Event("looked", "k2", NOON + HOUR + 10 * DAY, "l3", ("p",)),
    Event("applied", "k2", NOON + HOUR + 20 * DAY + US, "a2", ("y",)),  # too late by a microsecond
    Event("clicked", "k3", NOON + HOUR, "c3", (), "s3"),
    Event("looked", "k3", NOON + 2 * HOUR, "l4", ("p",)),
    Event("applied", "k3", NOON + 2 * HOUR, "a3", ("y",)),  # at the instant of the look: not after it
]


def test_a_funnel_goes_step_by_step(tmp_path: Path) -> None:
    sends = [
        Send("two", "k0", NOON, "s0", arm="a"),
        Send("two", "k1", NOON, "s1", arm="b"),
        Send("two", "k2", NOON, "s2", step="more", arm="b"),
        Send("two", "k3", NOON, "s3", arm="b"),
    ]
    people = {"k0": "yes", "k1": "no", "k2": "yes", "k3": "no"}
    found = reported(tmp_path, sends, FUNNEL, people=people)
    assert reached(found, "two") == [4, 4, 3, 3, 1, 1]
    assert reached(found, "two", "step", "entry") == [3, 3, 2, 2, 1, 1]
    assert reached(found, "two", "arm", "b") == [3, 3, 2, 2, 0, 0]
    assert reached(found, "two", "segment", "valued") == [2, 2, 2, 2, 1, 1]
    assert reached(found, "two", "channel", "sms") == [4, 4, 3, 3, 1, 1]
    way = of(found, "two").ways[0]
    assert [stage.name for stage in way.stages] == ["sent", "delivered", "clicked", "looked", "applied", "funded"]
    assert (way.funnel, way.drop) == ("loan", 4)
    assert way.stages[4].kept == share(1, 3) and way.stages[0].kept is None


def test_segments_are_those_of_the_first_instant(tmp_path: Path) -> None:
    """Behaviour counts up to the period's beginning, itself in."""
    since = NOON - DAY
    looks = [
        Event("looked", "k0", since, "l0", ("p",)),
        Event("looked", "k1", since + US, "l1", ("p",)),
        Event("looked", "k2", since - 30 * DAY, "l2", ("p",)),
    ]
    found = reported(tmp_path, [Send("one", who, NOON, who) for who in ("k0", "k1", "k2")], looks, since=since)
    assert reached(found, "one", "segment", "seen")[0] == 1


def test_measures_are_shares_or_counts_with_their_cost(tmp_path: Path) -> None:
    sends = [Send("one", who, NOON, who) for who in ("k0", "k1", "k2")]
    sends += [Send("still", "k0", NOON + DAY, "z0"), Send("still", "k3", NOON, "z3")]
    events = [
        applied("a0", "k0", NOON + HOUR),
        Event("funded", "k0", NOON + HOUR + 5 * DAY, "f0"),  # still's money, one's approval
        applied("a1", "k1", NOON + 5 * DAY),
        Event("funded", "k1", NOON + 10 * DAY + US, "f1"),  # too late for both
        applied("a2", "k2", NOON + 5 * DAY + US),
        Event("funded", "k2", NOON + 10 * DAY, "f2"),
        Event("replied", "k3", NOON + HOUR, "r0", ("2",)),
        Event("replied", "k3", NOON + 2 * HOUR, "r1", ("5",)),
        Event("replied", "k0", NOON + 2 * HOUR, "r2", ("5",)),
        Event("replied", "k1", NOON + 2 * HOUR, "r3", ("1",)),
    ]
    found = reported(tmp_path, sends, events)
    one = {each.name: each for each in of(found, "one").measures}
    still = {each.name: each for each in of(found, "still").measures}
    assert one["approval"].share == share(1, 2) and still["approval"].share is None
    assert (one["price"].count, one["price"].cost_each) == (1, Decimal("0.1500"))
    assert (still["price"].count, still["price"].cost_each) == (1, Decimal("0.1000"))
    assert one["pleased"].share == share(1, 2) and still["pleased"].share == share(1, 1)
    assert of(found, "two").measures == ()


def test_wilson() -> None:
    """Against the interval as it is tabled: 15 of 148 (Newcombe 1998, method 3)."""
    found = share(15, 148)
    assert found is not None and (round(found.low, 4), round(found.high, 4)) == (0.0624, 0.1605)
    assert share(0, 0) is None
    nothing, everything = share(0, 20), share(20, 20)
    assert nothing is not None and (nothing.low, round(nothing.high, 4)) == (0.0, 0.1611)
    assert everything is not None and (round(everything.low, 4), everything.high) == (0.8389, 1.0)


def test_hours_calendar_caps_and_pages(tmp_path: Path) -> None:
    sends = [
        Send("one", "k0", NOON, "s0"),  # a Wednesday
        Send("one", "k0", NOON + DAY, "s1"),
        Send("two", "k0", NOON + 2 * DAY + HOUR, "s2"),
        Send("one", "k1", NOON + 6 * DAY, "s3", state=None),  # still to come
        Send("one", "k2", NOON, None, outcome="suppressed", reason="cap", rule="all.camp:14"),
    ]
    events = [
        Event("clicked", "k0", NOON + 5 * HOUR, "c0", (), "s0"),
        Event("tapped", "k0", NOON, "t0", ("home", "0", "0")),
        Event("tapped", "k0", NOON, "t1", ("home", "0.999", "0.5")),
        Event("tapped", "k1", NOON, "t2", ("home", "1", "0.5")),
        Event("tapped", "k1", NOON, "t3", ("loan", "0.5", "-0.1")),
    ]
    found = reported(tmp_path, sends, events)
    (hours,) = found.hours
    assert (hours.product, sum(map(sum, hours.sent)), sum(map(sum, hours.clicked))) == ("", 3, 1)
    assert [hours.sent[2][12], hours.sent[3][12], hours.sent[4][13], hours.clicked[2][12]] == [1, 1, 1, 1]
    assert [one.day.day for one in found.calendar] == [4, 5, 6, 7, 8, 9, 10]
    assert found.calendar[6].sends[12] == 1 and sum(found.calendar[3].sends) == 0
    assert [at for at in range(24) if found.calendar[0].quiet[at]] == [*range(8), 22, 23]
    caps = {one.said: one for one in found.caps}
    assert caps["1 per day"].people == (2, 2) and caps["1 per day"].refused == 1
    assert caps["2 per 3 days"].people == (2, 1, 0, 1)  # k0 had three: it shows
    assert caps["1 of triggered per month"].people == (3, 1)
    home, loan = found.touched
    assert (home.page, home.outside, home.cells[0][0], home.cells[10][11]) == ("home", 1, 1, 1)
    assert (loan.page, loan.outside, sum(map(sum, loan.cells))) == ("loan", 1, 0)
    assert [(one.campaign, one.step, one.arm) for one in found.bubbles] == [
        ("one", "entry", None),
        ("still", "entry", None),
        ("two", "entry", "a"),
        ("two", "entry", None),
        ("two", "more", None),
    ]
    assert not any(who in one.text for one in found.bubbles for who in ("k0", "k1"))


def test_the_bank_without_funnels_has_three_stages(tmp_path: Path) -> None:
    bank = "\n".join(line for line in BANK.splitlines() if not line.startswith("funnel"))
    found = reported(tmp_path, [Send("one", "k0", NOON, "s1")], bank=bank)
    way = of(found, "one").ways[0]
    assert (way.funnel, [stage.name for stage in way.stages], way.drop) == ("", ["sent", "delivered", "clicked"], 1)


def test_groups_are_by_what_was_assigned_whatever_became_of_it(tmp_path: Path) -> None:
    """Who came to the draw counts, once; who did not, or whose time is not over, does not."""
    bank = BANK.replace("cost sms 0.05 CNY", "cost sms 0.05 CNY; control 10%")
    until = NOON + 10 * DAY
    kept_back = {"outcome": "suppressed", "arm": "a"}
    sends = [
        Send("two", "k0", NOON, "s0", arm="a"),
        Send("two", "k0", NOON + DAY, "s1", arm="a"),  # again: once
        Send("two", "k1", NOON, "s2", arm="b", outcome="expired", reason="late", state="cancelled"),
        Send("two", "k2", NOON, None, reason="cap", **kept_back),  # type: ignore[arg-type]
        Send("two", "k3", NOON, None, reason="no_consent", **kept_back),  # type: ignore[arg-type]
        Send("two", "k4", NOON, None, outcome="control", reason="holdout"),
        Send("two", "k5", NOON, None, outcome="control", reason="global"),
        Send("two", "k6", NOON + 5 * DAY, "s6", arm="b"),  # its time ends with the period: not over
        Send("two", "k7", NOON, "s7", arm="b", step="more"),  # no entry
        Send("two", "k8", NOON, None, outcome="expired", reason="late"),  # never came to the draw
    ]
    events = [
        applied("a0", "k0", NOON + 5 * DAY, "x"),
        applied("a1", "k1", NOON + US, "x"),
        applied("a2", "k2", NOON, "x"),  # at the instant: no work of it
        applied("a4", "k4", NOON + HOUR, "x"),
        applied("a5", "k5", NOON + HOUR, "y"),
    ]
    people = {f"k{number}": "yes" for number in range(9)}
    found = reported(tmp_path, sends, events, until=until, bank=bank, people=people)
    told = {
        tried.kind: [(group.name, str(group.share), group.people, group.reached) for group in tried.groups]
        for tried in of(found, "two").experiments
    }
    assert told == {
        "control": [("control", "0.1", 1, 0), ("treated", "0.9", 4, 3)],
        "holdout": [("holdout", "0.2", 1, 1), ("treated", "0.8", 3, 2)],
        "arms": [("a", "0.5", 2, 1), ("b", "0.5", 1, 1)],
    }
    assert of(found, "one").experiments == ()
