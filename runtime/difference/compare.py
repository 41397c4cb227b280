"""Two plans, send by send: by campaign, step, customer and occurrence, in plain SQL. A renamed campaign is the same campaign."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import sqlglot

from dsl.render.filters import mask
from dsl.settings import ENGINES
from runtime.difference.model import Change, Difference, Sample, Sent, Sides
from runtime.difference.plans import Plan
from runtime.engines import open_engine
from runtime.engines.base import BadFile, Engine
from runtime.errors import InputError
from runtime.outcomes import COLUMNS, KEY, LINKS
from runtime.tables import attach

_HELP = "Name a folder that `camp plan` wrote."
_KEY = ", ".join(KEY)
_SAID = ("text", "rich", "confirm_text")
_SENDS = (*KEY, "send_id", "at", "zone", "recipient", "channel", "cost", "confirm_id", *_SAID)


def compare(before: Plan, after: Plan, samples: int = 0) -> Difference:
    """Every campaign of either, with up to so many samples each. InputError where a plan cannot be read."""
    gone = set(before.campaigns) - set(after.campaigns)
    renamed = {old: new for new, old in after.formerly.items() if old in gone and new not in before.campaigns}
    changes, total = _campaigns(before, after, renamed), Change("total")
    engine = open_engine(ENGINES[0])
    try:
        _read(engine, before, after, renamed)
        _count(engine, {**changes, "": total})
        _explain(engine, changes)
        if samples:
            _sample(engine, changes, samples)
    except BadFile as error:
        raise InputError(str(error), _HELP) from error
    except KeyError as error:
        raise InputError(f"The summary of a plan does not know its campaign {error.args[0]}", _HELP) from error
    finally:
        engine.close()
    return Difference(before, after, [changes[name] for name in sorted(changes)], total)


def _campaigns(before: Plan, after: Plan, renamed: Mapping[str, str]) -> dict[str, Change]:
    formerly = {new: old for old, new in renamed.items()}
    found = {name: Change(name, "kept" if name in before.campaigns else "added") for name in after.campaigns}
    found |= {new: Change(new, "renamed", old) for new, old in formerly.items()}
    left = [name for name in before.campaigns if name not in found and name not in renamed]
    return found | {name: Change(name, "removed") for name in left}


def _read(engine: Engine, before: Plan, after: Plan, renamed: Mapping[str, str]) -> None:
    """`pairs`: every send of either side, once. Texts stay in their files until a sample shows them."""
    for name, plan in (("before", before), ("after", after)):
        attach(engine, f"{name}_sends", plan.folder, {one: COLUMNS[one] for one in _SENDS}, "sends")
        if renamed and any(plan.folder.glob("links.*")):
            attach(engine, f"{name}_links", plan.folder, LINKS, "links")
        else:  # an older plan has none
            engine.insert(f"{name}_links", LINKS, [])
    outcomes = {one: COLUMNS[one] for one in (*KEY, "outcome", "reason")}
    attach(engine, "after_outcomes", after.folder, outcomes, "outcomes")
    engine.insert("renamed", {"old": "VARCHAR", "new": "VARCHAR"}, list(renamed.items()))
    codes = "LEFT JOIN {0}_links l ON l.send_id = s.send_id LEFT JOIN {0}_links c ON c.send_id = s.confirm_id"
    sides = (
        f"(SELECT {_compared(own)} FROM {name}_sends s LEFT JOIN renamed r ON r.{own} = s.campaign"
        f" {codes.format(name)}) {name[0]}"
        for name, own in (("before", "old"), ("after", "new"))
    )
    both = "b.send_id IS NOT NULL AND a.send_id IS NOT NULL"
    other = " OR ".join(f"b.{one} IS DISTINCT FROM a.{one}" for one in ("channel", *_SAID))
    columns = f'b.send_id IS NOT NULL AS was, a.send_id IS NOT NULL AS now, {both} AND b."at" <> a."at" AS moved'
    columns += f", {both} AND ({other}) AS rewritten, b.cost AS cost_before, a.cost AS cost_after"
    _make(engine, "pairs", f"SELECT {_KEY}, {columns} FROM {' FULL JOIN '.join(sides)} USING ({_KEY})")


def _compared(own: str) -> str:
    """A send under the name that its campaign has after.

    Link codes are made of the campaign's name: where it is another, every text would have changed by its link alone.
    """
    said = []
    for one in _SAID:
        bare = f"replace(s.{one}, coalesce({'c' if one == 'confirm_text' else 'l'}.code, ''), '')"
        said.append(f"CASE WHEN r.{own} IS NULL THEN s.{one} ELSE {bare} END AS {one}")
    plain = [f's."{one}"' for one in _SENDS if one not in ("campaign", *_SAID)]
    return ", ".join(["coalesce(r.new, s.campaign) AS campaign", *plain, *said])


def _count(engine: Engine, changes: Mapping[str, Change]) -> None:
    """The change of each campaign, and that of all under no name."""
    tests = ("was", "now", "now AND NOT was", "was AND NOT now")
    counts = ", ".join(f"count(*) FILTER (WHERE {test})" for test in tests)
    more = ", ".join(f"count(*) FILTER (WHERE {test})" for test in ("moved", "rewritten"))
    costs = "coalesce(sum(cost_before), 0), coalesce(sum(cost_after), 0)"
    for name in ("campaign", "''"):
        for key, *found in _rows(engine, f"SELECT {name} AS k, {counts}, {more}, {costs} FROM pairs GROUP BY k"):
            one = changes[key]
            one.sends, (one.moved, one.rewritten) = Sides(*found[:4]), found[4:6]
            one.cost = (Decimal(found[6]), Decimal(found[7]))
        each = f"SELECT {name} AS k, customer, bool_or(was) AS was, bool_or(now) AS now FROM pairs GROUP BY k, customer"
        for key, *found in _rows(engine, f"SELECT k, {counts} FROM ({each}) e GROUP BY k"):
            changes[key].people = Sides(*found)


def _explain(engine: Engine, changes: Mapping[str, Change]) -> None:
    """What the lost ones came to instead."""
    query = f"SELECT campaign, outcome, reason, count(*) AS n FROM pairs LEFT JOIN after_outcomes USING ({_KEY})"
    query += " WHERE was AND NOT now GROUP BY campaign, outcome, reason ORDER BY n DESC, outcome, reason"
    for name, outcome, reason, count in _rows(engine, query):
        changes[name].lost_to.append((outcome, reason, count))


def _sample(engine: Engine, changes: Mapping[str, Change], count: int) -> None:
    """Of each campaign one of each kind of change before a second one of any."""
    what = "CASE WHEN NOT was THEN 'gained' WHEN NOT now THEN 'lost' WHEN rewritten THEN 'rewritten' ELSE 'moved' END"
    changed = f"SELECT {_KEY}, {what} AS what FROM pairs WHERE NOT was OR NOT now OR moved OR rewritten"
    turns = "row_number() OVER (PARTITION BY campaign, what ORDER BY customer, step, occurrence) AS turn"
    places = "row_number() OVER (PARTITION BY campaign ORDER BY turn, what) AS place"
    _make(engine, "changed", f"SELECT *, {places} FROM (SELECT *, {turns} FROM ({changed}) c) t")
    _make(engine, "picked", f"SELECT * FROM changed WHERE place <= {count}")
    same = {side: " AND ".join(f"{side}.{one} = p.{one}" for one in KEY[1:]) for side in "bao"}
    shown = ", ".join(f'{side}.recipient, {side}."at", {side}.zone, {side}.text' for side in "ba")
    query = f"SELECT p.campaign, p.what, {shown}, o.outcome, o.reason FROM picked p"
    query += " LEFT JOIN renamed r ON r.new = p.campaign"
    query += f" LEFT JOIN before_sends b ON b.campaign = coalesce(r.old, p.campaign) AND {same['b']}"
    query += f" LEFT JOIN after_sends a ON a.campaign = p.campaign AND {same['a']}"
    query += f" LEFT JOIN after_outcomes o ON o.campaign = p.campaign AND {same['o']} AND p.what = 'lost'"
    for name, kind, *found in _rows(engine, query + " ORDER BY p.campaign, p.place"):
        before, after = _sent(*found[1:4]), _sent(*found[5:8])
        instead = (found[8], found[9]) if found[8] else None
        changes[name].samples.append(Sample(kind, str(mask(found[0] or found[4])), before, after, instead))


def _sent(at: datetime | None, zone: str, text: str | None) -> Sent | None:
    if at is None:
        return None
    return Sent(f"{at.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}", text or "")


def _make(engine: Engine, name: str, query: str) -> None:
    engine.create(name, sqlglot.parse_one(query, read="duckdb"))


def _rows(engine: Engine, query: str) -> list[tuple[Any, ...]]:
    return engine.rows(sqlglot.parse_one(query, read="duckdb"))
