"""Last touch: each event counts once, for the message before it that came last of those whose time it falls into.

The time of a message is (sent, sent + within]: an event at the instant of the send is not its work, one at the end still is.
Of two messages of one instant the greater send_id counts, so that the answer is the same every day. An event that names its
message, as a reply does, counts for no other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlglot import exp

from dsl.behaviour import Selection
from runtime.engines.base import Engine
from runtime.relational.sql import named, num, table, text, union
from runtime.results.facts import fitting

_REACH = {"campaign": "VARCHAR", "g": "INTEGER", "within": "BIGINT"}


@dataclass(frozen=True)
class Aim:
    """What a message of some campaign is for, and within how many microseconds of it."""

    of: Selection
    within: int


def attribute(engine: Engine, into: str, aims: Mapping[str, Aim]) -> None:
    """A table of events (event, eid, id, happened) with the message that each counts for: send_id, campaign, counted.

    aims: by campaign. Campaigns compete for an event that fits several of them.
    """
    numbers = {of: at for at, of in enumerate(dict.fromkeys(aim.of for aim in aims.values()))}
    engine.insert(f"{into}_reach", _REACH, [(name, numbers[aim.of], aim.within) for name, aim in aims.items()])
    found = [
        exp.select(named(num(number), "g"), named(text(of.event), "event"), "f.*").from_(fitting(of).subquery("f"))
        for of, number in numbers.items()
    ]
    if not found:
        columns = {"event": "VARCHAR", "eid": "VARCHAR", "id": "BIGINT", "happened": "BIGINT"}
        engine.insert(into, columns | {"send_id": "VARCHAR", "campaign": "VARCHAR", "counted": "BOOLEAN"}, [])
        return
    query = exp.select("f.event", "f.eid", "f.id", "f.happened", "t.send_id", "t.campaign", "t.counted")
    aimed = exp.select("t.*", "r.g", "r.within").from_(table("touches", "t"))
    aimed = aimed.join(table(f"{into}_reach", "r"), on="r.campaign = t.campaign")
    inside = "t.sent < f.happened AND f.happened <= t.sent + t.within"
    query = query.from_(union(found).subquery("f"))
    query = query.join(aimed.subquery("t"), on=f"t.id = f.id AND t.g = f.g AND {inside}")
    query = query.where("f.send_id IS NULL OR f.send_id = t.send_id")
    last = "row_number() OVER (PARTITION BY f.event, f.eid ORDER BY t.sent DESC, t.send_id DESC) = 1"
    engine.create(into, query.qualify(last))
