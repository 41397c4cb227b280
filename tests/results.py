"""A bank whose ledger is written by hand: every figure of its report can be counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlglot import exp

from dsl.compiler import analyse
from dsl.program.ir import Program
from dsl.program.lower import lower
from dsl.settings import Settings
from dsl.source import Source
from runtime.engines import open_engine
from runtime.engines.base import Engine
from runtime.ledger.ledger import Ledger
from runtime.ledger.open import open_store
from runtime.ledger.tables import EVENT, HEARD_COLUMNS, HINTS, RELEASES, STANDING, TABLES
from runtime.relational.sql import table
from runtime.results.model import CampaignResult, Report
from runtime.results.report import report
from runtime.spoken import Speaker
from tests.banks import csv

BANK = """
brand b "B" { zone "Asia/Shanghai"; currency CNY; phones "CN"; link "https://s.example/{{ code }}"; cost sms 0.05 CNY }
customer { id key; phone phone; vip flag }
event looked { page text }
event applied { product text }
event funded
event tapped { page text; x number; y number }
segment valued "贵宾" = vip
segment seen "来过" = did looked in last 30 days
funnel loan "贷款" = looked then applied then funded within 10 days
measure approval "通过率" = funded of applied within 5 days
measure price "获客成本" = funded within 10 days
measure pleased "满意度" = replied where text = "5" of replied within 3 days
policy p { quiet 22:00-08:00; cap 1 per day; cap 2 per 3 days; cap 1 of triggered per month }
campaign one "一" { policy p; kind benefit; runs 2026-03-01..2026-03-31; audience { vip }; start once
  goal applied within 2 days; message sms { text "{{ customer.id }} {{ link }}" } }
campaign two "二" { policy p; kind triggered; runs 2026-03-01..2026-03-31; audience { vip }; start once; holdout 20%
  arms { a 50%; b 50% }
  goal applied where product = "x" within 5 days
  message sms when arm is a { text "A {{ link }}" }; message sms { text "B {{ link }}" }
  step more after 2 days { message sms { text "again" } } }
campaign still "三" { policy p; kind benefit; runs 2026-03-01..2026-03-31; audience { vip }
  start once; message sms { text "x" } }
"""
NOON = datetime(2026, 3, 4, 4, tzinfo=UTC)  # at noon in Shanghai
DAY, HOUR, US = timedelta(days=1), timedelta(hours=1), timedelta(microseconds=1)
PEOPLE = ("k0", "k1", "k2", "k3")
# Of each event its properties, and how one of these tests names them.
DECLARED = {"looked": ("page",), "applied": ("product",), "funded": (), "tapped": ("page", "x", "y"), "opted_out": ()}


@dataclass(frozen=True)
class Send:
    """A decision; of `outcome` send one with an id."""

    campaign: str
    customer: str
    at: datetime
    id: str | None = None
    outcome: str = "send"
    reason: str | None = None
    step: str = "entry"
    arm: str | None = None
    state: str | None = "released"
    rule: str = ""
    channel: str = "sms"


@dataclass(frozen=True)
class Event:
    name: str
    customer: str
    at: datetime
    id: str
    values: tuple[Any, ...] = ()
    send: str | None = None


@cache
def program(bank: str = BANK) -> Program:
    found = analyse([Source("all.camp", bank)])
    assert found.model is not None and not found.errors, found.errors
    return lower(found.model, Settings())


def of(found: Report, campaign: str) -> CampaignResult:
    return next(one for one in found.campaigns if one.name == campaign)


def reached(found: Report, campaign: str, by: str = "all", group: str = "") -> list[int]:
    way = next(one for one in of(found, campaign).ways if (one.by, one.group) == (by, group))
    return [stage.reached for stage in way.stages]


def reported(
    folder: Path,
    sends: Iterable[Send],
    events: Iterable[Event] = (),
    since: datetime = NOON - 12 * HOUR,
    until: datetime = NOON + 27 * DAY,
    bank: str = BANK,
    people: Mapping[str, str] | None = None,
) -> Report:
    """The report of these decisions; receipts are in the ledger, other events in the data. people: key → whether a vip."""
    known = dict.fromkeys(PEOPLE, "yes") if people is None else people
    happened = list(events)
    data = folder / "data"
    rows = [f"{key},1380000{at:04},{vip}" for at, (key, vip) in enumerate(known.items())]
    csv(data / "customers.csv", "id,phone,vip", *rows)
    for name, properties in DECLARED.items():
        lines = [
            ",".join([one.id, one.customer, one.at.isoformat(), *map(str, one.values)])
            for one in happened
            if one.name == name
        ]
        csv(data / f"events/{name}.csv", ",".join(["id", "customer", "at", *properties]), *lines)
    engine = open_engine("duckdb")
    store = open_store(engine, folder / "l.duckdb")
    try:
        ledger = Ledger(store)
        decided = list(sends)
        receipts: dict[str, list[Event]] = {}
        for one in happened:
            if one.name not in DECLARED:
                receipts.setdefault(one.name, []).append(one)
        with store.change() as change:
            change.append(STANDING, _rows(engine, STANDING, map(_standing, decided)))
            change.append(RELEASES, _rows(engine, RELEASES, [_release(one) for one in decided if one.id and one.state]))
            for name, mine in receipts.items():
                _hear(engine, change, name, mine)
        return report(ledger, program(bank), data, since, until, Speaker())
    finally:
        store.close()
        engine.close()


def _hear(engine: Engine, change: Any, name: str, mine: list[Event]) -> None:
    columns = {**HEARD_COLUMNS, **({"p_text": "VARCHAR"} if name == "replied" else {}), **HINTS}
    change.prepare(EVENT + name, columns)
    rows = [
        (one.id, one.customer, _plain(one.at), *(one.values[:1] if name == "replied" else ()), one.send) for one in mine
    ]
    engine.insert(f"new_{name}", columns, rows)
    change.append(EVENT + name, exp.select("*").from_(table(f"new_{name}")))


def _standing(one: Send) -> dict[str, Any]:
    own = {name: getattr(one, name) for name in ("campaign", "customer", "outcome", "reason", "step", "arm", "rule")}
    at = _plain(one.at)
    local = (one.at + 8 * HOUR).date()
    cost = "0.0500" if one.outcome == "send" else None
    times = {"at": at, "started_at": at, "decided_at": at, "local_date": local}
    kind = "triggered" if one.campaign == "two" else "benefit"
    rest = {"zone": "Asia/Shanghai", "recipient": one.customer, "kind": kind, "cost": cost, "run": 1}
    return own | times | rest | {"send_id": one.id, "channel": one.channel, "occurrence": one.id or str(one.at)}


def _release(one: Send) -> dict[str, Any]:
    return {
        "send_id": one.id,
        "role": "message",
        "state": one.state,
        "at": _plain(one.at),
        "campaign": one.campaign,
        "customer": one.customer,
    }


def _rows(engine: Engine, name: str, rows: Iterable[Mapping[str, Any]]) -> exp.Select:
    columns = TABLES[name]
    engine.insert(f"new_{name}", columns, [[row.get(column) for column in columns] for row in rows])
    return exp.select("*").from_(table(f"new_{name}"))


def _plain(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(tzinfo=None)
