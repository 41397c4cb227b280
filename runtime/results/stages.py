"""How far each message has come: sent, delivered, clicked, and along each declared funnel. One row for each message.

A click tells that the message was delivered, also where no receipt says so. The first step of a funnel lies in
(click, click + within], each other one after the one before and within the funnel's time of the first. What counts is the best
that the customer did: a later first step may get further than the first of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlglot import exp

from dsl.program.ir import FunnelSpec, Program
from runtime.engines.base import Engine
from runtime.relational.sql import col, named, num, table, text, union
from runtime.results.facts import DELIVERED, fitting
from runtime.results.model import Stage, Way
from runtime.results.wilson import share

_BEFORE = ("sent", "delivered", "clicked")
BY = ("all", "step", "arm", "segment", "channel")


def build(engine: Engine, program: Program) -> None:
    """`messages`: of those that count, clicked_at, delivered, replied and opted_out, and in `f0`, … how far along each funnel."""
    heard = exp.select("send_id", "min(happened) FILTER (WHERE event = 'clicked') AS clicked_at")
    for name in (DELIVERED, "replied", "opted_out"):
        heard = heard.select(named(f"bool_or(event = '{name}')", name))
    engine.create("heard_of", heard.from_(table("answers")).group_by("send_id"))
    known = [f"COALESCE(h.{name}, FALSE) AS {name}" for name in ("replied", "opted_out")]
    delivered = "COALESCE(h.delivered, FALSE) OR h.clicked_at IS NOT NULL AS delivered"
    rows = exp.select("t.*", "h.clicked_at", *known, delivered).from_(table("touches", "t"))
    rows = rows.join(table("heard_of", "h"), on="h.send_id = t.send_id", join_type="left").where("t.counted")
    engine.create("answered", rows)
    for at, funnel in enumerate(program.funnels):
        _walk(engine, at, funnel)
    depth = "CASE WHEN a.clicked_at IS NOT NULL THEN 2 WHEN a.delivered THEN 1 ELSE 0 END"
    query = exp.select("a.*", f"{depth} AS depth").from_(table("answered", "a"))
    for at in range(len(program.funnels)):
        query = query.select(f"COALESCE(w{at}.depth, {depth}) AS f{at}")
        query = query.join(table(f"walked_{at}", f"w{at}"), on=f"w{at}.send_id = a.send_id", join_type="left")
    engine.create("messages", query)


def _walk(engine: Engine, at: int, funnel: FunnelSpec) -> None:
    """`walked_N`: the messages that reached a step of a funnel, and which as a depth."""
    first, *others = (fitting(of) for of in funnel.steps)
    query = exp.select("a.send_id", "a.id", "e.happened AS began", "e.happened AS so_far").from_(table("answered", "a"))
    inside = f"e.happened > a.clicked_at AND e.happened <= a.clicked_at + {funnel.within}"
    engine.create(f"walk_{at}_0", query.join(first.subquery("e"), on=f"e.id = a.id AND {inside}"))
    for number, step in enumerate(others, 1):
        query = exp.select("w.send_id", "w.id", "w.began", "e.happened AS so_far")
        query = query.from_(table(f"walk_{at}_{number - 1}", "w"))
        query = query.join(step.subquery("e"), on="e.id = w.id AND e.happened > w.so_far", join_type="asof")
        engine.create(f"walk_{at}_{number}", query.where(f"e.happened <= w.began + {funnel.within}"))
    reached = [
        exp.select("send_id", named(num(len(_BEFORE) + number), "depth")).from_(table(f"walk_{at}_{number}"))
        for number in range(len(funnel.steps))
    ]
    query = exp.select("send_id", "max(depth) AS depth").from_(union(reached).subquery("r"))
    engine.create(f"walked_{at}", query.group_by("send_id"))


def ways(engine: Engine, program: Program) -> dict[str, list[Way]]:
    """By campaign, its funnels of all of its messages and of each group that has any."""
    found: dict[str, list[Way]] = {}
    funnels: Iterable[tuple[str, FunnelSpec | None]]
    funnels = [(f"f{at}", one) for at, one in enumerate(program.funnels)] or [("depth", None)]
    for column, funnel in funnels:
        names = [*_BEFORE, *(of.event for of in funnel.steps)] if funnel else list(_BEFORE)
        for by in BY:
            counted: dict[tuple[str, str], list[int]] = {}
            for campaign, group, depth, count in engine.rows(_counted(by, column)):
                counts = counted.setdefault((campaign, group), [0] * len(names))
                for reached in range(depth + 1):
                    counts[reached] += count
            for (campaign, group), counts in sorted(counted.items()):
                way = _way(funnel, by, group, _stages(names, counts))
                found.setdefault(campaign, []).append(way)
    return found


def _counted(by: str, column: str) -> exp.Select:
    """Messages by campaign, group and depth."""
    group = {"all": text(""), "segment": col("segment", "s")}.get(by) or col(by, "m")
    query = exp.select("m.campaign", named(group, "grouped"), f"m.{column} AS depth", "count(*)")
    query = query.from_(table("messages", "m"))
    if by == "segment":
        query = query.join(table("segments", "s"), on="s.id = m.id")
    elif by != "all":
        query = query.where(f"m.{by} IS NOT NULL")
    return query.group_by("1", "2", "3").order_by("1", "2", "3")


def _stages(names: Sequence[str], counts: Sequence[int]) -> tuple[Stage, ...]:
    before = [None, *counts[:-1]]
    return tuple(
        Stage(name=name, title=name, reached=count, kept=None if had is None else share(count, had))
        for name, count, had in zip(names, counts, before, strict=True)
    )


def _way(funnel: FunnelSpec | None, by: str, group: str, stages: tuple[Stage, ...]) -> Way:
    lost = [stages[at - 1].reached - stages[at].reached for at in range(1, len(stages))]
    drop = lost.index(max(lost)) + 1 if max(lost) > 0 else None
    name, title = (funnel.name, funnel.title) if funnel else ("", "")
    return Way(funnel=name, title=title, by=by, group=group, stages=stages, drop=drop)
