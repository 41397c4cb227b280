"""events/<name>.parquet or .csv → `event_<name>`: the accepted events of accepted customers, each once."""

from __future__ import annotations

from pathlib import Path

from sqlglot import exp

from dsl.catalog import EVENTS, OPT_OUT_EVENT
from dsl.program.ir import EventSpec, Program
from runtime.engines.base import Engine
from runtime.errors import InputError
from runtime.relational import fields, moments, narrow
from runtime.relational.identity import digest, framed
from runtime.relational.loading import Loaded, first_problem, quoted, readings, refused, source
from runtime.relational.sql import call, case, cast, col, named, negated, table, text


def load_events(engine: Engine, program: Program, event: EventSpec, folder: Path, loaded: Loaded) -> None:
    name = event.name
    where = f"events/{name}"
    columns = source(engine, folder / "events", name, loaded, where)
    if columns is None:
        why = "who refused messages must be known" if name == OPT_OUT_EVENT else "a campaign asks for it"
        message = f"There is no {folder / 'events' / name}.parquet or .csv, and {why}"
        raise InputError(message, "Where nothing happened, an empty file with its columns says so.")
    for column in (event.customer, event.at):
        if column not in columns:
            help = f"It has: {', '.join(sorted(columns))}. Map it in camp.toml under [data.events]."
            raise InputError(f"{where} has no column `{column}`", help)
    for column in {event.customer, event.id} & columns.keys():
        if not fields.accepts("key", columns[column]):
            message = f"The column `{column}` of {where} holds {columns[column]}, and it names a customer or an event"
            raise InputError(message, "Write it as text or whole numbers, as in the customers.")
    if loaded.only is not None and not narrow.events(engine, event, columns, loaded):
        return
    typed, properties = _typed(engine, program, event, columns)
    engine.create(f"judged_{name}", _judged(typed, properties, event.id in columns))
    _keep_known(engine, name, properties, _unique(engine, name, properties))
    loaded.events[name] = f"event_{name}"


def _typed(engine: Engine, program: Program, event: EventSpec, columns: dict[str, str]) -> tuple[exp.Select, list[str]]:
    """Every row with customer, at, own_id, the properties' columns, and the first problem with one of these; those columns."""
    where, missing = f"events/{event.name}", program.data.missing
    specs = event.properties
    if event.name in EVENTS:  # of those that every project knows, what the data do not have is missing
        specs = tuple(one if one.column in columns else one.model_copy(update={"optional": True}) for one in specs)
    read = readings(specs, columns, where, program)
    properties = [f"p_{field}" for field in read]
    held = fields.clean(event.at, columns[event.at], missing)
    written = moments.written(held, columns[event.at])
    if written is None:
        message = f"The column `{event.at}` of {where} holds {columns[event.at]}, and an event needs an instant"
        raise InputError(message, "Write it as a TIMESTAMP, or as text such as 2026-03-04T16:30:00+08:00.")
    texts = {
        "customer": fields.clean(event.customer, columns[event.customer], missing),
        "own_id": fields.clean(event.id, columns[event.id], missing) if event.id in columns else exp.null(),
        "raw_at": held,
        "problem": first_problem(read),
        "field": first_problem(read, "field"),
        "held": first_problem(read, "value"),
    }
    shown = [named(cast(value.copy(), "VARCHAR"), column) for column, value in texts.items()]
    shown += [named(written.sure, "sure"), named(written.local, "local")]
    shown += [named(reading.value, name) for name, reading in zip(properties, read.values(), strict=True)]
    source = table(f"raw_{event.name}")
    zone, seen = program.data.zone, moments.years(engine, written.local, source.copy())
    at = named(moments.joined(col("sure"), col("local"), zone, seen), "at")
    raw = exp.select(col("__row"), *shown).from_(source)
    kept = [col(name) for name in ("__row", *texts, *properties)]
    return exp.select(*kept, at).from_(raw.subquery("w")), properties


def _judged(typed: exp.Select, properties: list[str], own_id: bool) -> exp.Select:
    """Each row with its id, and why it is refused if it is."""
    null = exp.null()
    tests = [
        (exp.Is(this=col("customer"), expression=null), text("is missing"), text("customer"), null),
        (exp.Is(this=col("at"), expression=null), text(moments.UNREADABLE), text("at"), col("raw_at")),
        (negated(exp.Is(this=col("problem"), expression=null)), col("problem"), col("field"), col("held")),
    ]
    if own_id:
        tests.insert(2, (exp.Is(this=col("own_id"), expression=null), text("is missing"), text("id"), null))
    names = ("reason", "bad_field", "bad_value")
    why = [named(case((test[0].copy(), test[i].copy()) for test in tests), n) for i, n in enumerate(names, 1)]
    eid = named(col("own_id") if own_id else digest(*_content(properties)), "eid")
    shown = [col(name) for name in ("__row", "customer", "at", *properties)]
    return exp.select(*shown, eid, *why).from_(typed.subquery("t"))


def _content(properties: list[str]) -> list[exp.Expr]:
    """What an event says: what an id is made of where the data have none."""
    return [col(name) for name in ("customer", "at", *properties)]


def _unique(engine: Engine, name: str, properties: list[str]) -> bool:
    """`repeated_NAME`: ids that stand more than once; False where there are none. Of two contents of one id both are refused."""
    engine.append("rejects", refused(f"events/{name}", f"judged_{name}", col("customer")))
    good = exp.select("*").from_(table(f"judged_{name}")).where("reason IS NULL")
    # Few data repeat an id, and numbers are counted sooner than texts: only where two ids may be one they are looked at.
    seen = exp.select("count(*)", exp.Count(this=exp.Distinct(expressions=[call("hash", col("eid"))])))
    ((rows, ids),) = engine.rows(seen.from_(good.subquery("g")))
    if rows == ids:
        return False
    twice = exp.select("eid").from_(good.subquery("g")).group_by("eid").having("count(*) > 1")
    repeats = exp.select("g.__row", "g.eid", named(call("hash", framed(_content(properties))), "content"))
    repeats = repeats.from_(good.subquery("g")).join(twice.subquery("t"), on="t.eid = g.eid")
    repeated = exp.select("eid", named("min(__row)", "first"), named("count(DISTINCT content)", "contents"))
    engine.create(f"repeated_{name}", repeated.from_(repeats.subquery("r")).group_by("eid"))
    several = exp.select(
        named(text(f"events/{name}"), "source"),
        named(col("__row"), "row"),
        named(col("customer"), "key"),
        named(text("id"), "field"),
        named(col("eid", "j"), "value"),
        named(text("stands for two different events"), "reason"),
    ).from_(good.subquery("j"))
    same = "r.eid = j.eid AND r.contents > 1"
    engine.append("rejects", several.join(f"{quoted(f'repeated_{name}')} AS r", on=same))
    return True


def _keep_known(engine: Engine, name: str, properties: list[str], repeated: bool) -> None:
    """The accepted events of accepted customers, by the customer's number."""
    columns = [col("id", "c"), col("at", "j"), col("eid", "j"), *(col(one, "j") for one in properties)]
    query = exp.select(*columns).from_(f"{quoted(f'judged_{name}')} AS j").where("j.reason IS NULL")
    query = query.join("customers AS c", on=exp.EQ(this=col("key", "c"), expression=col("customer", "j")))
    if repeated:
        query = query.join(f"{quoted(f'repeated_{name}')} AS r", on="r.eid = j.eid", join_type="left")
        query = query.where("r.eid IS NULL OR (r.contents = 1 AND r.first = j.__row)")
    engine.create(f"event_{name}", query)
