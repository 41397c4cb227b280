"""Counts of sends: what was decided for the period, what became of it, what it has cost."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sqlglot import exp

from dsl.catalog import TASK
from dsl.program.ir import Program
from runtime.ledger.ledger import Ledger
from runtime.ledger.store import held
from runtime.ledger.tables import RELEASES, STANDING
from runtime.relational.kept import renamed
from runtime.relational.sql import both, call, col, named, num, table, text
from runtime.results.facts import Period
from runtime.results.model import Totals

_CENTS = Decimal("0.0001")


@dataclass
class Counts:
    """Of one campaign, or of several together. aimed: what those have cost that have a goal."""

    planned: int = 0
    sent: int = 0
    delivered: int = 0
    clicked: int = 0
    replied: int = 0
    opted_out: int = 0
    held_out: int = 0
    cancelled: int = 0
    cost: Decimal | None = None
    goals: int | None = None
    aimed: Decimal | None = None

    def add(self, other: Counts) -> None:
        for name in ("planned", "sent", "delivered", "clicked", "replied", "opted_out", "held_out", "cancelled"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.cost, self.aimed = _plus(self.cost, other.cost), _plus(self.aimed, other.aimed)
        self.goals = self.goals if other.goals is None else (self.goals or 0) + other.goals

    def told(self) -> Totals:
        shown = {name: value for name, value in vars(self).items() if name != "aimed"}
        return Totals(**shown, cost_per_goal=each(self.aimed, self.goals or 0))


def each(cost: Decimal | None, count: int) -> Decimal | None:
    """What one of so many has cost; None of none, or where nothing has a price."""
    return None if cost is None or count == 0 else (cost / count).quantize(_CENTS)


def _plus(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return other if one is None else one if other is None else one + other


def totals(ledger: Ledger, program: Program, when: Period) -> dict[str, Counts]:
    """By campaign; also those that only the ledger knows. Goals: None of campaigns without one."""
    engine = ledger.engine
    found = {campaign.name: Counts() for campaign in program.campaigns}
    for campaign, planned, held_out, cancelled in engine.rows(_decided(program, when)):
        one = found.setdefault(campaign, Counts())
        one.planned, one.held_out, one.cancelled = planned, held_out, cancelled
    shown = [
        "campaign",
        "count(*)",
        *(f"count(*) FILTER (WHERE {one})" for one in ("delivered", "clicked_at IS NOT NULL")),
    ]
    shown += ["count(*) FILTER (WHERE replied)", "count(*) FILTER (WHERE opted_out)", "sum(cost)"]
    for row in engine.rows(exp.select(*shown).from_(table("messages")).group_by("campaign")):
        one = found.setdefault(row[0], Counts())
        one.sent, one.delivered, one.clicked, one.replied, one.opted_out, one.cost = row[1:]
    aims = {campaign.name for campaign in program.campaigns if campaign.goal}
    goals = dict(engine.rows(exp.select("campaign", "count(*)").from_(table("goals")).where("counted").group_by("1")))
    for name in aims:
        found[name].goals, found[name].aimed = goals.get(name, 0), found[name].cost
    return found


def _decided(program: Program, when: Period) -> exp.Select:
    """What was decided for the period: messages to be sent, those held out, and those that were cancelled before they went."""
    at = call("epoch_us", col("at", "s"))
    inside = exp.Between(this=at, low=num(when.since), high=num(when.until - 1))
    message = exp.NEQ(this=col("channel", "s"), expression=text(TASK))
    # Of a cancelled one the ledger says `expired` with its send_id still there.
    rows = exp.select(
        named(renamed(program, col("campaign", "s")), "campaign"),
        "s.outcome = 'send' AS sends",
        "s.outcome = 'control' AS held_out",
        "r.state IS NOT NULL AND s.outcome <> 'send' AS cancelled",
    ).from_(held(STANDING, "s"))
    rows = rows.join(
        held(RELEASES, "r"),
        on="r.send_id = s.send_id AND r.role = 'message' AND r.state = 'cancelled'",
        join_type="left",
    )
    rows = rows.where(both(inside, "s.send_id IS NOT NULL OR s.outcome = 'control'", message))
    shown = [f"count(*) FILTER (WHERE {one})" for one in ("sends OR cancelled", "held_out", "cancelled")]
    return exp.select("campaign", *shown).from_(rows.subquery("d")).group_by("campaign")
