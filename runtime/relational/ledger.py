"""Past decisions (in the columns of runtime/outcomes.py) → `decisions`, `finals`, `opens`, `past_sends`.

They are those of a ledger (runtime/ledger), or of ledger.parquet in the data folder, which a bank may write itself.

Its instants are a run's own, not the bank's: without an offset they are in UTC, whatever the data's zone.
"""

from __future__ import annotations

from sqlglot import exp

from dsl.catalog import TASK, TO_PHONES
from dsl.program.ir import Program
from runtime.engines.base import Engine
from runtime.errors import InputError
from runtime.inputs.base import Source
from runtime.outcomes import COLUMNS, FINAL, NUMBER, STEP
from runtime.relational import fields, kept, moments, narrow, phones
from runtime.relational.loading import Loaded, refused, source
from runtime.relational.sql import both, call, case, cast, col, named, negated, num, table, text
from runtime.relational.zones import known

_NAME, _KEPT = "ledger", "kept_ledger"
_OUTCOMES = ("send", "control", "expired", "deferred", "suppressed")
_TEXTS = ("campaign", "step", "customer", "occurrence", "outcome", "kind", "zone", "recipient", "channel")
_INSTANTS = ("at", "started_at", "decided_at")


def load_ledger(engine: Engine, program: Program, given: Source, at: int, loaded: Loaded) -> None:
    """Rows decided later than `at` are not seen. Without a file the ledger is empty."""
    columns = _source(engine, given, loaded)
    if columns is None and loaded.only is not None:
        loaded.decided = False
        return
    if columns is None:
        columns = {**dict.fromkeys(_TEXTS, "VARCHAR"), **dict.fromkeys(_INSTANTS, "TIMESTAMP")}
        engine.insert("raw_ledger", {"__row": "BIGINT", **columns}, [])
    for needed in ("campaign", "customer", "at"):
        if needed not in columns:
            raise InputError(f"The ledger has no column `{needed}`", f"Its columns are {', '.join(COLUMNS)}.")
    if loaded.only is not None and not narrow.ledger(engine, program, columns, loaded):
        loaded.decided = False
        return
    if loaded.kept.decisions is not None and loaded.only is None:
        engine.create("decisions", kept.decisions(program, _KEPT, at))
    else:
        engine.create("read_ledger", _read(engine, program, columns))
        phones.prepare(engine, "read_ledger", "recipient", program.brand.phones, "past_phones")
        _judge(engine, at)
    _names(engine, program)
    _summarise(engine)
    if loaded.kept.spent is not None:
        more = (
            named(kept.renamed(program, col("campaign", "s")), "campaign"),
            cast(exp.null(), "BIGINT"),
            col("cost", "s"),
        )
        engine.append("past_spent", exp.select(*more).from_(loaded.kept.spent.subquery("s")))


def _source(engine: Engine, given: Source, loaded: Loaded) -> dict[str, str] | None:
    """The columns of the past decisions; None where there are none."""
    if loaded.kept.decisions is None:
        return source(engine, given, _NAME, loaded, _NAME)
    engine.view(_KEPT if loaded.only is None else f"whole_{_NAME}", loaded.kept.decisions)
    return dict(COLUMNS)


def _read(engine: Engine, program: Program, columns: dict[str, str]) -> exp.Select:
    """Every row typed, with the defaults that docs/semantics.md gives, and what cannot be read in it."""
    asked = [*((name, "key") for name in _TEXTS), ("local_date", "date")]
    for name, base in asked:
        if name in columns and not fields.accepts(base, columns[name]):
            raise _unfit(name, columns[name], "a date" if base == "date" else "a text")
    inner: dict[str, exp.Expr] = {}
    for name, base in asked:
        held = fields.clean(name, columns[name], ()) if name in columns else exp.null()
        inner[name] = cast(held, "VARCHAR") if base == "key" else fields.date(held)
        inner[f"raw_{name}"] = cast(held.copy(), "VARCHAR")
    inner["campaign"] = kept.renamed(program, inner["campaign"])
    if not fields.accepts("money", columns.get("cost", "VARCHAR")):
        raise _unfit("cost", columns["cost"], "an amount")
    cost = fields.clean("cost", columns["cost"], ()) if "cost" in columns else exp.null()
    inner["cost"] = exp.TryCast(this=cost, to=exp.DataType.build(COLUMNS["cost"], dialect="duckdb"))
    inner["raw_cost"] = cast(cost.copy(), "VARCHAR")
    for name in _INSTANTS:
        held = fields.clean(name, columns[name], ()) if name in columns else exp.null()
        written = moments.written(held, columns.get(name, "TIMESTAMP"))
        if written is None:
            raise _unfit(name, columns[name], "an instant")
        inner |= {f"sure_{name}": written.sure, f"local_{name}": written.local, f"raw_{name}": cast(held, "VARCHAR")}
    raw = exp.select(col("__row"), *(named(value, name) for name, value in inner.items())).from_("raw_ledger")
    instants = []
    for name in _INSTANTS:
        seen = moments.years(engine, col(f"local_{name}"), raw.subquery("w"))
        found = moments.joined(col(f"sure_{name}"), col(f"local_{name}"), "UTC", seen)
        instants.append(named(found, name))
    return _defaulted(program, exp.select("*", *instants).from_(raw.subquery("w")))


def _unfit(name: str, type: str, wanted: str) -> InputError:
    return InputError(f"The ledger's column `{name}` holds {type}, and {wanted} is needed", "Write it in another type.")


def _defaulted(program: Program, rows: exp.Select) -> exp.Select:
    defaults = {
        "step": text(STEP),
        "occurrence": text("1"),
        "outcome": text("send"),
        "channel": text("sms"),
        "started_at": exp.Coalesce(this=col("at", "l"), expressions=[col("decided_at", "l")]),
        "decided_at": col("at", "l"),
        "recipient": _recipient(),
        "zone": exp.Coalesce(this=col("zone", "c"), expressions=[text(program.brand.zone)]),
    }
    shown: list[exp.Expr] = [col("__row", "l")]
    for name in (*_TEXTS, *_INSTANTS, "local_date", "cost"):
        own = col(name, "l")
        shown.append(named(exp.Coalesce(this=own, expressions=[defaults[name]]), name) if name in defaults else own)
    unread = dict.fromkeys(_INSTANTS, moments.UNREADABLE) | {"local_date": "is not a date", "cost": "is not an amount"}
    tests = [
        (
            both(f"l.raw_{name} IS NOT NULL", exp.Is(this=col(name, "l"), expression=exp.null())),
            (text(why), text(name), col(f"raw_{name}", "l")),
        )
        for name, why in unread.items()
    ]
    for at, name in enumerate(("unread", "field", "held")):
        shown.append(named(case((test.copy(), answers[at]) for test, answers in tests), name))
    query = exp.select(*shown).from_(rows.subquery("l"))
    return query.join("customers AS c", on="c.key = l.customer", join_type="left")


def _recipient() -> exp.Expr:
    """The customer's phone; on a channel that needs none, the customer where there is none."""
    channel = exp.Coalesce(this=col("channel", "l"), expressions=[text("sms")])
    by_phone = exp.In(this=channel, expressions=[text(name) for name in TO_PHONES])
    return case([(by_phone, col("phone", "c"))], exp.Coalesce(this=col("phone", "c"), expressions=[col("key", "c")]))


def _judge(engine: Engine, at: int) -> None:
    """Rows that mean nothing are refused, rows of later runs not seen, and what has no local date gets one.

    `decisions`: the row that counts of each, its latest final one or, where none is final, its latest.
    """
    read = table("read_ledger")
    bare = [
        exp.func(kind, case([(exp.Is(this=col("local_date"), expression=exp.null()), col("at"))]))
        for kind in ("min", "max")
    ]
    zones = engine.rows(exp.select("zone", *bare).from_(read.copy()).group_by("zone").order_by("zone"))
    bad = [zone for zone, _, _ in zones if not known(zone)]
    null = exp.null()
    needs_instant = exp.In(this=col("outcome"), expressions=[text("send"), text("control"), text("deferred")])
    tests: list[tuple[exp.Expr, str, str, exp.Expr]] = [
        (exp.Is(this=col("campaign"), expression=null), "campaign", "is missing", null),
        (exp.Is(this=col("customer"), expression=null), "customer", "is missing", null),
        (
            negated(exp.In(this=col("outcome"), expressions=[text(name) for name in _OUTCOMES])),
            "outcome",
            "is no outcome",
            col("outcome"),
        ),
        (both(needs_instant, exp.Is(this=col("at"), expression=null)), "at", "is missing", null),
        (exp.Is(this=col("started_at"), expression=null), "started_at", "is missing", null),
        (exp.Is(this=col("decided_at"), expression=null), "decided_at", "is missing", null),
    ]
    if bad:
        strange = exp.In(this=col("zone"), expressions=[text(zone) for zone in bad])
        tests.append((strange, "zone", "is no time zone", col("zone")))
    unread = negated(exp.Is(this=col("unread"), expression=null))
    reason = case([(unread, col("unread")), *((test.copy(), text(why)) for test, _, why, _ in tests)])
    field = case([(unread.copy(), col("field")), *((test.copy(), text(name)) for test, name, _, _ in tests)])
    value = case([(unread.copy(), col("held")), *((test.copy(), held.copy()) for test, _, _, held in tests)])
    day = case(
        (
            exp.EQ(this=col("zone"), expression=text(zone)),
            moments.local_date(col("at"), zone, (moments.year(low), moments.year(high))),
        )
        for zone, low, high in zones
        if zone not in bad and low is not None
    )
    shown = [col(name) for name in ("__row", *_TEXTS, *_INSTANTS, "cost") if name != "recipient"]
    local = cast(exp.Coalesce(this=col("local_date"), expressions=[day]), "DATE")
    recipient = exp.Coalesce(this=col("e164", "p"), expressions=[col("recipient")])
    judged = exp.select(
        *shown,
        named(recipient, "recipient"),
        named(local, "local_date"),
        named(reason, "reason"),
        named(field, "bad_field"),
        named(value, "bad_value"),
    ).from_(read)
    same = exp.EQ(this=col("raw", "p"), expression=col("recipient"))
    engine.create("judged_ledger", judged.join(table("past_phones", "p"), on=same, join_type="left"))
    engine.append("rejects", refused(_NAME, "judged_ledger", col("customer")))
    seen = both("reason IS NULL", exp.LTE(this=col("decided_at"), expression=num(at)))
    engine.create("decisions", exp.select("*").from_(table("judged_ledger")).where(seen).qualify(kept.STANDING))


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
    numbers = case([(call("regexp_full_match", col("occurrence"), text(NUMBER)), cast(col("occurrence"), "BIGINT"))])
    used = named(
        exp.Greatest(
            this=exp.Count(this=exp.Star()),
            expressions=[exp.Coalesce(this=exp.Max(this=numbers), expressions=[num(0)])],
        ),
        "n",
    )
    finals = exp.select("campaign", "customer", used, named("max(started_at)", "last"))
    engine.create("finals", finals.from_(decisions.copy()).where(both(entry, final)).group_by("campaign", "customer"))
    earliest = "row_number() OVER (PARTITION BY campaign, customer ORDER BY started_at, occurrence) = 1"
    opens = exp.select("campaign", "customer", "occurrence", "started_at").from_(decisions.copy())
    engine.create("opens", opens.where(both(entry, negated(final))).qualify(earliest))
    spent = exp.select("campaign", exp.column("at", quoted=True), "cost").from_(decisions.copy())
    messages = exp.NEQ(this=col("channel"), expression=text(TASK))
    engine.create("past_spent", spent.where("outcome = 'send'").where(messages))
    sends = exp.select("recipient", "campaign", "step", "kind", "local_date").from_(decisions.copy())
    engine.create("past_sends", sends.where("outcome = 'send' AND recipient IS NOT NULL").where(messages.copy()))
