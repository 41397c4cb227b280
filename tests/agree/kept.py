"""Cases on which the executors once differed, as files: they are run for ever, whatever the generator makes by now."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from runtime.reference import Event
from tests.agree.compare import Case, compiled
from tests.agree.data import World

FOLDER = Path(__file__).parent / "kept"


def save(case: Case, name: str) -> Path:
    world = case.world
    events = [[name, customer, {"id": one.id, "at": one.at, **one.properties}] for name, customer, one in world.events]
    said = {
        "at": case.at,
        "horizon": int(case.horizon.total_seconds()),
        "program": case.text.splitlines(),
        "customers": world.customers,
        "events": events,
        "ledger": [{name: value for name, value in row.items() if value is not None} for row in world.ledger],
    }
    path = FOLDER / f"{name}.json"
    path.write_text(json.dumps(said, ensure_ascii=False, indent=1, default=_written) + "\n", encoding="utf-8")
    return path


def load(path: Path) -> Case:
    said = json.loads(path.read_text(encoding="utf-8"), object_hook=_read)
    text = "\n".join(said["program"])
    events = []
    for name, customer, one in said["events"]:
        about = dict(one)
        events.append((name, customer, Event(about.pop("id"), about.pop("at"), about)))
    world = World(tuple(said["customers"]), tuple(events), tuple(said["ledger"]))
    return Case(text, compiled(text), world, said["at"], timedelta(seconds=said["horizon"]))


def _written(value: Any) -> dict[str, str]:
    kinds = {datetime: "instant", date: "day", Decimal: "number"}
    return {kinds[type(value)]: str(value) if isinstance(value, Decimal) else value.isoformat()}


def _read(found: dict[str, Any]) -> Any:
    readers: dict[str, Any] = {"instant": datetime.fromisoformat, "day": date.fromisoformat, "number": Decimal}
    if len(found) == 1 and (kind := next(iter(found))) in readers:
        return readers[kind](found[kind])
    return found
