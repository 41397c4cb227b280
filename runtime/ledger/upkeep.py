"""What is done to a ledger by hand: taking the last run back, copying, forgetting a person, stopping campaigns and phones."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlglot import exp

from runtime.errors import InputError
from runtime.ledger.ledger import ROLLBACK, Committed, Ledger
from runtime.ledger.store import Store, held
from runtime.ledger.tables import (
    BEFORE,
    CHANGES,
    EVENT,
    FORGOTTEN,
    LINKED,
    OUTCOMES,
    PAUSED,
    REFUSED,
    RELEASES,
    RUNS,
    STANDING,
    TABLES,
    UNHEARD,
)
from runtime.relational.sql import cast, col, named, num, text


def rollback(ledger: Ledger) -> Committed:
    """Take the last run back, as if it had never been. InputError where there is none, or some of it has gone out."""
    last = ledger.last()
    if last is None:
        raise InputError("The ledger holds no run", "There is nothing to take back.")
    engine, mine = ledger.engine, exp.EQ(this=col("run"), expression=num(last.number))
    out = exp.select("count(*)").from_(held(RELEASES, "r")).join(held(STANDING, "s"), on="s.send_id = r.send_id")
    ((gone,),) = engine.rows(out.where(exp.EQ(this=col("run", "s"), expression=num(last.number))))
    if gone:
        message = f"Of run {last.number} {gone:,} messages have been released"
        raise InputError(
            message, "What has gone out cannot be taken back. `camp pause` holds back the rest of a campaign."
        )
    latest = engine.rows(
        exp.select("kind").from_(held(CHANGES)).where(f"kind IN ('run', '{ROLLBACK}')").order_by("number DESC")
    )
    if latest and latest[0][0] == ROLLBACK:
        raise InputError(
            "The last run was taken back already", "Only one run can be: what it replaced is all that is kept."
        )
    with ledger.store.change() as change:
        change.remove(STANDING, mine)
        change.append(STANDING, exp.select("*").from_(held(BEFORE)))
        change.remove(BEFORE, exp.true())
        for name in (OUTCOMES, REFUSED, RUNS, *_linked(ledger)):
            change.remove(name, mine.copy())
        ledger.note(change, ROLLBACK, last.at, {"run": last.number, "run_id": last.run_id})
    return last


def copy(ledger: Ledger, to: Store) -> int:
    """Every table into another, new ledger; how many rows. They share an engine."""
    rows = 0
    with to.change() as change:
        for name, columns in ledger.store.tables.items():
            change.prepare(name, columns)
            change.remove(name, exp.true())
            change.append(name, exp.select(*(col(column) for column in columns)).from_(held(name)))
            ((count,),) = ledger.engine.rows(exp.select("count(*)").from_(held(name)))
            rows += count
    return rows


def _linked(ledger: Ledger) -> list[str]:
    """The table of links, where the ledger is not from before there were any."""
    return [LINKED] if LINKED in ledger.store.tables else []


@dataclass(frozen=True)
class Forgotten:
    decisions: int
    events: int


def forget(ledger: Ledger, customer: str) -> Forgotten:
    """Take a person out of the ledger and keep what their decisions count for. InputError where it knows none such."""
    engine, who = ledger.engine, text(customer)
    mine = exp.EQ(this=col("customer"), expression=who)
    ((decisions,),) = engine.rows(exp.select("count(*)").from_(held(STANDING)).where(mine))
    heard = [name for name in ledger.store.tables if name.startswith(EVENT)]
    events = sum(engine.rows(exp.select("count(*)").from_(held(name)).where(mine.copy()))[0][0] for name in heard)
    if not decisions and not events:
        raise InputError(f"The ledger knows no customer {customer}", "Keys are compared to the letter.")
    counts = exp.select("campaign", "step", "outcome", "reason", "count(*) AS people", "sum(segments) AS segments")
    counts = counts.select("sum(cost) AS cost").from_(held(STANDING)).where(mine.copy())
    counts = counts.group_by("campaign", "step", "outcome", "reason")
    shown = [cast(col(name), type) for name, type in TABLES[FORGOTTEN].items()]
    sent = exp.select("unnest([send_id, confirm_id]) AS send_id").from_(held(STANDING)).where(mine.copy())
    engine.create("forgotten_sends", sent)
    with ledger.store.change() as change:
        for name in _linked(ledger):
            change.remove(
                name, exp.In(this=col("send_id"), query=exp.select("send_id").from_("forgotten_sends").subquery())
            )
        change.append(FORGOTTEN, exp.select(*shown).from_(counts.subquery("c")))
        for name in (STANDING, OUTCOMES, BEFORE, RELEASES, *heard):
            change.remove(name, mine.copy())
        for name in (REFUSED, UNHEARD):
            change.remove(name, exp.EQ(this=col("key"), expression=who.copy()))
        ledger.note(change, "forget", None, {"decisions": decisions, "events": events})
    return Forgotten(decisions, events)


def pause(ledger: Ledger, campaigns: Iterable[str], known: Iterable[str]) -> list[str]:
    """Hold campaigns back: they enter nobody, and what is due of them waits. Those that were not paused before."""
    new = [name for name in dict.fromkeys(campaigns) if name not in ledger.paused()]
    _known(new, known)
    if new:
        rows = [exp.select(named(text(name), "campaign")) for name in new]
        with ledger.store.change() as change:
            for row in rows:
                change.append(PAUSED, row)
            ledger.note(change, "pause", None, {"campaigns": new})
    return new


def resume(ledger: Ledger, campaigns: Iterable[str]) -> list[str]:
    """The opposite; those that were paused."""
    there = [name for name in dict.fromkeys(campaigns) if name in ledger.paused()]
    if there:
        with ledger.store.change() as change:
            change.remove(PAUSED, exp.In(this=col("campaign"), expressions=[text(name) for name in there]))
            ledger.note(change, "resume", None, {"campaigns": there})
    return there


def campaigns(ledger: Ledger) -> list[str]:
    """The names of those that the ledger has decided about, or whose program it holds."""
    last = ledger.last()
    found = {campaign.name for campaign in ledger.program(last.program).campaigns} if last else set()
    return sorted(
        found | {name for (name,) in ledger.engine.rows(exp.select("campaign").distinct().from_(held(STANDING)))}
    )


def _known(names: Iterable[str], known: Iterable[str]) -> None:
    from dsl.suggest import nearest

    there = sorted(known)
    for name in names:
        if name not in there:
            guess = nearest(name, there)
            raise InputError(f"There is no campaign called {name}", f"Did you mean {guess}?" if guess else "")
