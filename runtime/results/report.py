"""Ledger, receipts and business events → the report of a period."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlglot import exp

from dsl.program.ir import Program
from runtime.errors import InputError
from runtime.ledger.ledger import Ledger
from runtime.ledger.store import held
from runtime.ledger.tables import CHANGES, EVENT, STANDING
from runtime.openings import midnight
from runtime.place import Place
from runtime.results import assigned, facts, segments, stages
from runtime.results.bubbles import bubbles
from runtime.results.calendar import calendar, hours
from runtime.results.caps import caps
from runtime.results.measures import measures
from runtime.results.model import CampaignResult, Report
from runtime.results.pages import touched
from runtime.results.totals import Counts, totals
from runtime.results.touches import Aim, attribute
from runtime.spoken import Speaker


def report(
    ledger: Ledger,
    program: Program,
    data: Place,
    since: datetime | None,
    until: datetime | None,
    speaker: Speaker,
) -> Report:
    """since: by default the day of the first send; until: as far as the ledger knows. InputError where there is no such time."""
    zone = ZoneInfo(program.brand.zone)
    until = until or known_until(ledger)
    since = since or _first_day(ledger, program)
    if since >= until:
        raise InputError(
            "The period of the report ends before it begins", "Name an earlier --since, or a later --until."
        )
    when, engine = facts.period(since, until), ledger.engine
    events = facts.build(ledger, program, data, when)
    stages.build(engine, program)
    segments.build(engine, program, events, since)
    aims = {one.name: Aim(one.goal.of, one.goal.within) for one in program.campaigns if one.goal}
    attribute(engine, "goals", aims)
    counts = totals(ledger, program, when)
    ways, measured = stages.ways(engine, program), measures(engine, program, counts)
    tried = assigned.experiments(ledger, program, when)
    known = {one.name: one for one in program.campaigns}
    found = []
    for name, one in sorted(counts.items()):
        spec = known.get(name)
        found.append(
            CampaignResult(
                name=name,
                title=spec.title if spec else name,
                product=spec.product if spec else None,
                totals=one.told(),
                ways=tuple(ways.get(name, ())),
                measures=tuple(measured.get(name, ())),
                experiments=tuple(tried.get(name, ())),
            )
        )
    total = Counts()
    for one in counts.values():
        total.add(one)
    return Report(
        brand=program.brand.title,
        currency=program.brand.currency,
        zone=program.brand.zone,
        program=program.hash,
        since=since.astimezone(zone),
        until=until.astimezone(zone),
        totals=total.told(),
        campaigns=tuple(found),
        hours=tuple(hours(engine, program, when)),
        touched=tuple(touched(engine, program, when)),
        calendar=tuple(calendar(ledger, program, when)),
        caps=tuple(caps(ledger, program, when, speaker)),
        bubbles=tuple(bubbles(program)),
    )


def known_until(ledger: Ledger) -> datetime:
    """Just after the last thing that the ledger knows of: a run, a release, an event."""
    queries = [exp.select('max("at")').from_(held(CHANGES))]
    queries += [exp.select('max("at")').from_(held(name)) for name in ledger.store.tables if name.startswith(EVENT)]
    found: list[datetime] = [at for query in queries for (at,) in ledger.engine.rows(query) if at is not None]
    if not found:
        raise InputError(f"The ledger {ledger.store.path} knows of no run yet", "`camp plan … --ledger` makes one.")
    return max(found).replace(tzinfo=UTC) + timedelta(microseconds=1)


def _first_day(ledger: Ledger, program: Program) -> datetime:
    """The beginning of the first day, by the brand's clock, for which anything was decided here."""
    query = exp.select('min("at")').from_(held(STANDING)).where("send_id IS NOT NULL OR outcome = 'control'")
    ((first,),) = ledger.engine.rows(query.where("run > 0"))
    if first is None:
        raise InputError(f"The ledger {ledger.store.path} holds no sends", "There is nothing to report yet.")
    day = first.replace(tzinfo=UTC).astimezone(ZoneInfo(program.brand.zone)).date()
    return midnight(day, program.brand.zone)
