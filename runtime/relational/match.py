"""Whose audience holds: one scan of the customers for all campaigns."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from dsl import behaviour as b
from dsl.catalog import OPT_OUT_EVENT
from dsl.program.ir import Program
from runtime.engines.base import Engine
from runtime.relational.conditions import condition
from runtime.relational.features import WORD, Features
from runtime.relational.sql import case, col, every, num, table, union

OPTED_OUT = b.Did(b.Selection(OPT_OUT_EVENT))


class Matching:
    """Makes `features` (id, w0, …) and `matched` (id, n: the campaign's number in the program)."""

    def __init__(self, program: Program, refusals: bool = True) -> None:
        self.program = program
        self.features = Features()
        self.features.collect(line.when for campaign in program.campaigns for line in campaign.audience)
        if refusals:
            self.features.collect([OPTED_OUT])

    @property
    def used(self) -> set[str]:
        """The events that audiences, starts and refusals ask for."""
        starts = [
            campaign.start.start.of.event for campaign in self.program.campaigns if campaign.start.op == "reaches"
        ]
        return {threshold.of.event for threshold in self.features.bits} | set(starts)

    def run(self, engine: Engine, at: int, events: dict[str, str]) -> None:
        self.features_table(engine, at, events)
        masks = [exp.alias_(mask, f"m{at}") for at, mask in enumerate(self._masks())]
        scan = exp.select(col("id"), *masks).from_(self.wide().subquery("w"))
        engine.create("masks", scan)
        pieces = []
        for word in range(-(-len(self.program.campaigns) // WORD)):
            numbers = range(word * WORD, min((word + 1) * WORD, len(self.program.campaigns)))
            engine.insert(f"bits{word}", {"n": "INTEGER", "bit": "BIGINT"}, [(n, 1 << n % WORD) for n in numbers])
            held = exp.NEQ(
                this=exp.paren(exp.BitwiseAnd(this=col(f"m{word}", "m"), expression=col("bit", "k"))), expression=num(0)
            )
            some = exp.NEQ(this=col(f"m{word}"), expression=num(0))
            found = exp.select(col("id"), col(f"m{word}")).from_(table("masks")).where(some).subquery("m")
            pieces.append(
                exp.select(col("id", "m"), col("n", "k")).from_(found).join(table(f"bits{word}", "k"), on=held)
            )
        empty = exp.select(exp.alias_(exp.cast(num(0), "BIGINT"), "id"), exp.alias_(exp.cast(num(0), "INTEGER"), "n"))
        engine.create("matched", union(pieces) if pieces else empty.where(exp.false()))

    def features_table(self, engine: Engine, at: int, events: dict[str, str]) -> None:
        query = self.features.query(at, events)
        if query is None:
            engine.insert("features", {"id": "BIGINT"}, [])
        else:
            engine.create("features", query)

    def wide(self) -> exp.Select:
        """Every customer with what is known and what was done: `f_…`, `w…`, `today`, and the columns of `customers`."""
        words = [
            exp.alias_(exp.Coalesce(this=col(f"w{at}", "f"), expressions=[num(0)]), f"w{at}")
            for at in range(self.features.words)
        ]
        query = exp.select("c.*", col("today", "z"), *words).from_(table("customers", "c"))
        query = query.join(table("zones", "z"), on=exp.EQ(this=col("zone", "z"), expression=col("zone", "c")))
        return query.join(
            table("features", "f"), on=exp.EQ(this=col("id", "f"), expression=col("id", "c")), join_type="left"
        )

    def test(self, when: b.Condition) -> exp.Expr:
        """A condition over the columns of `wide`."""
        return condition(when, self.features.aggregate, col("today"))

    def _masks(self) -> Sequence[exp.Expr]:
        """Words with a bit for each campaign whose audience holds."""
        words: list[exp.Expr] = []
        for number, campaign in enumerate(self.program.campaigns):
            held = every(self.test(line.when) for line in campaign.audience)
            flag = case([(held, num(1 << number % WORD))], num(0))
            if number % WORD == 0:
                words.append(exp.cast(flag, "BIGINT"))
            else:
                words[-1] = exp.BitwiseOr(this=words[-1], expression=flag)
        return words
