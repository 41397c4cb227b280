"""Instants in the data: with an offset they are what they say, without one they are read in the data's zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp

from dsl.settings import Settings
from runtime.engines import open_engine
from runtime.engines.base import Engine
from runtime.relational.moments import joined, local_date, utc
from runtime.relational.sql import col, micros, table
from tests.banks import parquet, program, read

BANK = """
brand b "B" { zone "Asia/Shanghai"; currency CNY; rejects 100% }
customer { id key }
event view
policy p { }
campaign c { policy p; kind benefit; runs 2026-03-01..2026-12-31
  audience { did view in last 7 days }
  start once
  message sms { text "Hi" }
}
"""
NEW_YORK, SHANGHAI, NOWHERE = "America/New_York", "Asia/Shanghai", None
ZONES = (NEW_YORK, SHANGHAI, "UTC", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca", "Asia/Kathmandu")


def at(folder: Path, values: Any, zone: str = NEW_YORK) -> str | None:
    """How one event's instant is read, in UTC; None: refused."""
    parquet(folder / "customers.parquet", {"id": ["k"]})
    parquet(folder / "events/view.parquet", {"customer": ["k"], "at": values})
    events = read(program(BANK, Settings(zone=zone)), folder, ("view",)).events["view"]
    return events[0]["at"] if events else None


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026-03-04T16:30:00+08:00", "2026-03-04 08:30:00"),
        ("2026-03-04 16:30+0800", "2026-03-04 08:30:00"),
        ("2026-03-04T16:30:00.000001-05", "2026-03-04 21:30:00.000001"),
        ("2026-03-04T16:30:00Z", "2026-03-04 16:30:00"),
        ("2026-03-04T16:30:00", "2026-03-04 21:30:00"),
        ("2026/3/4 6:05", "2026-03-04 11:05:00"),
        ("2026-03-04", "2026-03-04 05:00:00"),
        ("2026-07-04", "2026-07-04 04:00:00"),
        # The clock of New York shows no 02:30 on 2026-03-08, and 01:30 twice on 2026-11-01.
        ("2026-03-08 01:59:59.999999", "2026-03-08 06:59:59.999999"),
        ("2026-03-08 02:00", "2026-03-08 07:00:00"),
        ("2026-03-08 02:30", "2026-03-08 07:00:00"),
        ("2026-03-08 03:00", "2026-03-08 07:00:00"),
        ("2026-11-01 01:30", "2026-11-01 05:30:00"),
        ("2026-11-01 02:00", "2026-11-01 07:00:00"),
        # What could be read in more than one way, or is no instant of our time, is refused.
        ("2026-03-04 16:30 +08:00", None),
        ("2026-03-04 16:30:00 UTC", None),
        ("2026-03-04 16:30:00 Asia/Shanghai", None),
        ("04/03/2026", None),
        ("20260304", None),
        ("1773000000", None),
        ("2026-03-04T25:00", None),
        ("2026-02-29", None),
        ("infinity", None),
        ("epoch", None),
        ("1970-12-31", None),
        ("2100-01-02", None),
        ("290000-01-01", None),
    ],
)
def test_text(tmp_path: Path, written: str, expected: str | None) -> None:
    assert at(tmp_path, [written]) == expected


NOON = datetime(2026, 3, 4, 12)
IN_SHANGHAI = NOON.replace(tzinfo=timezone(timedelta(hours=8)))
COLUMNS = [
    (pa.array([NOON], pa.timestamp("us")), "2026-03-04 17:00:00"),
    (pa.array([NOON], pa.timestamp("ns")), "2026-03-04 17:00:00"),
    (pa.array([NOON], pa.timestamp("s")), "2026-03-04 17:00:00"),
    (pa.array([IN_SHANGHAI], pa.timestamp("us", tz=SHANGHAI)), "2026-03-04 04:00:00"),
    (pa.array([IN_SHANGHAI], pa.timestamp("ns", tz=SHANGHAI)), "2026-03-04 04:00:00"),
    (pa.array([date(2026, 3, 4)]), "2026-03-04 05:00:00"),
    (pa.array([datetime(1970, 12, 31)]), None),
    (pa.array([2**63 - 1], pa.timestamp("us")), None),
    (pa.array([None], pa.timestamp("us")), None),
    (pa.nulls(1), None),
]


@pytest.mark.parametrize(("column", "expected"), COLUMNS, ids=[f"{case[0].type} {case[1]}" for case in COLUMNS])
def test_columns(tmp_path: Path, column: pa.Array, expected: str | None) -> None:
    assert at(tmp_path, column) == expected


def test_both_ways_of_writing_stand_in_one_column(tmp_path: Path) -> None:
    parquet(tmp_path / "customers.parquet", {"id": ["k"]})
    both = ["2026-03-04T12:00:00Z", "2026-03-04 12:00"]
    parquet(tmp_path / "events/view.parquet", {"customer": ["k", "k"], "at": both})
    events = read(program(BANK, Settings(zone=SHANGHAI)), tmp_path, ("view",)).events["view"]
    assert [row["at"] for row in events] == ["2026-03-04 04:00:00", "2026-03-04 12:00:00"]


@pytest.fixture(scope="module")
def engine() -> Engine:
    return open_engine("duckdb")


def wall(local: datetime, zone: str) -> datetime:
    """A wall clock's instant by Python's zones: the first in a fold, a gap's end in a gap."""
    found = local.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)
    if found.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == local:
        return found
    low, high = found - timedelta(days=2), found + timedelta(days=2)
    while high - low > timedelta(microseconds=1):  # the first instant at which the clock shows more than `local`
        middle = low + (high - low) // 2
        later = middle.astimezone(ZoneInfo(zone)).replace(tzinfo=None) > local
        low, high = (low, middle) if later else (middle, high)
    return high


def near_changes(zone: str) -> st.SearchStrategy[datetime]:
    days = st.sampled_from(
        [date(2026, 3, 8), date(2026, 11, 1), date(2011, 12, 30), date(2026, 4, 5), date(1986, 5, 4)]
    )
    close = st.builds(
        lambda day, span: datetime.combine(day, datetime.min.time()) + span,
        days,
        st.timedeltas(timedelta(-1), timedelta(2)),
    )
    return close | st.datetimes(datetime(1972, 1, 1), datetime(2099, 1, 1))


@pytest.mark.parametrize("zone", ZONES)
def test_any_wall_clock_is_read_as_python_reads_it(engine: Engine, zone: str) -> None:
    @settings(max_examples=1, database=None, deadline=None)
    @given(st.lists(near_changes(zone), min_size=200, max_size=200))
    def law(clocks: list[datetime]) -> None:
        locals = [micros(clock.replace(tzinfo=UTC)) for clock in clocks]
        engine.insert("clocks", {"n": "INTEGER", "local": "BIGINT"}, list(enumerate(locals)))
        try:
            seen = min(clock.year for clock in clocks), max(clock.year for clock in clocks)
            read, other = joined(exp.null(), col("local"), zone, seen), utc(col("local"), zone, seen)
            both = exp.alias_(read, "read"), exp.alias_(other, "utc")
            inner = exp.select("n", *both).from_(table("clocks")).subquery("c")
            rows = engine.rows(exp.select("read", "utc", local_date(col("utc"), zone, seen)).from_(inner).order_by("n"))
        finally:
            engine._run('DROP TABLE "clocks"')  # type: ignore[attr-defined]
        expected = [wall(clock, zone) for clock in clocks]
        assert [row[0] for row in rows] == [row[1] for row in rows] == [micros(one) for one in expected]
        assert [row[2] for row in rows] == [one.astimezone(ZoneInfo(zone)).date() for one in expected]

    law()
