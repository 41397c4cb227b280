"""`window best of … for customer` where something is known of the product: by hand, and the same by both executors."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dsl.terms import Hours
from runtime.outcomes import COLUMNS
from runtime.reference import Event
from runtime.response import Response, best, read, scores, written
from tests.agree.compare import Case, compare, compiled, reference_rows
from tests.agree.data import World
from tests.hand import campaign, event
from tests.outputs import SUMMARY, keys
from tests.plans import camp
from tests.test_reference import DAY, MICRO, wall

BANK = """brand b "银行" { zone "Asia/Shanghai"; currency CNY; holidays "CN"; link "https://x.example/{{ code }}"
  cost sms 0.05 CNY }
customer { id key; phone phone?; ok flag; place zone? }
product loan "贷" { apr 3.8% }
product card "卡" { apr 3.8% }
policy rules { }
"""
BEST = "product loan; start once; window best of 09:00-20:00 for customer"
SEVEN = wall("2026-03-04 07:00")
EARLIER = campaign(name="l", body="product loan; start once", audience="not ok") + campaign(
    name="k", body="product card; start once", audience="not ok"
)


def sent(key: str, at: datetime, of: str = "l", **more: Any) -> dict[str, Any]:
    row = dict.fromkeys(COLUMNS) | {
        "campaign": of,
        "step": "entry",
        "customer": key,
        "occurrence": "1",
        "outcome": "send",
    }
    return row | {"channel": "sms", "at": at, "started_at": at, "decided_at": at - timedelta(hours=1)} | more


def day(hours: Mapping[int, tuple[int, int]], of: str = "l", zone: str | None = None) -> list[Any]:
    """Strangers who were sent to in some hours of 1 February, and how many of those of each hour clicked a minute later."""
    found: list[Any] = []
    for hour, (went, clicked) in hours.items():
        for number in range(went):
            at = wall("2026-02-01 00:00") + timedelta(hours=hour)
            key = f"{of}{hour:02}{number:04}"
            click = Event(f"click {key}", at + timedelta(minutes=1), {}) if number < clicked else None
            found.append((key, sent(key, at, of), click, zone))
    return found


def case(
    strangers: Iterable[Any] = (),
    own: Iterable[str] = (),
    body: str = BEST,
    ledger: Iterable[dict[str, Any]] = (),
    **more: Any,
) -> Case:
    """Customer 1 may enter campaign c."""
    text = BANK + EARLIER + campaign(body=body)
    strangers = list(strangers)
    people = [{"id": "1", "phone": "+8613800000001", "ok": True, "place": None}]
    people += [{"id": key, "phone": None, "ok": False, "place": zone} for key, _, _, zone in strangers]
    events = [("clicked", key, click) for key, _, click, _ in strangers if click]
    events += [("clicked", "1", event(f"own {at}", at)) for at in own] + list(more.get("clicks", ()))
    rows = [row for _, row, _, _ in strangers] + list(ledger)
    world = World(tuple(people), tuple(events), tuple(rows))
    return Case(text, compiled(text), world, SEVEN, more.get("horizon", DAY))


def hour(*args: Any, **more: Any) -> str:
    """When customer 1 is sent to, as both executors say."""
    one = case(*args, **more)
    count, differences = compare(one)
    assert count and not differences
    (row,) = (row for row in reference_rows(one) if (row["campaign"], row["customer"]) == ("c", "1"))
    return f"{row['at'] + timedelta(hours=8):%H:%M}"


NINE_AND_SIX = {
    9: (150, 3),
    18: (50, 3),
}  # as often clicked at both, and three times as often for each that went at six


def test_an_hour_is_better_by_the_share_that_clicks_and_not_by_how_many_do() -> None:
    assert hour(day(NINE_AND_SIX)) == "18:00"
    assert hour(day({9: (150, 12), 18: (50, 3)})) == "09:00"


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ((), "18:00"),  # at 9: (3 * 200 + 100 * 6) / (250 * 6) = 0.8; at 18: (600 + 600) / (150 * 6) = 1.333
        (("2026-01-05 12:30",), "12:00"),  # 1 click and the average, 1: 2 points
        (("2026-01-05 09:30",), "09:00"),  # 1.8
        (("2026-01-05 21:30",), "18:00"),  # outside of the hours
    ],
)
def test_own_clicks_are_added_to_what_is_known_of_the_product(own: tuple[str, ...], expected: str) -> None:
    assert hour(day(NINE_AND_SIX), own) == expected


def test_one_own_click_does_not_outweigh_an_hour_in_which_everybody_answers() -> None:
    often = {9: (300, 3), 18: (300, 60)}  # at 18: (60 * 600 + 6300) / (400 * 63) = 1.678; at 9: 0.321
    assert hour(day(often), ("2026-01-05 09:30",)) == "18:00"
    assert hour(day(often), ("2026-01-05 09:30", "2026-01-06 09:30")) == "09:00"


def test_only_messages_of_the_product_count_and_all_of_them_where_a_campaign_has_none() -> None:
    strangers = [*day({9: (10, 1), 15: (30, 1)}), *day({9: (30, 1), 15: (30, 20)}, of="k")]
    assert hour(strangers) == "09:00"
    assert hour(strangers, body=BEST.replace("product loan; ", "")) == "15:00"


def test_by_the_clock_of_each_customer() -> None:
    tokyo = day({9: (30, 0), 17: (30, 20)}, zone="Asia/Tokyo")
    assert hour(tokyo) == "18:00"


def test_hours_that_nothing_tells_apart_are_all_of_them() -> None:
    assert hour() == "09:00"
    assert hour(day({15: (30, 0)})) == "09:00"  # nobody clicked
    assert hour(day({15: (30, 10)})) == "09:00"  # there is no other hour to be better than


def test_an_hour_with_few_messages_is_taken_to_be_like_the_others() -> None:
    assert hour(day({9: (400, 40), 12: (400, 60), 18: (1, 1)})) == "12:00"
    # 1.186, 1.178 at 18: (1 * 801 + 10100) / (101 * 101) = 1.068


OTHER = {9: (20, 1), 10: (20, 1)}


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (MICRO, "15:00"),
        (2 * DAY, "15:00"),
        (2 * DAY + MICRO, "09:00"),  # too late
        (timedelta(0), "09:00"),  # not after it
    ],
)
def test_a_message_is_answered_within_48_hours(after: timedelta, expected: str) -> None:
    at = wall("2026-02-01 15:00")
    answered = [(f"s{n}", sent(f"s{n}", at), Event(f"c{n}", at + after, {}), None) for n in range(20)]
    assert hour([*day(OTHER), *answered]) == expected


@pytest.mark.parametrize(("second", "expected"), [("", "18:00"), (":00.000001", "07:00")])
def test_whose_48_hours_are_not_over_does_not_count_yet(second: str, expected: str) -> None:
    at = wall(f"2026-03-02 07:00{second}")  # 18:00 in New York
    fresh = [(f"s{n}", sent(f"s{n}", at), Event(f"c{n}", at + MICRO, {}), "America/New_York") for n in range(20)]
    assert hour([*day(OTHER), *fresh], body=BEST.replace("09:00-20:00", "00:00-24:00")) == expected


def test_a_click_answers_the_latest_message_before_it() -> None:
    first, second = wall("2026-02-01 12:00"), wall("2026-02-01 15:00")
    both: list[Any] = []
    for n in range(20):
        both.append((f"s{n}", sent(f"s{n}", first), Event(f"c{n}", second + MICRO, {}), None))
    later = [sent(f"s{n}", second, occurrence="2") for n in range(20)]
    assert hour([*day(OTHER), *both], ledger=later) == "15:00"
    other = [row | {"campaign": "k"} for row in later]  # it was the card that they clicked
    assert hour([*day({9: (20, 0), 10: (20, 1)}), *both], ledger=other) == "10:00"


def test_tasks_and_what_did_not_go_count_for_nothing() -> None:
    for more in ({"channel": "task"}, {"outcome": "expired"}):
        rows = [(key, row | more, click, zone) for key, row, click, zone in day({15: (20, 20)})]
        assert hour([*day({9: (20, 1), 10: (20, 2)}), *rows]) == "10:00"


HOURS = Hours(9 * 60, 11 * 60)


def test_points_are_whole_numbers_of_any_size() -> None:
    many = Response("loan", HOURS, {9: (10**12, 10**9), 10: (10**12, 3 * 10**9)})
    assert many.points == {9: 500, 10: 1499}
    assert Response("loan", HOURS, {9: (5, 0)}).points == {}
    assert Response("loan", HOURS, {9: (50, 5)}).points == {9: 1000, 10: 1000}
    assert scores({10: 2}, {9: 800, 10: 1200}) == {9: 800, 10: 3200}
    assert (best({}, {9: 5, 10: 5}), best({10: 1}, {9: 1500, 10: 500}), best({}, {})) == (None, 9, None)


def test_a_run_says_what_it_has_learned_and_explain_why_this_hour(tmp_path: Path) -> None:
    one = case(day(NINE_AND_SIX), ("2026-01-05 12:30", "2026-01-06 12:30", "2026-01-05 09:30"))
    one.world.write(one.program, tmp_path / "data")
    (tmp_path / "program.json").write_text(one.program.model_dump_json(), encoding="utf-8")
    data = ["--data", tmp_path / "data"]
    assert (
        camp("plan", tmp_path / "program.json", *data, "--at", one.at.isoformat(), "-o", tmp_path / "out").exit_code
        == 0
    )
    said = json.loads((tmp_path / "out/summary.json").read_text(encoding="utf-8"))
    assert {*keys(said)} >= {key for key in SUMMARY if key.startswith("best_hours")}
    (learned,) = read(said["best_hours"]).values()
    assert learned.counts == {hour: NINE_AND_SIX[hour] for hour in (9, 18)}
    customer = ["--customer", "1", "--campaign", "c", "--format", "json"]
    found = json.loads(camp("explain", tmp_path / "out", tmp_path / "program.json", *data, *customer).stdout)
    (told,) = found["parts"]
    (why,) = (line["said"] for line in told["gates"] if line["gate"] == "opening")
    assert told["agrees"] and told["at"].startswith("2026-03-04 12:00")
    assert why.endswith(
        "best is 12:00 with 3 points: 2 own clicks, and 1 for 0 clicked of 0 messages of loan; next is 09:00 with 1.8"
    )


def test_a_summary_holds_what_was_learned() -> None:
    one, all_ = Response("loan", HOURS, {9: (5, 1)}), Response(None, Hours(0, 1440), {23: (1, 0)})
    rows = written([one, all_])
    assert rows[0] == {"product": "loan", "hours": "09:00-11:00", "hour": 9, "sent": 5, "clicked": 1}
    assert read(rows) == {("loan", HOURS): one, (None, Hours(0, 1440)): all_}
