"""Sends in quiet hours, by the wall clock alone: the two executors share what resolves hours, so neither tells on the other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dsl.program.ir import Program, QuietSpec
from runtime.openings import is_holiday


def sent_in_quiet(program: Program, rows: list[dict[str, Any]]) -> Iterator[str]:
    policies = {policy.name: policy for policy in program.policies}
    campaigns = {campaign.name: policies[campaign.policy] for campaign in program.campaigns}
    for row in rows:
        if row["outcome"] == "send":
            wall = row["at"].astimezone(ZoneInfo(row["zone"])).replace(tzinfo=None)
            for quiet in campaigns[row["campaign"]].quiet:
                if holds(quiet, wall, program.brand.holidays):
                    yield f"{row['campaign']} {row['step']} {row['customer']}: sent at {wall}, quiet by {quiet.at}"


def holds(quiet: QuietSpec, wall: datetime, country: str | None) -> bool:
    """Whether a wall clock shows hours that began on a day of theirs, that day or the one before."""
    return any(
        begin <= wall < begin + timedelta(minutes=quiet.hours.length)
        and quiet.in_force(day)
        and _on(quiet, day, country)
        for day in (wall.date() - timedelta(days=1), wall.date())
        for begin in [datetime.combine(day, time()) + timedelta(minutes=quiet.hours.begin)]
    )


def _on(quiet: QuietSpec, day: date, country: str | None) -> bool:
    if quiet.holidays:
        return is_holiday(day, country)
    return not quiet.days or (day.isoweekday() - 1) in quiet.days
