"""Caps: the only place where one decision depends on another. One pass in the order of rank."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from dsl.catalog import SERVICE, TASK
from dsl.program.ir import Program
from dsl.terms import Cap
from runtime.openings import is_before_holiday
from runtime.outcomes import STEP
from runtime.reference.conditions import holds
from runtime.reference.data import Person

# What only a send has.
OF_SENDS = (
    *("at", "local_date", "send_id", "text", "segments", "cost", "message", "rich", "fallback", "verify"),
    *("assignee", "confirm_channel", "confirm_id", "confirm_text", "guard"),
)


@dataclass(frozen=True)
class Sent:
    """`day`: the local date. `entry`: no step: what a campaign's own caps count."""

    recipient: str
    campaign: str
    kind: str | None
    day: date
    entry: bool = True


def apply(
    program: Program, rows: Iterable[dict[str, Any]], before: Iterable[Sent], known: Mapping[str, Person]
) -> None:
    """Turns each `send` that a cap refuses into a suppressed one. `before`: the sends of the ledger."""
    campaigns = {campaign.name: campaign for campaign in program.campaigns}
    policies = {policy.name: policy for policy in program.policies}
    taken: dict[str, list[Sent]] = defaultdict(list)
    for sent in before:
        taken[sent.recipient].append(sent)

    messages = (row for row in rows if row["outcome"] == "send" and row["channel"] != TASK)
    for row in sorted(messages, key=rank(program)):
        campaign = campaigns[row["campaign"]]
        policy, who = policies[campaign.policy], replace(known[row["customer"]], today=row["local_date"])
        one = sent_of(row)
        others = taken[one.recipient]
        own = [other for other in others if other.campaign == campaign.name and other.entry]
        asked = campaign.caps if one.entry else ()
        refused = [spec.at for spec in asked if _asks(spec.cap, who) and full(spec.cap, one, own)]
        for spec in policy.caps:
            counted = [other for other in others if other.kind not in spec.cap.exempt]
            raised = _raised(spec.cap, one.day, program.brand.holidays)
            if one.kind not in spec.cap.exempt and _asks(spec.cap, who) and full(raised, one, counted):
                refused.append(spec.at)
        if refused:
            row |= dict.fromkeys(OF_SENDS) | {"outcome": "suppressed", "reason": "cap", "rule": refused[0]}
        else:
            others.append(one)


def sent_of(row: dict[str, Any]) -> Sent:
    return Sent(row["recipient"], row["campaign"], row["kind"], row["local_date"], row["step"] == STEP)


def rank(program: Program) -> Callable[[dict[str, Any]], tuple[Any, ...]]:
    """Service before marketing, greater priority, earlier instant, lower send_id."""
    priorities = {campaign.name: campaign.priority for campaign in program.campaigns}
    return lambda row: (row["kind"] != SERVICE, -priorities[row["campaign"]], row["at"], row["send_id"])


def _asks(cap: Cap, who: Person) -> bool:
    """`who` as of the date of sending."""
    return cap.when is None or holds(cap.when, who)


def _raised(cap: Cap, day: date, country: str | None) -> Cap:
    """With what is added before holidays."""
    more = sum(extra.count for extra in cap.extras if is_before_holiday(day, extra.days, country))
    return replace(cap, count=cap.count + more)


def full(cap: Cap, one: Sent, others: Sequence[Sent]) -> bool:
    """Whether the cap no longer holds with `one` among the others."""
    if cap.kinds and one.kind not in cap.kinds:
        return False
    days = [other.day for other in others if not cap.kinds or other.kind in cap.kinds] + [one.day]
    match cap.period:
        case "day":
            return sum(day == one.day for day in days) > cap.count
        case "week":
            return sum(day.isocalendar()[:2] == one.day.isocalendar()[:2] for day in days) > cap.count
        case "month":
            return sum((day.year, day.month) == (one.day.year, one.day.month) for day in days) > cap.count
        case "rolling":
            apart = [(day - one.day).days for day in days]
            starts = range(1 - cap.days, 1)  # every stretch of so many days in which the candidate's own day lies
            return any(sum(start <= day < start + cap.days for day in apart) > cap.count for start in starts)
