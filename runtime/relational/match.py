"""Whose audience holds: one scan of the customers for all campaigns."""

from __future__ import annotations

from sqlglot import exp

from dsl import behaviour as b
from dsl.catalog import CLICK_EVENT, OPT_OUT_EVENT, REPLY_EVENT
from dsl.program.ir import Program
from dsl.program.parts import parts
from dsl.terms import Happens, Pattern, Reaches, Start, SumReaches
from runtime.engines.base import Engine
from runtime.relational.bits import Bits
from runtime.relational.conditions import condition
from runtime.relational.features import Features
from runtime.relational.lookup import Lookup
from runtime.relational.sql import col, named, num, table, union

OPTED_OUT = b.Did(b.Selection(OPT_OUT_EVENT))


class Matching:
    """Makes `features` (id, w0, …) and `matched` (id, n: the campaign's number in the program)."""

    def __init__(self, program: Program, refusals: bool = True) -> None:
        self.program = program
        self.parts = parts(program)
        self.lookup = Lookup(program)
        self.features = Features()
        self.bits = Bits(self.features)
        lines = [line.when for campaign in program.campaigns for line in campaign.audience]
        self.features.collect([*lines, OPTED_OUT] if refusals else lines)
        chosen = [message.when for part in self.parts for message in part.messages if message.when]
        chosen += [test for part in self.parts for test in (part.provided, part.unless) if test]
        chosen += [line.when for campaign in program.campaigns for line in campaign.exits]
        self.dated = _dated(program)
        self.features.collect([*chosen, *self.dated])
        self.bits.collect([*lines, *chosen])

    @property
    def used(self) -> set[str]:
        """The events that audiences, starts, refusals, answers, windows and copy ask for."""
        found = self.features.events | self.lookup.events
        for campaign in self.program.campaigns:
            found |= _started_by(campaign.start)
        if any(campaign.replies for campaign in self.program.campaigns):
            found.add(REPLY_EVENT)
        if "ignored" in found or any(part.window and part.window.best for part in self.parts):
            found.add(CLICK_EVENT)
        return found

    @property
    def later(self) -> list[str]:
        """The columns of customers, and of features, that are asked for once it is known when a message goes."""
        fields = self.lookup.fields | {name for test in self.dated for name in b.fields(test)}
        words = self.features.words if self.dated else 0
        known = [f"f_{spec.name}" for spec in self.program.customer if spec.name in fields]
        return [*(f"w{at}" for at in range(words)), *known]

    def run(self, engine: Engine, at: int, events: dict[str, str]) -> None:
        self.features.build(engine, at, events)
        engine.create("asked", self._bits())
        audiences = (b.All(tuple(line.when for line in campaign.audience)) for campaign in self.program.campaigns)
        pieces = [
            exp.select(col("id"), named(num(n), "n")).from_(table("asked")).where(self.test(audience), copy=False)
            for n, audience in enumerate(audiences)
        ]
        if pieces:
            engine.create("matched", union(pieces))
        else:
            engine.insert("matched", {"id": "BIGINT", "n": "INTEGER"}, [])

    def wide(self, among: str) -> exp.Select:
        """The customers (`id`) of a table: the columns of `customers`, `today`, bits of fields `v…`, the columns of features."""
        some = exp.select("id").from_(table(among))
        return self._bits("c.*", "today").where(exp.In(this=col("id", "c"), query=some.subquery(copy=False)))

    def test(self, when: b.Condition, since: exp.Expr | None = None) -> exp.Expr:
        """A condition over the columns of `wide`. since: the instant from which on a campaign's steps and exits count."""
        return self.bits.test(when, since)

    def then(self, when: b.Condition, day: exp.Expr) -> exp.Expr:
        """A condition with its dates as of another day, over the columns of customers and the bits of behaviour."""
        return condition(when, self.features.aggregate, day)

    def _bits(self, *more: str) -> exp.Select:
        words = [col(name, "f") for name in self.features.columns]
        query = exp.select(*(more or ["c.id"]), *self.bits.columns(), *words)
        query = query.from_(table("customers", "c"), copy=False)
        query = query.join(table("zones", "z"), on="z.zone = c.zone", copy=False)
        return query.join(table("features", "f"), on="f.id = c.id", copy=False)


def _dated(program: Program) -> list[b.Condition]:
    """The conditions that are tested on the date of sending, each once: those of blocks and of caps."""
    policies = [spec.block.when for policy in program.policies for spec in policy.blocks]
    specs = [spec for policy in program.policies for spec in policy.caps]
    specs += [spec for campaign in program.campaigns for spec in campaign.caps]
    caps = [spec.cap.when for spec in specs]
    return list(dict.fromkeys([*policies, *(when for when in caps if when is not None)]))


def _started_by(start: Start) -> set[str]:
    match start:
        case Reaches(of) | SumReaches(_, of) | Happens(of):
            return {of.event}
        case Pattern(of):
            return {of.first.event, of.second.event}
    return set()
