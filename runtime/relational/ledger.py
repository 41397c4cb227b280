"""Past decisions (ledger.parquet, in the columns of runtime/outcomes.py) → `decisions`, `finals`, `opens`, `past_sends`."""

from __future__ import annotations

from pathlib import Path

from sqlglot import exp

from dsl.program.ir import Program
from runtime.engines.base import Engine
from runtime.errors import InputError
from runtime.outcomes import COLUMNS, FINAL, STEP
from runtime.relational import fields, moments
from runtime.relational.loading import Loaded, source
from runtime.relational.sql import case, cast, col, num, table, text
from runtime.relational.zones import known

_NAME = "ledger"
_OUTCOMES = ("send", "control", "expired", "deferred", "suppressed")
_TEXTS = ("campaign", "step", "customer", "occurrence", "outcome", "kind", "zone", "recipient")
_INSTANTS = ("at", "started_at", "decided_at")


def load_ledger(engine: Engine, program: Program, folder: Path, at: int, loaded: Loaded) -> None:
    """Rows decided later than `at` are not seen. Without a file the ledger is empty."""
    columns = source(engine, folder, _NAME, loaded)
    if columns is None:
        engine.insert(
            "raw_ledger",
            {"__row": "BIGINT", **dict.fromkeys(_TEXTS, "VARCHAR"), **dict.fromkeys(_INSTANTS, "TIMESTAMP")},
            [],
        )
        columns = {**dict.fromkeys(_TEXTS, "VARCHAR"), **dict.fromkeys(_INSTANTS, "TIMESTAMP")}
    for needed in ("campaign", "customer", "at"):
        if needed not in columns:
            raise InputError(f"The ledger has no column `{needed}`", f"Its columns are {', '.join(COLUMNS)}.")
    _read(engine, program, columns)
    _judge(engine, at)
    _names(engine, program)
    _summarise(engine)


def _read(engine: Engine, program: Program, columns: dict[str, str]) -> None:
    """`read_ledger`: typed, with the defaults that docs/semantics.md gives."""
    held: dict[str, exp.Expr] = {}
    for name in _TEXTS:
        held[name] = cast(fields.clean(name, columns[name], ()) if name in columns else exp.null(), "VARCHAR")
    for name in _INSTANTS:
        if name not in columns:
            held[name] = cast(exp.null(), "BIGINT")
            continue
        read = moments.instant(fields.clean(name, columns[name], ()), columns[name], program.data.zone)
        if read is None:
            raise InputError(
                f"The ledger's column `{name}` holds {columns[name]}, and instants are needed", "Write TIMESTAMP."
            )
        held[name] = read
    local = columns.get("local_date")
    raw_day = fields.clean("local_date", local, ()) if local else exp.null()
    held["local_date"] = exp.TryCast(this=raw_day, to=exp.DataType.build("DATE"))
    query = exp.select(col("__row"), *(exp.alias_(value, name) for name, value in held.items())).from_(
        table("raw_ledger")
    )
    defaulted = {
        "step": text(STEP),
        "occurrence": text("1"),
        "outcome": text("send"),
        "started_at": exp.Coalesce(this=col("at", "l"), expressions=[col("decided_at", "l")]),
        "decided_at": col("at", "l"),
        "recipient": col("phone", "c"),
        "zone": exp.Coalesce(this=col("zone", "c"), expressions=[text(program.brand.zone)]),
    }
    shown: list[exp.Expr] = [col("__row", "l")]
    for name in (*_TEXTS, *_INSTANTS, "local_date"):
        own = col(name, "l")
        shown.append(
            exp.alias_(exp.Coalesce(this=own, expressions=[defaulted[name]]), name) if name in defaulted else own
        )
    joined = exp.select(*shown).from_(query.subquery("l"))
    same = exp.EQ(this=col("key", "c"), expression=col("customer", "l"))
    engine.create("read_ledger", joined.join("customers AS c", on=same, join_type="left"))


def _judge(engine: Engine, at: int) -> None:
    """Rows that mean nothing are refused, rows of later runs not seen, and what has no local date gets one.

    `decisions`: the row that counts of each, its latest final one or, where none is final, its latest.
    """
    read = table("read_ledger")
    zones = [row[0] for row in engine.rows(exp.select("zone").distinct().from_(read.copy()))]
    bad = [zone for zone in zones if not known(zone)]
    null = exp.null()
    needs_instant = exp.In(this=col("outcome"), expressions=[text("send"), text("control"), text("deferred")])
    tests = [
        (exp.Is(this=col("campaign"), expression=null), "campaign", "is missing"),
        (exp.Is(this=col("customer"), expression=null), "customer", "is missing"),
        (
            exp.not_(exp.In(this=col("outcome"), expressions=[text(name) for name in _OUTCOMES])),
            "outcome",
            "is no outcome",
        ),
        (exp.and_(needs_instant, exp.Is(this=col("at"), expression=null)), "at", "is no instant between 1971 and 2100"),
        (exp.Is(this=col("started_at"), expression=null), "started_at", "is no instant between 1971 and 2100"),
        (exp.Is(this=col("decided_at"), expression=null), "decided_at", "is no instant between 1971 and 2100"),
    ]
    if bad:
        tests.append((exp.In(this=col("zone"), expressions=[text(zone) for zone in bad]), "zone", "is no time zone"))
    reason = case((test.copy(), text(why)) for test, _, why in tests)
    field = case((test.copy(), text(name)) for test, name, _ in tests)
    day = case(
        (exp.EQ(this=col("zone"), expression=text(zone)), moments.local_date(col("at"), zone))
        for zone in zones
        if zone not in bad
    )
    columns = [col(name) for name in ("__row", *_TEXTS, *_INSTANTS)]
    local = exp.Coalesce(this=col("local_date"), expressions=[day]) if zones else col("local_date")
    judged = exp.select(
        *columns, exp.alias_(local, "local_date"), exp.alias_(reason, "reason"), exp.alias_(field, "bad")
    ).from_(read)
    engine.create("judged_ledger", judged)
    refused = {
        "source": text(_NAME),
        "row": col("__row"),
        "key": col("customer"),
        "field": col("bad"),
        "value": cast(null, "VARCHAR"),
    }
    shown = [exp.alias_(value, name) for name, value in refused.items()]
    engine.append(
        "rejects", exp.select(*shown, col("reason")).from_(table("judged_ledger")).where("reason IS NOT NULL")
    )
    final = "CASE WHEN outcome IN ('send', 'control', 'expired') THEN 0 ELSE 1 END"
    decision = "PARTITION BY campaign, step, customer, occurrence"
    standing = f"row_number() OVER ({decision} ORDER BY {final}, decided_at DESC, __row DESC) = 1"
    seen = exp.and_("reason IS NULL", exp.LTE(this=col("decided_at"), expression=num(at)))
    engine.create("decisions", exp.select("*").from_(table("judged_ledger")).where(seen).qualify(standing))


def _names(engine: Engine, program: Program) -> None:
    """A campaign that only the ledger knows is an error until it is said to be retired: it may have been renamed."""
    known = {campaign.name for campaign in program.campaigns} | set(program.retired)
    there = {row[0] for row in engine.rows(exp.select("campaign").distinct().from_(table("decisions")))}
    strange = sorted(there - known)
    if strange:
        names = ", ".join(f"`{name}`" for name in strange[:5])
        help = (
            f"If it is over, say so: campaign {strange[0]} {{ retired }}. If it was renamed, give it its old name back."
        )
        raise InputError(f"The ledger knows campaigns that the program does not: {names}", help)


def _summarise(engine: Engine) -> None:
    final = exp.In(this=col("outcome"), expressions=[text(name) for name in sorted(FINAL)])
    decisions = table("decisions")
    entry = exp.EQ(this=col("step"), expression=text(STEP))
    finals = exp.select("campaign", "customer", exp.alias_("count(*)", "n"), exp.alias_("max(started_at)", "last"))
    engine.create(
        "finals", finals.from_(decisions.copy()).where(exp.and_(entry, final)).group_by("campaign", "customer")
    )
    earliest = "row_number() OVER (PARTITION BY campaign, customer ORDER BY started_at, occurrence) = 1"
    opens = exp.select("campaign", "customer", "occurrence", "started_at").from_(decisions.copy())
    engine.create("opens", opens.where(exp.and_(entry, exp.not_(final))).qualify(earliest))
    sends = exp.select("recipient", "campaign", "kind", "local_date").from_(decisions.copy())
    engine.create("past_sends", sends.where("outcome = 'send' AND recipient IS NOT NULL"))
