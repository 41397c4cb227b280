"""The columns that a run's decisions have: the same for the interpreter, the runtime, outcomes.parquet and the ledger."""

from __future__ import annotations

from dsl.catalog import ENTRY

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
    "recipient": "VARCHAR",  # E.164; without a phone the customer
    "kind": "VARCHAR",
    "channel": "VARCHAR",
    "arm": "VARCHAR",  # of the campaign's experiment
    "message": "VARCHAR",  # the source line of the message that was chosen, of sends
    "segments": "INTEGER",  # of sends
    "cost": "DECIMAL(18,4)",  # of sends; missing where the brand names no price
    "send_id": "VARCHAR",  # of sends
    "text": "VARCHAR",  # of sends; of a rich message what a plain one says
    "rich": "VARCHAR",  # of rich messages: card and suggestions as JSON
    "fallback": "VARCHAR",  # the channel for `text` where the sender finds that `channel` does not deliver
    "verify": "VARCHAR",  # how the page behind the link asks who the customer is
    "assignee": "VARCHAR",  # of tasks
    "confirm_channel": "VARCHAR",  # of sends that are confirmed on another channel, as the next two
    "confirm_id": "VARCHAR",
    "confirm_text": "VARCHAR",
    "guard": "VARCHAR",  # what has to be asked again before it goes, as JSON; opting out is always asked
    "decided_at": "TIMESTAMP",  # the run's `at`
}
TEXTS = frozenset({"text", "rich", "confirm_text"})  # what was said to whom: in sends only
KEY = ("campaign", "step", "customer", "occurrence")
FINAL = frozenset({"send", "control", "expired"})
STEP = ENTRY
