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
    columns = source(engine, folder / "events", name, loaded)
    where = f"events/{name}"
    if columns is None:
        why = "who refused messages must be known" if name == OPT_OUT_EVENT else "a campaign asks for it"
        message = f"There is no {folder / 'events' / name}.parquet or .csv, and {why}"
        raise InputError(message, "Where nothing happened, an empty file with its columns says so.")
    for column in (event.customer, event.at):
        if column not in columns:
            help = f"It has: {', '.join(sorted(columns))}. Map it in camp.toml under [data.events]."
            raise InputError(f"{where} has no column `{column}`", help)
    missing = program.data.missing
    properties = event.properties if name not in EVENTS else tuple(p for p in event.properties if p.column in columns)
    read = readings(properties, columns, where, program)
    customer = cast(fields.clean(event.customer, columns[event.customer], missing), "VARCHAR")
    held = fields.clean(event.at, columns[event.at], missing)
    at = moments.instant(held, columns[event.at], program.data.zone)
    if at is None:
        message = f"The column `{event.at}` of {where} holds {columns[event.at]}, and an event needs an instant"
        raise InputError(message, "Write it as a TIMESTAMP, or as text such as 2026-03-04T16:30:00+08:00.")
    values = [reading.value for reading in read.values()]
    content = framed((customer, at, *values))
    own_id = event.id in columns
    eid = (
        cast(fields.clean(event.id, columns[event.id], missing), "VARCHAR") if own_id else digest(customer, at, *values)
    )
    null = exp.null()
    tests = [
        (exp.Is(this=customer.copy(), expression=null), text("is missing"), text("customer"), null),
        (
            exp.Is(this=at.copy(), expression=null),
            text("is no instant between 1971 and 2100"),
            text("at"),
            cast(held.copy(), "VARCHAR"),
        ),
        (exp.Is(this=eid.copy(), expression=null), text("is missing"), text("id"), null),
        (
            exp.not_(exp.Is(this=first_problem(read), expression=null)),
            first_problem(read),
            first_problem(read, "field"),
            first_problem(read, "value"),
        ),
    ]
    names = ("reason", "bad_field", "bad_value")
    judged = [exp.alias_(case((test[0].copy(), test[i + 1].copy()) for test in tests), n) for i, n in enumerate(names)]
    # What tells two contents of one id apart; where the id is made from the content there can be only one.
    made = exp.alias_(call("hash", content) if own_id else num(0), "content")
    query = exp.select(
        col("__row"),
        exp.alias_(customer, "customer"),
        exp.alias_(at, "at"),
        exp.alias_(eid, "eid"),
        made,
        *(exp.alias_(value, f"p_{field}") for field, value in zip(read, values, strict=True)),
        *judged,
    ).from_(table(f"raw_{name}"))
    engine.create(f"judged_{name}", query)
    _unique(engine, name)
    _keep_known(engine, name, [f"p_{field}" for field in read])
    loaded.events[name] = f"event_{name}"


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
