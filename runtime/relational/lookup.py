"""What copy shows that is no field of the customer: properties of latest events, and the repayment plan.

The engine picks each customer's latest event. A plan is computed in Python once for each amount and length that was asked for,
with the filters that copy puts on it, so that what is shown is what Jinja shows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlglot import exp

from dsl.program.ir import FieldSpec, ProductSpec, Program
from dsl.program.parts import parts
from dsl.render.instalments import best
from dsl.templates import copy
from dsl.templates.fold import fold
from runtime.engines.base import Engine, Rows
from runtime.relational.folded import Folded, fact_value, folded, said, shown
from runtime.relational.patterns import selected
from runtime.relational.sql import FALSE, col, named, table, text

Asked = copy.Show | copy.Truthy | copy.Same
_LATEST = "row_number() OVER (PARTITION BY id ORDER BY at DESC, eid DESC) = 1"


@dataclass
class Lookup:
    """`latest`: the events that copy looks at; `plans`: by product everything that copy shows or asks of its plan.

    fields: the customer's that copy looks at.
    """

    program: Program
    latest: set[str] = field(default_factory=set)
    fields: set[str] = field(default_factory=set)
    plans: dict[str, list[Asked]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for part in parts(self.program):
            for template in said(part):
                for one in shown(folded(self.program, part.campaign, template)):
                    if one.path[0] == "customer":
                        self.fields |= set(one.path[1:]) or {"surname", "gender"}
                    elif one.path[0] == "latest":
                        self.latest.add(one.path[1])
                    elif one.path[0] == "plan" and part.campaign.product is not None:
                        known = self.plans.setdefault(part.campaign.product, [])
                        known += [one] if one not in known else []

    @property
    def events(self) -> set[str]:
        found = {_product(self.program, name).calculator for name in self.plans}
        return self.latest | {of.event for of in found if of is not None}

    def build(self, engine: Engine, events: dict[str, str], at: int) -> None:
        """`last_EVENT`: id and properties `l_EVENT_PROPERTY`; `plan_PRODUCT`: id and a column for each that is asked."""
        for event in sorted(self.latest):
            names = [spec.name for spec in self._spec(event)]
            shown = [named(col(f"p_{name}"), f"l_{event}_{name}") for name in names]
            happened = exp.select("*").from_(table(events[event])).where(f"at <= {at}").qualify(_LATEST)
            engine.create(f"last_{event}", exp.select("id", *shown).from_(happened.subquery("e")))
        for name in self.plans:
            self._plans(engine, name, events, at)

    def held(self) -> dict[copy.Path, tuple[exp.Expr, str]]:
        """Path → column and base of the properties of latest events."""
        specs = [(event, spec) for event in self.latest for spec in self._spec(event)]
        return {("latest", event, one.name): (col(f"l_{event}_{one.name}"), one.base) for event, one in specs}

    def given(self, product: str | None) -> dict[Asked, exp.Expr]:
        """What is shown and asked of the plan, already decided; who has asked for none gets what is said without one."""
        asked = self.plans.get(product or "", [])
        nothing = best((), None, None)
        return {
            one: exp.Coalesce(this=col(f"plan_{at}"), expressions=[_literal(_answer(one, nothing))])
            for at, one in enumerate(asked)
        }

    def joined(self, query: exp.Select, parts: Folded, product: str | None) -> exp.Select:
        """A query over a table `t` with `id`, with the columns that this copy needs beside it."""
        asked = list(shown(parts))
        for event in sorted({one.path[1] for one in asked if one.path[0] == "latest"}):
            latest = table(f"last_{event}", f"last_{event}")
            query = query.join(latest, on=_same(f"last_{event}"), join_type="left", copy=False)
        if any(one.path[0] == "plan" for one in asked):
            query = query.join(table(f"plan_{product}", "plan"), on=_same("plan"), join_type="left", copy=False)
        return query

    def _spec(self, event: str) -> tuple[FieldSpec, ...]:
        return next(one.properties for one in self.program.events if one.name == event)

    def _plans(self, engine: Engine, name: str, events: dict[str, str], at: int) -> None:
        product, asked = _product(self.program, name), self.plans[name]
        assert product.calculator is not None
        calculated = selected(product.calculator, events, at).qualify(_LATEST)
        engine.create("asked_plans", exp.select("id", "p_amount", "p_months").from_(calculated.subquery("e")))
        pairs = exp.select("p_amount", "p_months").distinct().from_(table("asked_plans"))
        pairs = pairs.where("p_amount IS NOT NULL AND p_months IS NOT NULL").order_by("p_amount", "p_months")
        limit = product.facts.get("max_amount")
        columns = {f"plan_{at}": "VARCHAR" if isinstance(one, copy.Show) else "BOOLEAN" for at, one in enumerate(asked)}
        key = {"amount": "DECIMAL(18,2)", "months": "DECIMAL(18,6)"}
        kernel = partial(_planned, product, fact_value(limit) if limit else None, asked)
        engine.mapped("known_plans", key | columns, pairs, kernel)
        query = exp.select("a.id", *(col(one, "k") for one in columns)).from_(table("asked_plans", "a"))
        on = "k.amount = a.p_amount AND k.months = a.p_months"
        engine.create(f"plan_{name}", query.join(table("known_plans", "k"), on=on))


def _planned(product: ProductSpec, most: Any, asked: list[Asked], pairs: Rows) -> Rows:
    for amount, months in pairs:
        plan = best(product.plans, amount, months, most)
        yield amount, months, *(_answer(one, plan) for one in asked)


def _answer(asked: Asked, plan: Any) -> str | bool:
    """What copy shows of a plan, or whether its test holds."""
    constants: dict[copy.Path, Any] = {("plan",): plan, **{("plan", name): value for name, value in plan.items()}}
    if isinstance(asked, copy.Show):
        (said,) = fold((asked,), constants)
        assert isinstance(said, copy.Text)
        return said.text
    return bool(fold((copy.Choice(asked, (copy.Text("yes"),), ()),), constants))


def _literal(value: str | bool) -> exp.Expr:
    return text(value) if isinstance(value, str) else (exp.true() if value else FALSE.copy())


def _product(program: Program, name: str) -> ProductSpec:
    return next(one for one in program.products if one.name == name)


def _same(other: str) -> exp.Expr:
    return exp.EQ(this=col("id", other), expression=col("id", "t"))
