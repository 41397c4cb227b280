"""events/<name>.parquet or .csv → `event_<name>`: the accepted events of accepted customers, each once.

The rows are written down once, as `read_<name>`, with their customer's number. What is accepted is a view: nearly all are.
"""

from __future__ import annotations

from collections.abc import Container, Iterable

from sqlglot import exp

from dsl.catalog import EVENTS, OPT_OUT_EVENT
from dsl.program.ir import EventSpec, FieldSpec, Program
from runtime.engines.base import Engine
from runtime.errors import InputError
from runtime.inputs.base import EVENTS as UNDER
from runtime.inputs.base import Source
from runtime.relational import fields, judged, moments, narrow
from runtime.relational.identity import digest, framed
from runtime.relational.judged import Flaw
from runtime.relational.loading import Loaded, Reading, quoted, readings, source
from runtime.relational.repeats import repeated
from runtime.relational.sql import TYPES, call, case, cast, col, named, negated, table, text, union


def load_events(engine: Engine, program: Program, event: EventSpec, given: Source, loaded: Loaded) -> None:
    """Those of the data and those that a ledger has taken in, which are judged already."""
    name = event.name
    where, heard = UNDER + name, loaded.kept.events.get(name)
    columns = source(engine, given, name, loaded, where)
    if columns is None and heard is None:
        why = "who refused messages must be known" if name == OPT_OUT_EVENT else "a campaign asks for it"
        raise InputError(
            given.lacking(where, why), "Where nothing happened, an empty file or table with its columns says so."
        )
    if columns is not None:
        fits(event, columns, where)
    if loaded.only is not None:
        if columns is not None and not narrow.events(engine, event, columns, loaded):
            columns = None
        heard = narrow.heard(engine, heard, loaded)
        if columns is None and heard is None:
            return
    read = [] if columns is None else readings(known_to_all(event, columns), columns, where, program, "p_")
    flaws = all_flaws(read, columns is not None and event.id in columns)
    pieces: list[exp.Query] = []
    if columns is not None:
        pieces.append(judged_rows(engine, program, event, columns, read, flaws))
    if heard is not None:
        pieces.append(_heard(event, heard))
    properties = [f"p_{spec.name}" for spec in event.properties]
    engine.view(f"judged_{name}", union(pieces))
    engine.create(f"read_{name}", _joined(name, properties))
    engine.append("rejects", judged.refused(where, f"read_{name}", flaws, col("__row"), col("customer")))
    _keep_known(engine, name, properties, _unique(engine, name, properties, loaded.only is not None))
    loaded.events[name] = f"event_{name}"


def forgotten(names: Iterable[str]) -> list[str]:
    """The tables of events that nobody asks for again."""
    return [f"{what}_{name}" for name in names for what in ("event", "read", "repeats", "repeated", "twice")]


def fits(event: EventSpec, columns: dict[str, str], where: str) -> None:
    """InputError where the columns of a file are not those of an event."""
    for column in (event.customer, event.at):
        if column not in columns:
            help = f"It has: {', '.join(sorted(columns))}. Map it in camp.toml under [data.events]."
            raise InputError(f"{where} has no column `{column}`", help)
    for column in {event.customer, event.id} & columns.keys():
        if not fields.accepts("key", columns[column]):
            message = f"The column `{column}` of {where} holds {columns[column]}, and it names a customer or an event"
            raise InputError(message, "Write it as text or whole numbers, as in the customers.")


def known_to_all(event: EventSpec, columns: Container[str]) -> tuple[FieldSpec, ...]:
    """An event's properties; of those that every project knows, what the data do not have is missing."""
    if event.name not in EVENTS:
        return event.properties
    return tuple(
        one if one.column in columns else one.model_copy(update={"optional": True}) for one in event.properties
    )


def _heard(event: EventSpec, heard: exp.Select) -> exp.Select:
    """What a ledger has taken in, as `judged_rows` has it. A property that was declared later is missing."""
    shown = [named(cast(exp.null(), "BIGINT"), "__row"), col("customer"), named(call("epoch_us", col("at")), "at")]
    there = {one.alias_or_name for one in heard.selects}
    for spec in event.properties:
        name, type = f"p_{spec.name}", TYPES[spec.base]
        shown.append(named(cast(col(name) if name in there else exp.null(), type), name))
    none = [named(cast(exp.null(), "SMALLINT"), "flaw"), named(cast(exp.null(), "VARCHAR"), "held")]
    return exp.select(*shown, *none, named(col("id"), "eid")).from_(heard.subquery("h"))


def all_flaws(read: list[Reading], own_id: bool) -> list[Flaw]:
    null = exp.null()
    found = [
        Flaw(exp.Is(this=col("customer"), expression=null), "customer", "is missing", null),
        Flaw(exp.Is(this=col("at"), expression=null.copy()), "at", moments.UNREADABLE, col("raw_at")),
    ]
    if own_id:
        found.append(Flaw(exp.Is(this=col("own_id"), expression=null.copy()), "id", "is missing", null.copy()))
    return [*found, *(flaw for one in read for flaw in one.flaws)]


def judged_rows(
    engine: Engine,
    program: Program,
    event: EventSpec,
    columns: dict[str, str],
    read: list[Reading],
    flaws: list[Flaw],
) -> exp.Select:
    """Every row with customer, at, the properties' columns, its id, and its first flaw."""
    missing, type, source = program.data.missing, columns[event.at], table(f"raw_{event.name}")
    held = fields.clean(event.at, type, missing)
    local = moments.written(held, type)
    written = moments.written(col("raw_at"), type)
    if local is None or written is None:
        message = f"The column `{event.at}` of events/{event.name} holds {type}, and an event needs an instant"
        raise InputError(message, "Write it as a TIMESTAMP, or as text such as 2026-03-04T16:30:00+08:00.")
    seen = moments.years(engine, local.local, source.copy())
    texts = {
        "customer": fields.clean(event.customer, columns[event.customer], missing),
        "own_id": fields.clean(event.id, columns[event.id], missing) if event.id in columns else exp.null(),
    }
    shown = [named(cast(value.copy(), "VARCHAR"), column) for column, value in texts.items()]
    rows = exp.select("__row", *shown, named(held.copy(), "raw_at"), *(one.held for one in read)).from_(source)
    instants = named(written.sure, "sure"), named(written.local, "local")
    rows = exp.select("*", *instants, *(one.value for one in read)).from_(rows.subquery("h", copy=False))
    at = named(moments.joined(col("sure"), col("local"), program.data.zone, seen), "at")
    rows = judged.judge(exp.select("*", at).from_(rows.subquery("w", copy=False)), flaws)
    properties = [one.column for one in read]
    eid = named(col("own_id") if event.id in columns else digest(*content(properties)), "eid")
    shown = [col(name) for name in ("__row", "customer", "at", *properties, "flaw", "held")]
    return exp.select(*shown, eid).from_(rows.subquery("j", copy=False), copy=False)


def content(properties: list[str]) -> list[exp.Expr]:
    """What an event says: what an id is made of where the data have none."""
    return [col(name) for name in ("customer", "at", *properties)]


def _joined(name: str, properties: list[str]) -> exp.Select:
    """The rows with the number of their customer: written down once, whatever becomes of them."""
    flawed = negated(exp.Is(this=col("flaw", "j"), expression=exp.null()))
    who = named(case([(flawed, col("customer", "j"))], exp.null()), "customer")  # only a refusal names the customer
    columns = [col(one, "j") for one in ("__row", "at", "eid", *properties, "flaw", "held")]
    query = exp.select(col("id", "c"), who, *columns).from_(f"{quoted(f'judged_{name}')} AS j")
    same = exp.EQ(this=col("key", "c"), expression=col("customer", "j"))
    return query.join("customers AS c", on=same, join_type="left")


def _unique(engine: Engine, name: str, properties: list[str], few: bool) -> bool:
    """`repeated_NAME`: ids that stand more than once; False where there are none. Of two contents of one id both are refused."""
    if not repeated(engine, f"read_{name}", "eid", f"twice_{name}", _fine(), few):
        return False
    good = exp.select("g.__row", "g.customer", "g.eid", named(call("hash", framed(content(properties))), "content"))
    good = good.from_(table(f"judged_{name}", "g")).join(table(f"twice_{name}", "t"), on="t.value = g.eid")
    engine.create(f"repeats_{name}", good.where(_fine()))
    repeats = table(f"repeats_{name}", "r")
    found = exp.select("eid", named("min(__row)", "first"), named("count(DISTINCT content)", "contents"))
    engine.create(f"repeated_{name}", found.from_(repeats.copy()).group_by("eid"))
    several = exp.select(
        named(text(f"events/{name}"), "source"),
        named(col("__row", "r"), "row"),
        named(col("customer", "r"), "key"),
        named(text("id"), "field"),
        named(col("eid", "r"), "value"),
        named(text("stands for two different events"), "reason"),
    ).from_(repeats)
    same = "d.eid = r.eid AND d.contents > 1"
    engine.append("rejects", several.join(table(f"repeated_{name}", "d"), on=same))
    return True


def _keep_known(engine: Engine, name: str, properties: list[str], repeats: bool) -> None:
    """The accepted events of accepted customers, by the customer's number."""
    columns = [col(one, "j") for one in ("id", "at", "eid", *properties)]
    query = exp.select(*columns).from_(table(f"read_{name}", "j")).where(_fine("j"), "j.id IS NOT NULL")
    if not repeats:
        engine.view(f"event_{name}", query)
        return
    query = query.join(table(f"repeated_{name}", "r"), on="r.eid = j.eid", join_type="left")
    engine.create(f"event_{name}", query.where("r.eid IS NULL OR (r.contents = 1 AND r.first = j.__row)"))


def _fine(of: str | None = None) -> exp.Expr:
    return exp.Is(this=col("flaw", of), expression=exp.null())
