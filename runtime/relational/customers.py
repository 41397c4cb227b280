"""customers.parquet or .csv → `customers`: typed, one row for each key, with zone, phone and who owns a shared phone."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from sqlglot import exp

from dsl.program.ir import Program
from runtime.engines.base import Engine
from runtime.errors import InputError
from runtime.relational import narrow, phones, zones
from runtime.relational.loading import Loaded, first_problem, readings, refused, source
from runtime.relational.sql import case, cast, col, named, negated, num, paren, table, text


def load_customers(engine: Engine, program: Program, folder: Path, loaded: Loaded) -> None:
    columns = source(engine, folder, "customers", loaded, "customers")
    if columns is None:
        message = f"There is no customers.parquet or customers.csv in {folder}"
        raise InputError(message, "A data folder holds customers and events/ (see the README).")
    read = readings(program.customer, columns, "customers", program)
    if loaded.only is not None:
        narrow.customers(engine, program, columns, loaded)
    (key,) = (spec.name for spec in program.customer if spec.base == "key")
    values = [named(reading.value, f"f_{name}") for name, reading in read.items()]
    rest = [col("__row"), named(first_problem(read), "problem"), named(first_problem(read, "field"), "field")]
    rest.append(named(first_problem(read, "value"), "held"))
    engine.create("read_customers", exp.select(*values, *rest).from_(table("raw_customers")))
    phone = next((spec.name for spec in program.customer if spec.base == "phone"), None)
    zone = next((spec.name for spec in program.customer if spec.base == "zone"), None)
    phones.prepare(engine, "read_customers", f"f_{phone}" if phone else None, program.brand.phones)
    zones.prepare(engine, "read_customers", f"f_{zone}" if zone else None)
    repeated = (
        exp.select(col(f"f_{key}")).from_(table("read_customers")).group_by(col(f"f_{key}")).having("count(*) > 1")
    )
    engine.create("repeated_keys", repeated)
    _judge(engine, key, phone, zone)
    (counts,) = engine.rows(exp.select("count(*)", "count(reason)").from_(table("judged_customers")))
    torn = engine.rows(exp.select("count(*)").from_(table("rejects")))[0][0]
    loaded.customers, loaded.refused = counts[0] + torn, counts[1] + torn
    if counts[0] == 0 and torn == 0 and loaded.only is None:
        raise InputError("The customers file holds no rows", "An empty file is no bank: look at what wrote it.")
    engine.append("rejects", refused("customers", "judged_customers", col(f"f_{key}")))
    if loaded.only is None and loaded.refused > program.brand.rejects * loaded.customers:
        _stop(engine, loaded, program.brand.rejects)
    _accept(engine, program, key, phone, zone)


def _judge(engine: Engine, key: str, phone: str | None, zone: str | None) -> None:
    """Every row with its first problem, if it has one."""
    query = exp.select("r.*", "p.e164").from_("read_customers AS r")
    held = col(f"f_{phone}", "r") if phone else exp.null()
    query = query.join("phones AS p", on=exp.EQ(this=col("raw", "p"), expression=held), join_type="left")
    repeated = exp.EQ(this=col(f"f_{key}", "d"), expression=col(f"f_{key}", "r"))
    query = query.join("repeated_keys AS d", on=repeated, join_type="left")
    tests: list[tuple[exp.Expr, ...]] = [
        (
            negated(exp.Is(this=col("problem", "r"), expression=exp.null())),
            col("problem", "r"),
            col("field", "r"),
            col("held", "r"),
        ),
        (
            negated(exp.Is(this=col(f"f_{key}", "d"), expression=exp.null())),
            text("stands on more than one row"),
            text(key),
            col(f"f_{key}", "r"),
        ),
    ]
    if phone:
        bad = negated(exp.Is(this=col("problem", "p"), expression=exp.null()))
        tests.append((bad, col("problem", "p"), text(phone), held.copy()))
    if zone:
        query = query.join(
            "bad_zones AS z", on=exp.EQ(this=col("zone", "z"), expression=col(f"f_{zone}", "r")), join_type="left"
        )
        bad = negated(exp.Is(this=col("zone", "z"), expression=exp.null()))
        tests.append((bad, text("is no time zone"), text(zone), col(f"f_{zone}", "r")))
    names = ("reason", "bad_field", "bad_value")
    columns = [
        named(case((test[0].copy(), test[at + 1].copy()) for test in tests), name) for at, name in enumerate(names)
    ]
    engine.create("judged_customers", query.select(*columns))


def _accept(engine: Engine, program: Program, key: str, phone: str | None, zone: str | None) -> None:
    good = exp.select("*").from_(table("judged_customers")).where("reason IS NULL")
    shared = (
        exp.select("e164", named(exp.Min(this=col(f"f_{key}")), "lowest"))
        .from_(good.copy().subquery("g"))
        .where("e164 IS NOT NULL")
        .group_by("e164")
        .having("count(*) > 1")
    )
    engine.create("shared_phones", shared)
    mine = text(program.brand.zone)
    live = exp.Coalesce(this=col(f"f_{zone}", "g"), expressions=[mine]) if zone else mine
    owner = exp.Coalesce(
        this=exp.EQ(this=col("lowest", "s"), expression=col(f"f_{key}", "g")), expressions=[exp.true()]
    )
    columns: list[exp.Expr] = [
        named(paren(exp.Sub(this=col("__row", "g"), expression=num(1))), "id"),
        named(col(f"f_{key}", "g"), "key"),
        named(cast(live, "VARCHAR"), "zone"),
        named(col("e164", "g"), "phone"),
        named(owner, "owner"),
    ]
    for spec in program.customer:
        shown = col("e164", "g") if spec.name == phone else col(f"f_{spec.name}", "g")
        columns.append(named(shown, f"f_{spec.name}"))
    query = exp.select(*columns).from_(good.subquery("g"))
    same = exp.EQ(this=col("e164", "s"), expression=col("e164", "g"))
    engine.create("customers", query.join("shared_phones AS s", on=same, join_type="left"))


def _stop(engine: Engine, loaded: Loaded, allowed: Decimal) -> None:
    reasons = (
        exp.select("reason", named("count(*)", "n"))
        .from_(table("rejects"))
        .group_by("reason")
        .order_by("n DESC")
        .limit(3)
    )
    worst = "; ".join(f"{count:,} rows: {reason}" for reason, count in engine.rows(reasons))
    message = f"{loaded.refused:,} of {loaded.customers:,} customers cannot be used, and the brand allows {allowed:%}"
    raise InputError(message, f"Nothing was written. {worst}.")
