"""What a run is given, and how it sees it: nothing later than its `at`, and every default of the ledger filled in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from dsl.behaviour import Plain
from dsl.program.ir import Program
from runtime.openings import local
from runtime.outcomes import FINAL, STEP


@dataclass(frozen=True)
class Event:
    """`at` is aware, in UTC. A missing property is None, or not there."""

    id: str
    at: datetime
    properties: Mapping[str, Plain | None]


@dataclass(frozen=True)
class Data:
    """Rows that the loader has accepted. `events`: name → customer → events; `ledger`: rows in the order of the file."""

    customers: Sequence[Mapping[str, Any]]
    events: Mapping[str, Mapping[str, Sequence[Event]]]
    ledger: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Person:
    """A customer at the run's instant: `events` are ordered by (instant, id), none later than `at`."""

    key: str
    zone: str
    phone: str | None
    at: datetime
    today: date
    fields: Mapping[str, Any]
    events: Mapping[str, Sequence[Event]]
    arm: str | None = None  # in the campaign whose messages are asked


@dataclass(frozen=True)
class Past:
    """A row of the ledger. `day`, `recipient` and `kind` matter to caps, and to sends only."""

    campaign: str
    customer: str
    step: str
    occurrence: str
    outcome: str
    start: datetime
    decided: datetime
    day: date | None
    recipient: str | None
    kind: str | None
    at: datetime | None
    cost: Decimal


def people(program: Program, data: Data, at: datetime) -> list[Person]:
    """Every accepted customer."""
    bases = {field.base: field.name for field in program.customer}
    found = []
    for fields in data.customers:
        key = fields[bases["key"]]
        zone = (fields.get(bases["zone"]) if "zone" in bases else None) or program.brand.zone
        phone = fields.get(bases["phone"]) if "phone" in bases else None
        events = {
            name: sorted((one for one in by.get(key, ()) if one.at <= at), key=lambda one: (one.at, one.id))
            for name, by in data.events.items()
        }
        found.append(Person(key, zone, phone, at, local(at, zone).date(), fields, events))
    return found


def standing(rows: Iterable[Past]) -> list[Past]:
    """The row that counts of each decision: its latest final one; its latest one where none is final."""
    found: dict[tuple[str, str, str, str], Past] = {}
    for row in sorted(
        rows, key=lambda row: (row.outcome in FINAL, row.decided)
    ):  # stable: of equals the later in the file
        found[row.campaign, row.step, row.customer, row.occurrence] = row
    return list(found.values())


def ledger(program: Program, data: Data, known: Mapping[str, Person], at: datetime) -> Iterator[Past]:
    """The rows decided until `at`, in the order of the file."""
    renamed = {campaign.formerly: campaign.name for campaign in program.campaigns if campaign.formerly}
    for row in data.ledger:
        instant: datetime | None = row.get("at")
        decided = row.get("decided_at") or instant
        if decided is None or decided > at:
            continue
        who = known.get(row["customer"])
        zone = row.get("zone") or (who.zone if who else program.brand.zone)
        yield Past(
            renamed.get(row["campaign"], row["campaign"]),
            row["customer"],
            row.get("step") or STEP,
            row.get("occurrence") or "1",
            row.get("outcome") or "send",
            (row.get("started_at") or instant or decided).astimezone(UTC),
            decided,
            row.get("local_date") or (local(instant, zone).date() if instant else None),
            row.get("recipient") or (who.phone if who else None),
            row.get("kind"),
            instant,
            row.get("cost") or Decimal(0),
        )
