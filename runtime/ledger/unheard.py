"""The rows that could not be taken in: shown, and settled by hand."""

from __future__ import annotations

from pathlib import Path

from sqlglot import exp

from runtime.errors import InputError
from runtime.ledger.ledger import Ledger
from runtime.ledger.store import held
from runtime.ledger.tables import TABLES, UNHEARD
from runtime.relational.loading import REJECTS
from runtime.relational.sql import both, col, named, table, text


def write_rejects(ledger: Ledger, path: Path) -> None:
    """Every row that is not in, of all files, with its reason. InputError where it cannot be written."""
    query = exp.select("event", "file", *(f'"{name}"' for name in REJECTS if name != "source")).from_(held(UNHEARD))
    try:
        ledger.engine.write(query.where("NOT settled").order_by("event", "file", "row", "field"), path)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}") from error
    path.chmod(0o600)


def settle(ledger: Ledger, event: str) -> int:
    """Say that the rows of an event that could not be used need not be; how many there were."""
    mine = both(exp.EQ(this=col("event"), expression=text(event)), "NOT settled")
    ((count,),) = ledger.engine.rows(exp.select("count(*)").from_(held(UNHEARD)).where(mine))
    if count:
        rows = exp.select(*(col(name) for name in TABLES[UNHEARD] if name != "settled"), named(exp.true(), "settled"))
        ledger.engine.create("settled_now", rows.from_(held(UNHEARD)).where(mine.copy()))
        with ledger.store.change() as change:
            change.remove(UNHEARD, mine.copy())
            change.append(UNHEARD, exp.select("*").from_(table("settled_now")))
            ledger.note(change, "settle", None, {"event": event, "rows": int(count)})
    return int(count)
