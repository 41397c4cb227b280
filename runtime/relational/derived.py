"""The events that a run makes from the ledger: `sent`, and `ignored` where no click has answered."""

from __future__ import annotations

from sqlglot import exp

from dsl.behaviour import DAY
from dsl.catalog import CLICK_EVENT, IGNORED_AFTER_HOURS, TASK
from runtime.engines.base import Engine
from runtime.relational.loading import Loaded
from runtime.relational.sql import both, col, named, negated, num, table, text

_LATE = IGNORED_AFTER_HOURS * DAY // 24


def make(engine: Engine, used: set[str], at: int, loaded: Loaded) -> None:
    """`event_sent` and `event_ignored`, of those in `used`; the latter needs the clicks."""
    if "sent" in used:
        engine.create("event_sent", _sends(at))
        loaded.events["sent"] = "event_sent"
    if "ignored" in used:
        engine.create("sends_so_far", _sends(at - _LATE))
        click = "k.id = s.id AND k.at > s.at"
        clicks = exp.select(named(num(1), "one")).from_(table(loaded.events[CLICK_EVENT], "k"))
        clicks = clicks.where(f"{click} AND k.at <= s.at + {_LATE}")
        late = named(exp.Add(this=col("at", "s"), expression=num(_LATE)), "at")
        query = exp.select("s.* EXCLUDE (at)", late).from_(table("sends_so_far", "s"))
        engine.create("event_ignored", query.where(negated(exp.Exists(this=clicks))))
        loaded.events["ignored"] = "event_ignored"


def _sends(until: int) -> exp.Select:
    """The messages that the ledger knows to be sent by an instant, to customers that there are."""
    about = [named(col(name, "d"), f"p_{name}") for name in ("campaign", "step", "channel", "kind")]
    name = named("d.campaign || '/' || d.step || '/' || d.occurrence", "eid")
    query = exp.select("c.id", "d.at", name, *about).from_(table("decisions", "d"))
    query = query.join(table("customers", "c"), on="c.key = d.customer")
    message = exp.NEQ(this=col("channel", "d"), expression=text(TASK))
    return query.where(both("d.outcome = 'send'", message, exp.LTE(this=col("at", "d"), expression=num(until))))
