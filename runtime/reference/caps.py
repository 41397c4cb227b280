"""Caps: the only place where one decision depends on another. One pass in the order of rank."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
from runtime.reference.met import Met, Row, gate

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
    program: Program, rows: Iterable[Row], before: Iterable[Sent], known: Mapping[str, Person]
) -> list[tuple[Row, list[Met]]]:
    """Turns each `send` that a cap refuses into a suppressed one. `before`: the sends of the ledger.

    Every message that was looked at, with the caps that it met up to the one that refused it.
    """
    taken: dict[str, list[Sent]] = defaultdict(list)
    for sent in before:
        taken[sent.recipient].append(sent)

    looked = []
    messages = (row for row in rows if row["outcome"] == "send" and row["channel"] != TASK)
    for row in sorted(messages, key=rank(program)):
        met = []
        for one_met in _caps(program, row, taken[row["recipient"]], known[row["customer"]]):
            met.append(one_met)
            if one_met.decided is not None:
                row |= dict.fromkeys(OF_SENDS) | one_met.decided
                break
        else:
            taken[row["recipient"]].append(sent_of(row))
        looked.append((row, met))
    return looked


def _caps(program: Program, row: Row, others: Sequence[Sent], who: Person) -> Iterator[Met]:
    """First the campaign's, then the policy's, of those that hold the row. `others`: what has the recipient so far."""
    campaign = next(one for one in program.campaigns if one.name == row["campaign"])
    policy = next(one for one in program.policies if one.name == campaign.policy)
    one, then = sent_of(row), replace(who, today=row["local_date"])  # who is held to it: as of the date of sending
    own = [other for other in others if other.campaign == campaign.name and other.entry]
    for spec in campaign.caps if one.entry else ():
        if _asks(spec.cap, one, then):
            yield _cap(spec.at, spec.cap, one, own)
    for spec in policy.caps:
        if _asks(spec.cap, one, then):
            counted = [other for other in others if other.kind not in spec.cap.exempt]
            yield _cap(spec.at, _raised(spec.cap, one.day, program.brand.holidays), one, counted)


def _cap(rule: str, cap: Cap, one: Sent, others: Sequence[Sent]) -> Met:
    return gate("cap", rule, full(cap, one.day, others), "suppressed", "cap", cap=cap, one=one, others=tuple(others))


def sent_of(row: Row) -> Sent:
    return Sent(row["recipient"], row["campaign"], row["kind"], row["local_date"], row["step"] == STEP)


def rank(program: Program) -> Callable[[Row], tuple[Any, ...]]:
    """Service before marketing, greater priority, earlier instant, lower send_id."""
    priorities = {campaign.name: campaign.priority for campaign in program.campaigns}
    return lambda row: (row["kind"] != SERVICE, -priorities[row["campaign"]], row["at"], row["send_id"])


def _asks(cap: Cap, one: Sent, who: Person) -> bool:
    """Whether it is held to the cap. `who` as of the date of sending."""
    if one.kind in cap.exempt or (cap.kinds and one.kind not in cap.kinds):
        return False
    return cap.when is None or holds(cap.when, who)


def _raised(cap: Cap, day: date, country: str | None) -> Cap:
    """With what is added before holidays."""
    more = sum(extra.count for extra in cap.extras if is_before_holiday(day, extra.days, country))
    return replace(cap, count=cap.count + more)


def full(cap: Cap, day: date, others: Sequence[Sent]) -> bool:
    """Whether the cap no longer holds with one more on a day."""
    return any(len(there) >= cap.count for there in stretches(cap, day, others))


def stretches(cap: Cap, day: date, others: Sequence[Sent]) -> list[list[Sent]]:
    """What the cap counts among the others, in each of its periods to which a day belongs."""
    counted = [other for other in others if not cap.kinds or other.kind in cap.kinds]
    match cap.period:
        case "day":
            return [[other for other in counted if other.day == day]]
        case "week":
            return [[other for other in counted if other.day.isocalendar()[:2] == day.isocalendar()[:2]]]
        case "month":
            return [[other for other in counted if (other.day.year, other.day.month) == (day.year, day.month)]]
        case "rolling":
            starts = range(1 - cap.days, 1)  # every stretch of so many days in which the candidate's own day lies
            return [[one for one in counted if start <= (one.day - day).days < start + cap.days] for start in starts]
