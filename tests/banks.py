"""Small banks for tests of the runtime: programs from text, data folders, and what a load or a run made of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from sqlglot import exp

from dsl.compiler import analyse
from dsl.program.ir import Program
from dsl.program.lower import lower
from dsl.settings import Settings
from dsl.source import Source
from runtime.engines import open_engine
from runtime.execute import Run, execute
from runtime.outcomes import COLUMNS, KEY
from runtime.relational.load import load
from runtime.relational.loading import REJECTS, Loaded
from runtime.relational.sql import col, micros, table

AT = datetime(2026, 3, 4, 1, tzinfo=UTC)  # 09:00 in Shanghai, a Wednesday
Rows = list[dict[str, Any]]


def program(text: str, settings: Settings | None = None) -> Program:
    found = analyse([Source("t.camp", text)])
    assert found.model is not None and not found.errors, [(one.code, one.message) for one in found.found]
    return lower(found.model, settings or Settings())


def csv(path: Path, header: str, *lines: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


def parquet(path: Path, columns: Mapping[str, Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(dict(columns)), path)
    return path


@dataclass
class Read:
    """The tables that a load made, as rows. Instants of events are text in UTC, as `2026-03-04 01:00:00`."""

    loaded: Loaded
    customers: Rows
    events: dict[str, Rows]
    ledger: Rows
    rejects: Rows

    def refused(self, *names: str) -> list[tuple[Any, ...]]:
        """The refused rows: `names` of their columns."""
        return [tuple(row[name] for name in names or REJECTS) for row in self.rejects]


def read(program: Program, folder: Path, used: Iterable[str] = (), at: datetime = AT) -> Read:
    engine = open_engine(program.engine)
    try:
        loaded = load(engine, program, folder, set(used), micros(at))

        def rows(name: str, *order: str) -> Rows:
            query = exp.select("*").from_(table(name)).order_by(*(col(one) for one in order))
            found = engine.arrays(query.limit(exp.Literal.number(0)))
            return [dict(zip(found, row, strict=True)) for row in engine.rows(query)]

        events = {name: rows(made, "at", "eid") for name, made in loaded.events.items()}
        keys = {row["id"]: row["key"] for row in rows("customers", "id")}
        for happened in (one for many in events.values() for one in many):
            happened["customer"] = keys[happened.pop("id")]
            happened["at"] = shown(happened["at"])
        return Read(
            loaded, rows("customers", "key"), events, rows("decisions", "__row"), rows("rejects", *list(REJECTS)[:4])
        )
    finally:
        engine.close()


def shown(instant: int | None) -> str | None:
    """Microseconds since 1970 as text."""
    return None if instant is None else str(datetime(1970, 1, 1) + timedelta(microseconds=instant))


def decide(program: Program, folder: Path, at: datetime = AT, days: float = 7) -> Rows:
    """The outcomes of a run, instants in UTC."""
    run = execute(program, folder, at, timedelta(days=days))
    try:
        return rows_of(run)
    finally:
        run.engine.close()


def rows_of(run: Run) -> Rows:
    query = exp.select(*(col(name) for name in COLUMNS)).from_(table("outcomes")).order_by(*KEY)
    return [dict(zip(COLUMNS, row, strict=True)) for row in run.engine.rows(query)]


def picked(rows: Rows, *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in names) for row in rows]
