"""Whether a ledger is whole: what it says of itself, held against its rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC

from sqlglot import exp

from runtime.ledger.ledger import Ledger, chained
from runtime.ledger.store import held
from runtime.ledger.tables import CHANGES, OUTCOMES, RELEASES, RUNS, STANDING
from runtime.outcomes import KEY
from runtime.relational.sql import both, col, micros, negated


@dataclass(frozen=True)
class Law:
    """`looked` at so many rows, of which `broken` do not keep it; one of them as an example."""

    law: str
    looked: int
    broken: int
    example: str


def check(ledger: Ledger) -> list[Law]:
    return list(_laws(ledger))


def _laws(ledger: Ledger) -> Iterator[Law]:
    yield _chain(ledger)
    yield _counts(ledger)
    every = ", ".join(f'"{name}"' for name in KEY)
    standing = exp.select("count(*)", f"count(DISTINCT ({every}))").from_(held(STANDING))
    ((rows, keys),) = ledger.engine.rows(standing)
    yield Law("a decision stands once", rows, rows - keys, "")
    ids = exp.select("count(send_id)", "count(DISTINCT send_id)", "max(send_id)").from_(held(STANDING))
    ((sends, different, one),) = ledger.engine.rows(ids.where("outcome = 'send'"))
    yield Law("a send has an id of its own", sends, sends - different, one if sends != different else "")
    yield _latest(ledger)
    yield _releases(ledger)


def _chain(ledger: Ledger) -> Law:
    """Every change names the one before it."""
    rows = ledger.engine.rows(
        exp.select("number", "kind", "at", "detail", "state").from_(held(CHANGES)).order_by("number")
    )
    before, broken, example = "", 0, ""
    for place, (number, kind, at, detail, state) in enumerate(rows, 1):
        instant = "" if at is None else str(micros(at.replace(tzinfo=UTC)))
        if number != place or state != chained(before, number, kind, instant, detail):
            broken, example = broken + 1, example or f"{number} ({kind})"
        before = state
    return Law("no change is missing or was edited", len(rows), broken, example)


def _counts(ledger: Ledger) -> Law:
    """Of the runs whose rows are kept."""
    counted = exp.select("run", "count(*) AS rows", "count(*) FILTER (WHERE outcome = 'send') AS sends")
    counted = counted.from_(held(OUTCOMES)).group_by("run")
    forgotten = _forgotten(ledger)
    query = exp.select("r.run", "r.candidates", "r.sends", "o.rows", "o.sends").from_(held(RUNS, "r"))
    rows = ledger.engine.rows(query.join(counted.subquery("o"), on="o.run = r.run").order_by("r.run"))
    bad = [run for run, rows, sends, there, sent in rows if not forgotten and (rows, sends) != (there, sent)]
    return Law("a run's rows are all there", len(rows), len(bad), f"run {bad[0]}" if bad else "")


def _forgotten(ledger: Ledger) -> bool:
    """Whether somebody's rows were taken out on purpose: then runs have fewer than they had."""
    return bool(ledger.engine.rows(exp.select("1").from_(held(CHANGES)).where("kind = 'forget'").limit(1)))


def _latest(ledger: Ledger) -> Law:
    """What stands is what the latest run said that decided it, but for sends that were not released."""
    key = ", ".join(f'o."{name}"' for name in KEY)
    latest = (
        exp.select("o.*")
        .from_(held(OUTCOMES, "o"))
        .qualify(f"row_number() OVER (PARTITION BY {key} ORDER BY o.run DESC) = 1")
    )
    same = both(*(exp.EQ(this=col(name, "s"), expression=col(name, "l")) for name in KEY))
    query = exp.select(
        "count(*)",
        "count(*) FILTER (WHERE s.run IS NULL OR (s.run = l.run AND s.outcome <> l.outcome AND x.state IS NULL))",
    )
    query = query.select("min(l.campaign || ' ' || l.customer) FILTER (WHERE s.run IS NULL)").from_(
        latest.subquery("l")
    )
    query = query.join(held(STANDING, "s"), on=same, join_type="left")
    cancelled = exp.select("*").from_(held(RELEASES)).where("state = 'cancelled'").subquery("x")
    query = query.join(cancelled, on="x.send_id = l.send_id", join_type="left")
    ((looked, broken, example),) = ledger.engine.rows(query)
    return Law("what a run decided stands", looked, broken, example or "")


def _releases(ledger: Ledger) -> Law:
    query = exp.select("count(*)", "count(*) FILTER (WHERE s.send_id IS NULL)").from_(held(RELEASES, "r"))
    sends = (
        exp.select("send_id").from_(held(STANDING)).where(negated(exp.Is(this=col("send_id"), expression=exp.null())))
    )
    either = exp.union(sends, exp.select("confirm_id").from_(held(STANDING)).where("NOT confirm_id IS NULL"))
    ((looked, broken),) = ledger.engine.rows(
        query.join(either.subquery("s"), on="s.send_id = r.send_id", join_type="left")
    )
    return Law("what was released was decided", looked, broken, "")
