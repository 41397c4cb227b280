"""What a run is given, and how it sees it: nothing later than its `at`, and every default of the ledger filled in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from dsl.behaviour import Plain
from dsl.catalog import CLICK_EVENT, DERIVED, IGNORED_AFTER_HOURS, TASK, TO_PHONES
from dsl.program.ir import Program
from runtime.openings import local
from runtime.outcomes import FINAL, STEP
from runtime.response import Asked, Response


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
    since: datetime | None = None  # when that campaign, or the step asked about, began to count
    responses: Mapping[Asked, Response] = field(default_factory=dict)  # how everybody's messages are answered


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
    channel: str = "sms"


def world(program: Program, data: Data, at: datetime) -> tuple[dict[str, Person], list[Past]]:
    """Every accepted customer by key, with the events that follow from the ledger, and the ledger's standing rows."""
    known = {who.key: who for who in people(program, data, at)}
    rows = standing(ledger(program, data, known, at))
    sent: dict[str, list[Past]] = defaultdict(list)
    for row in rows:
        if row.outcome == "send" and row.channel != TASK and row.at is not None and row.at <= at:
            sent[row.customer].append(row)
    return {key: replace(who, events={**who.events, **derived(who, sent[key])}) for key, who in known.items()}, rows


def derived(who: Person, sent: Iterable[Past]) -> dict[str, list[Event]]:
    """`sent`: each message; `ignored`: each that no click has answered, 48 hours after it."""
    found: dict[str, list[Event]] = {name: [] for name in DERIVED}
    clicks = [click.at for click in who.events.get(CLICK_EVENT, ())]
    for row in sent:
        assert row.at is not None
        name = f"{row.campaign}/{row.step}/{row.occurrence}"
        about = {"campaign": row.campaign, "step": row.step, "channel": row.channel, "kind": row.kind}
        late = row.at + timedelta(hours=IGNORED_AFTER_HOURS)
        found["sent"].append(Event(name, row.at, about))
        if late <= who.at and not any(row.at < click <= late for click in clicks):
            found["ignored"].append(Event(name, late, about))
    return {name: sorted(events, key=lambda one: (one.at, one.id)) for name, events in found.items()}


def recipient(channel: str, phone: str | None, key: str) -> str | None:
    """Who counts as one for caps: the phone; the customer on channels that need none."""
    return phone if channel in TO_PHONES else phone or key


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
        channel = row.get("channel") or "sms"
        yield Past(
            renamed.get(row["campaign"], row["campaign"]),
            row["customer"],
            row.get("step") or STEP,
            row.get("occurrence") or "1",
            row.get("outcome") or "send",
            (row.get("started_at") or instant or decided).astimezone(UTC),
            decided.astimezone(UTC),
            row.get("local_date") or (local(instant, zone).date() if instant else None),
            row.get("recipient") or (recipient(channel, who.phone, who.key) if who else None),
            row.get("kind"),
            instant.astimezone(UTC) if instant else None,
            row.get("cost") or Decimal(0),
            channel,
        )
