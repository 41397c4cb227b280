"""What a ledger holds, in numbers, and its history."""

from __future__ import annotations

import json
from typing import Any

from sqlglot import exp

from runtime.ledger.ledger import Ledger
from runtime.ledger.store import held
from runtime.ledger.tables import CHANGES, EVENT, PAUSED, RELEASES, RUNS, STANDING, SUPPRESSED


def numbers(ledger: Ledger) -> dict[str, int]:
    found = {"runs": _count(ledger, RUNS), "decisions": _count(ledger, STANDING)}
    for name in ("send", "control", "expired", "deferred", "suppressed"):
        found[name] = _count(ledger, STANDING, f"outcome = '{name}'")
    for name in ("released", "sending", "cancelled"):
        found[name] = _count(ledger, RELEASES, f"state = '{name}'")
    for name in sorted(ledger.store.tables):
        if name.startswith(EVENT):
            found[f"events {name.removeprefix(EVENT)}"] = _count(ledger, name)
    return {**found, "paused": _count(ledger, PAUSED), "suppressed phones": _count(ledger, SUPPRESSED)}


def changes(ledger: Ledger, last: int) -> list[dict[str, Any]]:
    """The latest, the latest of them at the end."""
    query = exp.select("number", "kind", "at", "detail").from_(held(CHANGES)).order_by("number DESC").limit(last)
    return [
        {"number": number, "kind": kind, "at": at.isoformat() + "Z" if at else None, "detail": json.loads(detail)}
        for number, kind, at, detail in reversed(ledger.engine.rows(query))
    ]


def _count(ledger: Ledger, name: str, where: str | None = None) -> int:
    query = exp.select("count(*)").from_(held(name))
    ((count,),) = ledger.engine.rows(query.where(where) if where else query)
    return int(count)
