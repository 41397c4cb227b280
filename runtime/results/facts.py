"""What a report rests on: the tables `touches` (messages that went), `answers` (receipts, each with its send), `heard_NAME`.

Whatever comes late counts once it is ingested: an event belongs where its instant lies, and yesterday's report says more today.
A task for the bank's own staff is no message, and stays out of everything here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlglot import exp

from dsl.behaviour import Selection, selections
from dsl.catalog import CLICK_EVENT, EVENTS, OPT_OUT_EVENT, REPLY_EVENT, TASK
from dsl.program.ir import EventSpec, Program
from runtime.execute import FEW
from runtime.inputs import open_source
from runtime.inputs.base import EVENTS as UNDER
from runtime.ledger.ledger import Ledger
from runtime.ledger.store import held
from runtime.ledger.tables import EVENT, RELEASES, STANDING
from runtime.place import Place
from runtime.relational import derived
from runtime.relational.conditions import condition
from runtime.relational.kept import renamed
from runtime.relational.load import load
from runtime.relational.sql import TYPES, both, call, col, micros, named, num, table, text, union

DELIVERED = "delivered"
RECEIPTS = (DELIVERED, CLICK_EVENT, REPLY_EVENT, OPT_OUT_EVENT)
_HEARD = {"eid": "VARCHAR", "id": "BIGINT", "happened": "BIGINT", "send_id": "VARCHAR"}


@dataclass(frozen=True)
class Period:
    """[since, until) in microseconds."""

    since: int
    until: int


def period(since: datetime, until: datetime) -> Period:
    return Period(micros(since), micros(until))


def build(ledger: Ledger, program: Program, data: Place, when: Period) -> dict[str, str]:
    """The tables; answers the events that were read, by the names of the tables that a run has for them.

    InputError where the data cannot be used, or lack an event that the program asks about. Receipts may be missing: none came.
    """
    engine = ledger.engine
    asked = events_asked(program)
    used = (asked - EVENTS.keys()) | (EVENTS.keys() & _there(ledger, data))
    loaded = load(engine, program, data, used, when.until, kept=ledger.kept())
    engine.spread(1 if loaded.customers < FEW else None)
    derived.make(engine, used, when.until, loaded)
    for event in program.events:
        if event.name in asked | set(RECEIPTS):
            _hear(ledger, event, loaded.events, when.until)
    engine.create("touches", _touches(ledger, program, when))
    engine.create("answers", union([_answered(name) for name in RECEIPTS]))
    return loaded.events


def events_asked(program: Program) -> set[str]:
    """The events that funnels, goals, measures, segments and maps of pages ask about."""
    chosen = [step for funnel in program.funnels for step in funnel.steps]
    chosen += [campaign.goal.of for campaign in program.campaigns if campaign.goal]
    chosen += [one for measure in program.measures for one in (measure.counted, measure.among) if one]
    chosen += [one for segment in program.segments for one in selections(segment.when)]
    return {one.event for one in chosen} | {event.name for event in pages(program)}


def pages(program: Program) -> list[EventSpec]:
    """The events that say where a page was touched: they have `page`, and numbers `x` and `y`."""
    found = []
    for event in program.events:
        bases = {spec.name: spec.base for spec in event.properties}
        if bases.get("x") == bases.get("y") == "number" and bases.get("page") in ("text", "choice"):
            found.append(event)
    return found


def fitting(of: Selection) -> exp.Select:
    """The events of a selection: eid, id, happened, send_id."""
    query = exp.select(*_HEARD).from_(table(f"heard_{of.event}"))
    if of.where is None:
        return query
    return query.where(condition(of.where, lambda test: exp.false(), exp.null()))


def _there(ledger: Ledger, data: Place) -> set[str]:
    """The events that data or ledger have."""
    given = open_source(ledger.engine, data)
    try:
        named = {name.removeprefix(UNDER) for name in given.names() if name.startswith(UNDER)}
    finally:
        given.close()
    return named | ledger.events().keys()


def _hear(ledger: Ledger, event: EventSpec, loaded: dict[str, str], until: int) -> None:
    """`heard_NAME`: the events before the period's end, with the message that a receipt names."""
    engine, name = ledger.engine, event.name
    if name not in loaded:
        properties = {f"p_{spec.name}": TYPES[spec.base] for spec in event.properties}
        engine.insert(f"heard_{name}", _HEARD | properties, [])
        return
    kept = EVENT + name in ledger.store.tables
    named_by = "l.send_id" if kept else "CAST(NULL AS VARCHAR)"
    query = exp.select("e.* EXCLUDE (at)", 'e."at" AS happened', f"{named_by} AS send_id").from_(
        table(loaded[name], "e")
    )
    if kept:
        query = query.join(held(EVENT + name, "l"), on="l.id = e.eid", join_type="left")
    engine.create(f"heard_{name}", query.where(exp.LT(this=col("at", "e"), expression=num(until))))


def _touches(ledger: Ledger, program: Program, when: Period) -> exp.Select:
    """The messages that were released by the period's end; of a ledger that has never released anything, those decided."""
    shown = [col(name, "s") for name in ("send_id", "step", "arm", "channel", "cost")]
    sent = call("epoch_us", col("at", "s"))
    query = exp.select(
        *shown,
        named(renamed(program, col("campaign", "s")), "campaign"),
        "c.id",
        named(sent, "sent"),
        named(exp.GTE(this=sent.copy(), expression=num(when.since)), "counted"),
    )
    query = query.from_(held(STANDING, "s")).join(table("customers", "c"), on="c.key = s.customer", join_type="left")
    if released(ledger):
        query = query.join(held(RELEASES, "r"), on="r.send_id = s.send_id AND r.state = 'released'")
    before = exp.LT(this=sent.copy(), expression=num(when.until))
    message = exp.NEQ(this=col("channel", "s"), expression=text(TASK))
    return query.where(both("s.outcome = 'send' AND s.send_id IS NOT NULL", message, before))


def released(ledger: Ledger) -> bool:
    """Whether the ledger has ever released anything."""
    return bool(ledger.engine.rows(exp.select("1").from_(held(RELEASES)).limit(1)))


def _answered(name: str) -> exp.Query:
    """Receipts of one kind with the message that they name or, where they name none, the customer's latest at their instant."""
    about = exp.select(named(text(name), "event"), "t.send_id", "e.happened").from_(table(f"heard_{name}", "e"))
    by_id = about.join(table("touches", "t"), on="t.send_id = e.send_id")
    latest = exp.select("id", "sent", "max(send_id) AS send_id").from_(table("touches")).group_by("id", "sent")
    unnamed = exp.select("id", "happened").from_(table(f"heard_{name}")).where("send_id IS NULL")
    by_time = exp.select(named(text(name), "event"), "t.send_id", "e.happened").from_(unnamed.subquery("e"))
    by_time = by_time.join(latest.subquery("t"), on="t.id = e.id AND t.sent <= e.happened", join_type="asof")
    return exp.union(by_id, by_time, distinct=False)
