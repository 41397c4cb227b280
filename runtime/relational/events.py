"""events/<name>.parquet or .csv → `event_<name>`: the accepted events of accepted customers, each once."""

from __future__ import annotations

from pathlib import Path

from sqlglot import exp

from dsl.catalog import EVENTS, OPT_OUT_EVENT
from dsl.program.ir import EventSpec, Program
from runtime.engines.base import Engine
from runtime.errors import InputError
from runtime.relational import fields, moments
from runtime.relational.identity import digest, framed
from runtime.relational.loading import Loaded, first_problem, quoted, readings, refused, source
from runtime.relational.sql import call, case, cast, col, num, table, text


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
    typed, properties = _typed(engine, program, event, columns)
    engine.create(f"judged_{name}", _judged(typed, properties, event.id in columns))
    _unique(engine, name)
    _keep_known(engine, name, properties)
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
    shown = [exp.alias_(cast(value.copy(), "VARCHAR"), column) for column, value in texts.items()]
    shown += [exp.alias_(written.sure, "sure"), exp.alias_(written.local, "local")]
    shown += [exp.alias_(reading.value, name) for name, reading in zip(properties, read.values(), strict=True)]
    source = table(f"raw_{event.name}")
    zone, seen = program.data.zone, moments.years(engine, written.local, source.copy())
    at = exp.alias_(moments.joined(col("sure"), col("local"), zone, seen), "at")
    raw = exp.select(col("__row"), *shown).from_(source)
    kept = [col(name) for name in ("__row", *texts, *properties)]
    return exp.select(*kept, at).from_(raw.subquery("w")), properties


def _judged(typed: exp.Select, properties: list[str], own_id: bool) -> exp.Select:
    """Each row with its id, and why it is refused if it is."""
    content = (col("customer"), col("at"), *(col(name) for name in properties))
    null = exp.null()
    tests = [
        (exp.Is(this=col("customer"), expression=null), text("is missing"), text("customer"), null),
        (exp.Is(this=col("at"), expression=null), text(moments.UNREADABLE), text("at"), col("raw_at")),
        (exp.not_(exp.Is(this=col("problem"), expression=null)), col("problem"), col("field"), col("held")),
    ]
    if own_id:
        tests.insert(2, (exp.Is(this=col("own_id"), expression=null), text("is missing"), text("id"), null))
    names = ("reason", "bad_field", "bad_value")
    why = [exp.alias_(case((test[0].copy(), test[i].copy()) for test in tests), n) for i, n in enumerate(names, 1)]
    # What tells two contents of one id apart; where the id is made from the content there can be only one.
    made = exp.alias_(call("hash", framed(content)) if own_id else num(0), "content")
    eid = exp.alias_(col("own_id") if own_id else digest(*content), "eid")
    shown = [col(name) for name in ("__row", "customer", "at", *properties)]
    return exp.select(*shown, eid, made, *why).from_(typed.subquery("t"))


def _unique(engine: Engine, name: str) -> None:
    """Ids that stand more than once: identical repeats are one, two contents of one id are refused."""
    repeated = (
        exp.select("eid", exp.alias_("min(__row)", "first"), exp.alias_("count(DISTINCT content)", "contents"))
        .from_(table(f"judged_{name}"))
        .where("reason IS NULL")
        .group_by("eid")
        .having("count(*) > 1")
    )
    engine.create(f"repeated_{name}", repeated)
    engine.append("rejects", refused(f"events/{name}", f"judged_{name}", col("customer")))
    twice = exp.select(
        exp.alias_(text(f"events/{name}"), "source"),
        exp.alias_(col("__row"), "row"),
        exp.alias_(col("customer"), "key"),
        exp.alias_(text("id"), "field"),
        exp.alias_(col("eid", "j"), "value"),
        exp.alias_(text("stands for two different events"), "reason"),
    ).from_(f"{quoted(f'judged_{name}')} AS j")
    same = "r.eid = j.eid AND r.contents > 1"
    engine.append("rejects", twice.join(f"{quoted(f'repeated_{name}')} AS r", on=same).where("j.reason IS NULL"))


def _keep_known(engine: Engine, name: str, properties: list[str]) -> None:
    """The accepted events of accepted customers, by the customer's number."""
    columns = [col("id", "c"), col("at", "j"), col("eid", "j"), *(col(one, "j") for one in properties)]
    query = exp.select(*columns).from_(f"{quoted(f'judged_{name}')} AS j").where("j.reason IS NULL")
    query = query.join("customers AS c", on=exp.EQ(this=col("key", "c"), expression=col("customer", "j")))
    (several,) = engine.rows(exp.select("count(*)").from_(table(f"repeated_{name}")))[0]
    if several:
        query = query.join(f"{quoted(f'repeated_{name}')} AS r", on="r.eid = j.eid", join_type="left")
        query = query.where("r.eid IS NULL OR (r.contents = 1 AND r.first = j.__row)")
    engine.create(f"event_{name}", query)
