"""The columns that a run's decisions have: the same for the interpreter, the runtime, outcomes.parquet and the ledger."""

from __future__ import annotations

# Column → SQL type. Instants are microseconds since 1970 in UTC, without a zone.
COLUMNS: dict[str, str] = {
    "campaign": "VARCHAR",
    "step": "VARCHAR",
    "customer": "VARCHAR",
    "occurrence": "VARCHAR",
    "outcome": "VARCHAR",  # send, control, expired, deferred, suppressed
    "reason": "VARCHAR",  # why, where it is not sent
    "rule": "VARCHAR",  # the source line that decided
    "started_at": "TIMESTAMP",
    "at": "TIMESTAMP",  # send, control: the instant; deferred: until when; else missing
    "local_date": "DATE",  # of that instant's window
    "zone": "VARCHAR",
    "recipient": "VARCHAR",  # E.164
    "kind": "VARCHAR",
    "channel": "VARCHAR",
    "arm": "VARCHAR",  # of the campaign's experiment
    "message": "VARCHAR",  # the source line of the message that was chosen, of sends
    "segments": "INTEGER",  # of sends
    "cost": "DECIMAL(18,4)",  # of sends; missing where the brand names no price
    "send_id": "VARCHAR",  # of sends
    "text": "VARCHAR",  # of sends
    "decided_at": "TIMESTAMP",  # the run's `at`
}
KEY = ("campaign", "step", "customer", "occurrence")
FINAL = frozenset({"send", "control", "expired"})
STEP = "entry"
