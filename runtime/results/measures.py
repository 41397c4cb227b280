"""Declared measures: shares of customers, or counts with what each has cost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlglot import exp

from dsl.program.ir import MeasureSpec, Program
from runtime.engines.base import Engine
from runtime.relational.sql import table
from runtime.results.facts import fitting
from runtime.results.model import Measured
from runtime.results.totals import Counts, each
from runtime.results.touches import Aim, attribute
from runtime.results.wilson import share


def measures(engine: Engine, program: Program, counts: Mapping[str, Counts]) -> dict[str, list[Measured]]:
    """By campaign, of those that have sent anything."""
    sending = [name for name, one in counts.items() if one.sent]
    found: dict[str, list[Measured]] = {name: [] for name in sending}
    for spec in program.measures:
        attribute(engine, "measured", dict.fromkeys(_campaigns(engine), Aim(spec.among or spec.counted, spec.within)))
        rows = {campaign: (count, of) for campaign, count, of in engine.rows(_counted(spec))}
        for name in sending:
            count, of = rows.get(name, (0, 0))
            part = share(count, of) if spec.among else None
            cost = None if spec.among else each(counts[name].cost, count)
            one = Measured(name=spec.name, title=spec.title, share=part, count=count, cost_each=cost)
            found[name].append(one)
    return found


def _campaigns(engine: Engine) -> Iterable[str]:
    """All that have ever touched anybody: an event that an earlier message has brought about is no later one's."""
    return [name for (name,) in engine.rows(exp.select("campaign").distinct().from_(table("touches")).order_by("1"))]


def _counted(spec: MeasureSpec) -> exp.Select:
    """By campaign: how many, and of how many; without `among` both are the events."""
    mine = table("measured", "m")
    if spec.among is None:
        return exp.select("m.campaign", "count(*)", "count(*)").from_(mine).where("m.counted").group_by("1")
    done = f"COALESCE(e.happened <= m.happened + {spec.within}, FALSE) AS done"
    rows = exp.select("m.campaign", "m.id", done).from_(mine).where("m.counted")
    then = fitting(spec.counted).subquery("e")
    rows = rows.join(then, on="e.id = m.id AND e.happened >= m.happened", join_type="asof left")
    shown = ["count(DISTINCT id) FILTER (WHERE done)", "count(DISTINCT id)"]
    return exp.select("campaign", *shown).from_(rows.subquery("r")).group_by("1")
