"""Links of the ledger: given out to the server, and found again for its clicks."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlglot import exp

from dsl.catalog import CLICK_EVENT
from dsl.program.ir import EventSpec
from runtime.errors import InputError
from runtime.ledger.ledger import Ledger
from runtime.ledger.senders import SEND
from runtime.links.clicks import read
from runtime.outcomes import LINKS
from runtime.relational.sql import cast, col, named, table
from runtime.tables import FORMATS, cells

_CLICKS = dict.fromkeys(("id", "code", "at"), "VARCHAR")
_NOBODY = "is the code of no link that the ledger knows"


def export(ledger: Ledger, to: Path) -> int:
    """Every link in a file, all at once: a server may be reading it. InputError where it cannot be written."""
    if to.suffix.removeprefix(".") not in FORMATS:
        raise InputError(f"{to} is neither .parquet nor .csv", "Name it as one of them.")
    ledger.engine.create("links", ledger.links() or _none())
    beside = to.with_name(f".{os.getpid()}.{to.name}")
    try:
        to.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        query = exp.select(*cells(LINKS, to.suffix.removeprefix("."))).from_(table("links", "t")).order_by("t.code")
        ledger.engine.write(query, beside)
        beside.chmod(0o600)
        beside.replace(to)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise InputError(f"{to} cannot be written: {error.strerror}", "Nothing was changed there.") from error
    ((count,),) = ledger.engine.rows(exp.select("count(*)").from_(table("links")))
    return int(count)


def attach_clicks(ledger: Ledger, spec: EventSpec, path: Path) -> tuple[dict[str, str], list[tuple[Any, ...]]]:
    """`given`: the clicks of humans with the sends of their codes; their columns, and as rejects those of other codes."""
    if spec.name != CLICK_EVENT:
        raise InputError(f"{path} holds clicks", f"Take it in as `{CLICK_EVENT}`.")
    rows = [(number, id, code, _shown(at)) for number, id, code, at in read(path)]
    ledger.engine.insert("clicks", {"__row": "BIGINT", **_CLICKS}, rows)
    known = exp.select("code", "send_id").from_((ledger.links() or _none()).subquery("k")).subquery("l")
    every = exp.select("c.__row", "c.code", named(col("id", "c"), spec.id), named(col("at", "c"), spec.at), "l.send_id")
    every = every.from_(table("clicks", "c")).join(known, on="l.code = c.code", join_type="left")
    lost = exp.select("__row", "code").from_(every.subquery("e")).where("send_id IS NULL").order_by("__row")
    strange = [(spec.name, number, None, None, code, _NOBODY) for number, code in ledger.engine.rows(lost)]
    ledger.engine.create(
        "given", exp.select("* EXCLUDE (code)").from_(every.subquery("e")).where("send_id IS NOT NULL")
    )
    return dict.fromkeys((spec.id, spec.at, SEND), "VARCHAR"), strange


def _none() -> exp.Select:
    return exp.select(*(named(cast(exp.null(), type), name) for name, type in LINKS.items())).limit(0)


def _shown(micros: int) -> str:
    return (datetime(1970, 1, 1) + timedelta(microseconds=micros)).isoformat() + "Z"
