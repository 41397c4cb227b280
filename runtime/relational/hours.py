"""`window best of …`: the hour in which each customer clicks most often, by the clock of their zone."""

from __future__ import annotations

from sqlglot import exp

from dsl.catalog import CLICK_EVENT
from dsl.program.parts import Part
from dsl.terms import Hours
from runtime.engines.base import Engine
from runtime.relational import moments
from runtime.relational.sql import case, cast, col, named, num, table, text

_COLUMNS = {"best": "INTEGER", "id": "BIGINT", "hour": "INTEGER"}


def numbered(parts: tuple[Part, ...]) -> dict[Hours, int]:
    """The hours of which a customer's best is asked for, each with its number."""
    asked = dict.fromkeys(part.window.hours for part in parts if part.window and part.window.best)
    return {hours: at for at, hours in enumerate(asked)}


def build(engine: Engine, asked: dict[Hours, int], events: dict[str, str], zones: list[str], at: int) -> None:
    """`best_hours`: best (the number), id and hour, of customers who have clicked in these hours; of equals the earliest."""
    engine.insert("best_hours", _COLUMNS, [])
    if not asked:
        return
    clicks = exp.select("e.id", "e.at", "c.zone").from_(table(events[CLICK_EVENT], "e"))
    clicks = clicks.join(table("customers", "c"), on="c.id = e.id").where(f"e.at <= {at}")
    engine.create("clicks", clicks)
    ends = engine.rows(exp.select("min(at)", "max(at)").from_(table("clicks")))[0]
    if ends[0] is None:
        return
    seen = (moments.year(ends[0]), moments.year(ends[1]))
    clock = case(
        (exp.EQ(this=col("zone"), expression=text(zone)), moments.minute(col("at"), zone, seen)) for zone in zones
    )
    clocked = exp.select("id", named(cast(clock, "INTEGER"), "minute")).from_(table("clicks"))
    for hours, number in asked.items():
        inside = f"minute >= {hours.begin} AND minute < {hours.begin + hours.length}"
        hour = named(exp.IntDiv(this=col("minute"), expression=num(60)), "hour")
        counted = exp.select("id", hour, "count(*) AS clicks").from_(clocked.copy().subquery("k"))
        counted = counted.where(inside).group_by("id", "hour")
        first = "row_number() OVER (PARTITION BY id ORDER BY clicks DESC, hour) = 1"
        engine.append(
            "best_hours",
            exp.select(named(num(number), "best"), "id", "hour").from_(counted.subquery("h")).qualify(first),
        )
