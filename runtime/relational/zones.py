"""Time zones of the data: which names exist, and what day it is there."""

from __future__ import annotations

import zoneinfo
from datetime import datetime

from sqlglot import exp

from runtime.engines.base import Engine
from runtime.openings import local
from runtime.relational.sql import col, table


def prepare(engine: Engine, source: str, column: str) -> bool:
    """`bad_zones`: names in a column that the tz database does not have; whether there are any."""
    found = engine.rows(exp.select(col(column)).distinct().from_(table(source)))
    bad = sorted(name for (name,) in found if name is not None and not known(name))
    engine.insert("bad_zones", {"zone": "VARCHAR"}, [(name,) for name in bad])
    return bool(bad)


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
