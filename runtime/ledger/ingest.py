"""Taking in what has happened since: receipts, replies, refusals, business events. Each event counts once, whenever it comes.

An event is known by its id, or by its content where the file has none. What is there already is passed over; what says something
else under an id that is there is refused, and so is whatever cannot be read: with its row and the reason, never silently.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlglot import exp

from dsl.catalog import OPT_OUT_EVENT, REPLY_EVENT
from dsl.program.ir import EventSpec, Program
from dsl.suggest import nearest
from runtime.engines.base import BadFile
from runtime.errors import InputError
from runtime.ledger import replies
from runtime.ledger.ledger import Ledger
from runtime.ledger.links import attach_clicks
from runtime.ledger.senders import resolve
from runtime.ledger.store import held
from runtime.ledger.tables import EVENT, HEARD_COLUMNS, HINTS, SUPPRESSED, TABLES, UNHEARD
from runtime.links.clicks import SUFFIX
from runtime.place import Place
from runtime.relational import events, judged
from runtime.relational.identity import framed
from runtime.relational.loading import REJECTS, readings
from runtime.relational.moments import timestamp
from runtime.relational.sql import TYPES, both, call, cast, col, named, table, text

INGEST = "ingest"
_GIVEN = "given"


@dataclass
class Heard:
    """What became of a file: rows read, events that are new, events that were known, refused rows by reason.

    refusals: replies that were understood as one.
    """

    rows: int = 0
    new: int = 0
    known: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    refusals: int = 0


def ingest(ledger: Ledger, program: Program, event: str, path: Path, data: Place) -> Heard:
    """Take a file in. InputError where it cannot be read, or is no file of such events; then nothing was changed.

    data: whose customers phones are looked up in, where the file names nobody else.
    """
    spec, engine = _spec(program, event), ledger.engine
    engine.insert("rejects", REJECTS, [])
    try:
        if path.suffix == SUFFIX:
            columns, torn = attach_clicks(ledger, spec, path)
        else:
            columns, lines = engine.attach(_GIVEN, path), engine.torn(_GIVEN)
            torn = [(event, line, None, None, what, f"the line is no row: {why}") for line, what, why in lines]
    except BadFile as error:
        raise InputError(str(error), "Name a .csv, .parquet or .jsonl file that is whole.") from error
    if torn:
        engine.insert("torn_given", REJECTS, torn)
        engine.append("rejects", exp.select("*").from_(table("torn_given")))
    columns = resolve(ledger, program, spec, columns, data)
    _judge(ledger, program, spec, columns)
    found = _compare(ledger, spec, HINTS.keys() & columns.keys())
    found.rows += len(torn)
    _keep(ledger, program, spec, str(path.resolve()), found)
    return found


def _spec(program: Program, event: str) -> EventSpec:
    known = {one.name: one for one in program.events if not one.derived}
    if event not in known:
        guess = nearest(event, sorted(known))
        help = f"Did you mean {guess}?" if guess else f"Known: {', '.join(sorted(known))}."
        raise InputError(f"There is no event called {event}", help)
    return known[event]


def _judge(ledger: Ledger, program: Program, spec: EventSpec, columns: dict[str, str]) -> None:
    """`read_given`: every row typed, with its id and its first flaw; what is flawed goes to `rejects`."""
    engine = ledger.engine
    given = spec.model_copy(update={"name": _GIVEN, "properties": events.known_to_all(spec, columns)})
    events.fits(spec, columns, spec.name)
    read = readings(given.properties, columns, spec.name, program, "p_")
    flaws = events.all_flaws(read, spec.id in columns)
    engine.view("judged_given", events.judged_rows(engine, program, given, columns, read, flaws))
    hints = [col(name, "g") for name in HINTS if name in columns]
    rows = exp.select("j.*", *hints).from_(table("judged_given", "j"))
    if hints:
        rows = rows.join(table(f"raw_{_GIVEN}", "g"), on="g.__row = j.__row")
    content = call("hash", framed(events.content([one.column for one in read])))
    engine.create("read_given", exp.select("*", named(content, "content")).from_(rows.subquery("r")))
    engine.append("rejects", judged.refused(spec.name, "read_given", flaws, col("__row"), col("customer")))


def _compare(ledger: Ledger, spec: EventSpec, hints: set[str]) -> Heard:
    """`news`: the events that are not in the ledger yet, each once."""
    engine, name = ledger.engine, EVENT + spec.name
    engine.view("fine_given", exp.select("*").from_(table("read_given")).where("flaw IS NULL"))
    # Numbers are counted sooner than texts: only where two ids may be one they are looked at.
    shown = [
        "count(*)",
        "count(*) FILTER (WHERE flaw IS NULL)",
        "count(DISTINCT hash(eid)) FILTER (WHERE flaw IS NULL)",
    ]
    ((rows, good, ids),) = engine.rows(exp.select(*shown).from_(table("read_given")))
    once = "fine_given" if ids == good else _once(ledger, spec)
    added: list[exp.Expr] = [col(f"p_{one.name}", "o") for one in spec.properties]
    added += [col(one, "o") if one in hints else named(cast(exp.null(), HINTS[one]), one) for one in HINTS]
    news = exp.select("o.eid AS id", "o.customer", named(timestamp(col("at", "o")), "at"), *added).from_(
        table(once, "o")
    )
    if name in ledger.store.tables:
        engine.create("known_given", _known(ledger, spec, once))
        _refuse(ledger, spec, "known_given", "differs", "is the id of another event that is known")
        known = exp.select("eid").from_(table("known_given")).subquery("k")
        news = news.join(known, on="k.eid = o.eid", join_type="left").where("k.eid IS NULL")
    engine.create("news", news)
    ((new,),) = engine.rows(exp.select("count(*)").from_(table("news")))
    refused = exp.select("reason", "count(*)").from_(table("rejects")).group_by("reason").order_by("reason")
    reasons = Counter(dict(engine.rows(refused)))
    ((bad,),) = engine.rows(
        exp.select("count(*)").from_(table("rejects")).where("row IS NOT NULL AND field IS NOT NULL")
    )
    return Heard(rows, new, rows - new - bad, reasons)


def _once(ledger: Ledger, spec: EventSpec) -> str:
    """Each id once, where all of its rows say the same; else none of them."""
    grouped = exp.select("eid", "min(__row) AS first", "count(DISTINCT content) AS contents").from_(table("fine_given"))
    ledger.engine.create("grouped_given", grouped.group_by("eid").having("count(*) > 1"))
    _refuse(ledger, spec, "grouped_given", "contents > 1", "stands for two different events")
    kept = exp.select("f.*").from_(table("fine_given", "f"))
    kept = kept.join(table("grouped_given", "g"), on="g.eid = f.eid", join_type="left")
    ledger.engine.create("once_given", kept.where("g.eid IS NULL OR (g.contents = 1 AND g.first = f.__row)"))
    return "once_given"


def _known(ledger: Ledger, spec: EventSpec, once: str) -> exp.Select:
    """The ids that the ledger knows, and whether they say something else there. What was declared later is missing."""
    there, name = ledger.store.tables[EVENT + spec.name], EVENT + spec.name
    shown: list[exp.Expr] = [col("id", "k"), col("customer", "k"), named(call("epoch_us", col("at", "k")), "at")]
    for one in spec.properties:
        value = col(f"p_{one.name}", "k") if f"p_{one.name}" in there else exp.null()
        shown.append(named(cast(value, TYPES[one.base]), f"p_{one.name}"))
    rows = exp.select(*shown, "o.content").from_(table(once, "o")).join(held(name, "k"), on="k.id = o.eid")
    properties = [f"p_{one.name}" for one in spec.properties]
    content = call("hash", framed(events.content(properties)))
    differs = named(exp.NEQ(this=content, expression=col("content")), "differs")
    return exp.select("id AS eid", differs).from_(rows.subquery("k"))


def _refuse(ledger: Ledger, spec: EventSpec, name: str, where: str, why: str) -> None:
    """Into `rejects`: the rows of `fine_given` whose id stands in a table, where a test over it holds."""
    columns = {
        "source": text(spec.name),
        "row": col("__row", "f"),
        "key": col("customer", "f"),
        "field": text("id"),
        "value": col("eid", "f"),
        "reason": text(why),
    }
    rows = exp.select(*(named(value, column) for column, value in columns.items())).from_(table("fine_given", "f"))
    bad = exp.select("eid").from_(table(name)).where(where).subquery("b")
    ledger.engine.append("rejects", rows.join(bad, on="b.eid = f.eid"))


def _keep(ledger: Ledger, program: Program, spec: EventSpec, file: str, found: Heard) -> None:
    """The new events, the rejects in place of those that the same file had before, and refusals that replies are."""
    name = EVENT + spec.name
    columns = {**HEARD_COLUMNS, **{f"p_{one.name}": TYPES[one.base] for one in spec.properties}, **HINTS}
    refusing = {**HEARD_COLUMNS, **HINTS}
    if spec.name == REPLY_EVENT:
        found.refusals = replies.understand(ledger, program, file)
    if _nothing_new(ledger, spec, columns, file, found):
        return
    with ledger.store.change() as change:
        change.prepare(name, columns)
        order = list(ledger.store.tables.get(name, columns))
        order += [one for one in columns if one not in order]
        change.append(name, exp.select(*(col(one) for one in order)).from_(table("news")))
        if found.refusals:
            change.prepare(EVENT + OPT_OUT_EVENT, refusing)
            change.append(EVENT + OPT_OUT_EVENT, exp.select(*refusing).from_(table("understood")))
        if spec.name in (OPT_OUT_EVENT, REPLY_EVENT):
            change.append(SUPPRESSED, exp.select(*TABLES[SUPPRESSED]).from_(table("phones_refusing")))
        mine: list[exp.Expr] = [
            exp.EQ(this=col("file"), expression=text(file)),
            exp.EQ(this=col("event"), expression=text(spec.name)),
        ]
        if spec.name == OPT_OUT_EVENT:  # tomorrow's file may have the same name: only who is read now is mended
            mine.append(exp.In(this=col("key"), query=exp.select("customer").from_(table("fine_given")).subquery()))
        change.remove(UNHEARD, both(*mine))
        more = (named(text(file), "file"), named(text(spec.name), "event"), named(exp.false(), "settled"))
        change.append(UNHEARD, exp.select(*(col(one) for one in REJECTS), *more).from_(table("rejects")))
        if spec.name == REPLY_EVENT:
            change.append(UNHEARD, exp.select(*TABLES[UNHEARD]).from_(table("refused_refusals")))
        detail: dict[str, Any] = {"event": spec.name, "file": Path(file).name, "new": found.new, "known": found.known}
        if refused := sum(found.refused.values()):
            detail["refused"] = refused
        ledger.note(change, INGEST, None, detail)


def _nothing_new(ledger: Ledger, spec: EventSpec, columns: dict[str, str], file: str, found: Heard) -> bool:
    """Whether the ledger holds all of it: then it stays as it is, to the letter of its history."""
    if (
        found.new
        or found.refusals
        or found.refused
        or not columns.keys() <= ledger.store.tables.get(EVENT + spec.name, {}).keys()
    ):
        return False
    mine = exp.EQ(this=col("file"), expression=text(file))
    queries = [exp.select("1").from_(held(UNHEARD)).where(mine), exp.select("1").from_(table("phones_refusing"))]
    return not any(ledger.engine.rows(query.limit(1)) for query in queries)
