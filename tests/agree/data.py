"""Random customers, events and past decisions, as values for the interpreter and as files for the runtime."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq

from dsl.program.ir import Program
from dsl.program.parts import parts
from runtime.outcomes import COLUMNS
from runtime.reference import Data, Event
from tests.agree.banned import value
from tests.agree.programs import TEXTS, ZONES

INSTANTS = (
    "2026-03-04T09:00+08:00",
    "2026-03-08T01:59:59.999999-05:00",  # the last instant before New York's gap
    "2026-03-08T12:00+00:00",
    "2026-11-01T01:30-04:00",  # New York's fold, the first time
    "2026-02-15T22:00+08:00",  # quiet begins, in the Spring Festival
    "2026-02-28T08:00+08:00",  # quiet ends, on a make-up day
    "2026-12-31T23:00+08:00",
)
HORIZONS = (timedelta(hours=12), timedelta(days=1), timedelta(days=7))
_TYPES = {
    "money": pa.decimal128(18, 2),
    "number": pa.decimal128(18, 6),
    "rate": pa.decimal128(18, 6),
    "date": pa.date32(),
    "flag": pa.bool_(),
}
_DAY = timedelta(days=1)
SAID = ("1", " １ ", "人工客服", "td", "TD", "?")


@dataclass(frozen=True)
class World:
    customers: tuple[dict[str, Any], ...]
    events: tuple[tuple[str, str, Event], ...]  # event name, customer key, event
    ledger: tuple[dict[str, Any], ...]

    def data(self) -> Data:
        """As the loader hands it on: texts without the blanks around them, an empty one missing."""
        keys = {row["id"] for row in self.customers}
        people = tuple({name: _loaded(value) for name, value in row.items()} for row in self.customers)
        events: dict[str, dict[str, list[Event]]] = {}
        for name, customer, event in self.events:
            if customer in keys:
                properties = {name: _loaded(value) for name, value in event.properties.items()}
                events.setdefault(name, {}).setdefault(customer, []).append(replace(event, properties=properties))
        return Data(people, events, self.ledger)

    def write(self, program: Program, folder: Path) -> None:
        (folder / "events").mkdir(parents=True, exist_ok=True)
        columns = {
            spec.column: pa.array([row[spec.name] for row in self.customers], _TYPES.get(spec.base, pa.string()))
            for spec in program.customer
        }
        pq.write_table(pa.table(columns), folder / "customers.parquet")
        for event in (one for one in program.events if not one.derived):
            rows = [(customer, one) for name, customer, one in self.events if name == event.name]
            table = {
                "customer": pa.array([customer for customer, _ in rows], pa.string()),
                "at": pa.array([one.at.replace(tzinfo=None) for _, one in rows], pa.timestamp("us")),
                "id": pa.array([one.id for _, one in rows], pa.string()),
            }
            for spec in event.properties:
                values = [one.properties.get(spec.name) for _, one in rows]
                table[spec.column] = pa.array(values, _TYPES.get(spec.base, pa.string()))
            pq.write_table(pa.table(table), folder / "events" / f"{event.name}.parquet")
        if self.ledger:
            pq.write_table(_ledger_table(self.ledger), folder / "ledger.parquet")


def _loaded(value: Any) -> Any:
    return (value.strip(" \u3000") or None) if isinstance(value, str) else value


def _ledger_table(rows: tuple[dict[str, Any], ...]) -> pa.Table:
    types = {
        "TIMESTAMP": pa.timestamp("us"),
        "DATE": pa.date32(),
        "INTEGER": pa.int32(),
        "DECIMAL(18,4)": pa.decimal128(18, 4),
    }

    def plain(value: Any) -> Any:
        return value.replace(tzinfo=None) if isinstance(value, datetime) else value

    return pa.table(
        {
            name: pa.array([plain(row.get(name)) for row in rows], types.get(type, pa.string()))
            for name, type in COLUMNS.items()
        }
    )


@dataclass
class Maker:
    r: Random
    at: datetime
    zone: str
    serial: int = field(default=0)
    words: list[str] = field(default_factory=list)

    def world(self, program: Program, customers: int) -> World:
        bans = (spec.ban for policy in program.policies for spec in policy.bans)
        self.words = [word for ban in bans for word in (*ban.words, *ban.words, *ban.allowed, *ban.unless)]
        people = tuple(self.customer(number) for number in range(customers))
        events = tuple(one for person in people for one in self.events(person["id"]))
        ledger = tuple(row for person in people for row in self.ledger(program, person))
        shuffled = list(people), list(events), list(ledger)
        for rows in shuffled:
            self.r.shuffle(rows)
        shuffled[1].extend(self.answers(ledger))
        return World(*(tuple(rows) for rows in shuffled))  # type: ignore[arg-type]

    def maybe(self, value: Any, share: float = 0.75) -> Any:
        return value if self.r.random() < share else None

    def customer(self, number: int) -> dict[str, Any]:
        r, today = self.r, self.at.date()
        day = today + r.choice((-31, -30, -29, -4, -3, -2, -1, 0, 1, 2, 3, 4, 30, 31)) * _DAY
        near = r.choice((day, date(1990, 1, 1), date(1999, 12, 31), date(2000, 1, 1)))
        return {
            "id": r.choice(("", "客", "é")) + f"k{number}",
            "phone": self.maybe(f"+86138000{r.randint(0, r.choice((30, 999))):05}", 0.9),
            "surname": self.maybe(r.choice((*TEXTS, "🔥", "先")) if r.random() < 0.7 else value(r, self.words, 4)),
            "nick": self.maybe(value(r, self.words)),
            "gender": self.maybe(r.choice("FM")),
            "region": r.choice(("county", "city")),
            "assets": self.maybe(
                Decimal(
                    r.choice(
                        (
                            "0.00",
                            "99.99",
                            "100.00",
                            "8500.00",
                            "299999.99",
                            "50000.00",
                            "-5.50",
                            "120000000.00",
                            "123456.78",
                            "0.07",
                        )
                    )
                )
            ),
            "score": self.maybe(
                Decimal(r.choice(("0.000000", "1.000000", "2.500000", "-1.000000", "10.000000", "0.000001")))
            ),
            "apr": self.maybe(Decimal(r.choice(("0.000000", "0.038000", "0.038500", "1.000000", "0.123456")))),
            "born": self.maybe(near),
            "joined": day,
            "vip": r.random() < 0.5,
            "consent": r.random() < 0.8,
            "profiling": self.maybe(r.random() < 0.8),
            "bound": self.maybe(r.random() < 0.7),
            "rich": r.random() < 0.6,
            "zone": self.maybe(r.choice(ZONES), 0.5),
        }

    def instant(self) -> datetime:
        r = self.r
        edge = r.choice((0, 1, 7, 30)) * _DAY if r.random() < 0.7 else r.choice((90, 120, 720)) * timedelta(minutes=1)
        near = r.choice((0, 0, 1, -1, r.randint(-(10**9), 10**9), r.randint(-(10**11), 10**11)))
        return self.at - edge + timedelta(microseconds=near)

    def events(self, customer: str) -> list[tuple[str, str, Event]]:
        r, found = self.r, []
        for name in ("view", "calc"):
            for _ in range(r.choice((0, 1, 1, 2, 3, 5))):
                self.serial += 1
                if name == "view":
                    properties: dict[str, Any] = {
                        "page": r.choice(("loan", "home")),
                        "n": self.maybe(Decimal(r.choice(("1", "2", "3")))),
                        "note": self.maybe(value(r, self.words)),
                    }
                else:
                    properties = {
                        "amount": Decimal(r.choice(("99.99", "100.00", "50000.00", "50000.01"))),
                        "ok": r.random() < 0.5,
                        "months": self.maybe(Decimal(r.choice(("0", "1", "6", "12", "36.5", "60")))),
                    }
                found.append((name, customer, Event(f"e{r.randint(0, 9)}-{self.serial}", self.instant(), properties)))
        often = {"clicked": r.choice((0, 0, 1, 3)), "replied": r.choice((0, 0, 1, 2)), "opted_out": r.random() < 0.1}
        for name, times in often.items():
            for _ in range(times):
                self.serial += 1
                said = {"text": self.maybe(r.choice((*SAID, value(r, self.words))), 0.9)} if name == "replied" else {}
                found.append((name, customer, Event(f"{name[0]}{r.randint(0, 9)}-{self.serial}", self.instant(), said)))
        return found

    def answers(self, ledger: Iterable[dict[str, Any]]) -> Iterator[tuple[str, str, Event]]:
        """Clicks soon after past messages, and at the edges of the time in which they count. Drawn apart from all else."""
        r, micro, two_days = Random(self.serial), timedelta(microseconds=1), 2 * _DAY
        after = (micro, timedelta(minutes=7), timedelta(hours=9), two_days, two_days + micro, timedelta(0))
        for row in (row for row in ledger if row["outcome"] == "send"):
            for _ in range(r.choice((0, 0, 1, 2))):
                self.serial += 1
                yield "clicked", row["customer"], Event(f"a{self.serial}", row["at"] + r.choice(after), {})

    def ledger(self, program: Program, person: dict[str, Any]) -> list[dict[str, Any]]:
        r, rows = self.r, []
        steps: dict[str, list[str]] = {"gone": []}
        for part in parts(program):
            steps.setdefault(part.campaign.name, []).extend([] if part.is_entry else [part.step])
        for _ in range(r.choice((0, 0, 0, 1, 2, 3, 5))):
            campaign = r.choice([*steps])
            step = r.choice(["entry", "entry", *steps[campaign], "former"]) if r.random() < 0.6 else "entry"
            outcome = r.choice(("send", "send", "send", "control", "expired", "deferred", "suppressed"))
            decided = self.at - r.choice((0, 1, 2, 3, 29, 30, 31)) * _DAY - timedelta(minutes=r.randint(0, 2000))
            started = decided - timedelta(minutes=r.choice((0, 1, 1440, 5000)))
            at = (
                decided + timedelta(minutes=r.choice((0, 10, 1440, 4000)))
                if outcome in ("send", "control", "deferred")
                else None
            )
            zone = person["zone"] or self.zone
            kind = next((one.kind for one in program.campaigns if one.name == campaign), r.choice(("benefit", None)))
            rows.append(
                {
                    "campaign": campaign,
                    "step": step,
                    "customer": person["id"],
                    "occurrence": r.choice(("1", "1", "1", "2", "e3")),
                    "channel": r.choice(("sms", "sms", "rcs", "wechat", "task", None)),
                    "outcome": outcome,
                    "started_at": started,
                    "at": at,
                    "local_date": at.astimezone(ZoneInfo(zone)).date() if at else None,
                    "zone": zone,
                    "recipient": self.maybe(person["phone"], 0.8),
                    "kind": kind,
                    "decided_at": decided,
                    "cost": r.choice((None, Decimal("0.0500"), Decimal("0.1000"))) if outcome == "send" else None,
                }
            )
        return rows


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


__all__ = ["HORIZONS", "INSTANTS", "Maker", "World", "instant", "replace"]
