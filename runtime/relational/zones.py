"""Time zones of the data: which names exist, and what day it is there."""

from __future__ import annotations

import zoneinfo
from datetime import datetime

from sqlglot import exp

from runtime.engines.base import Engine
from runtime.openings import local
from runtime.relational.sql import col, table


def prepare(engine: Engine, source: str, column: str | None) -> None:
    """`bad_zones`: names in a column that the tz database does not have."""
    names: list[str] = []
    if column:
        names = [
            row[0] for row in engine.rows(exp.select(col(column)).distinct().from_(table(source))) if row[0] is not None
        ]
    engine.insert("bad_zones", {"zone": "VARCHAR"}, [(name,) for name in sorted(names) if not known(name)])


def known(name: str) -> bool:
    try:
        zoneinfo.ZoneInfo(name)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        return False
    return True


def today(engine: Engine, at: datetime) -> list[str]:
    """`zones`: each zone of the accepted customers with the local date of `at`; the zones."""
    names = sorted(row[0] for row in engine.rows(exp.select("zone").distinct().from_(table("customers"))))
    engine.insert("zones", {"zone": "VARCHAR", "today": "DATE"}, [(name, local(at, name).date()) for name in names])
    return names
