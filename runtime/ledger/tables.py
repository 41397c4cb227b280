"""The ledger's tables. A column is added at the end, and none is renamed, retyped or dropped: ledgers outlive versions.

`standing` is what counts now of each decision: its final outcome, else its latest. `outcomes` and `rejects` are what the last
runs wrote, for whoever asks for the same run again; `before` what the last one replaced in `standing`, for taking it back.
`unheard` holds the rows that could not be ingested, until they are settled; `forgotten` counts the decisions about people who
are not in the ledger any more. `links` holds every link ever made, since people click on old ones too; a ledger from before
there were any has no such table.
"""

from __future__ import annotations

from runtime.outcomes import COLUMNS, LINKS
from runtime.relational.loading import REJECTS

FORMAT = "1"  # what a ledger says of itself; a later one is refused
NUMBERED = {"run": "BIGINT"}
STANDING, RUNS, OUTCOMES, REFUSED = "standing", "runs", "outcomes", "rejects"
CHANGES, PROGRAMS, RELEASES, ABOUT = "changes", "programs", "releases", "about"
SUPPRESSED, PAUSED = "suppressed", "paused"
BEFORE, FORGOTTEN, UNHEARD, LINKED = "before", "forgotten", "unheard", "links"
EVENT = "event_"  # and its name: what `camp ingest` has taken in, with a column p_NAME for each property
HEARD_COLUMNS = {"id": "VARCHAR", "customer": "VARCHAR", "at": "TIMESTAMP"}
HINTS = {"send_id": "VARCHAR"}  # what else a receipt may say: which message it is about
# state: `sending` until the gateway has answered, `released`, or `cancelled` with its reason. role: message or confirmation.
RELEASE = {
    "send_id": "VARCHAR",
    "role": "VARCHAR",
    "state": "VARCHAR",
    "reason": "VARCHAR",
    "at": "TIMESTAMP",
    "campaign": "VARCHAR",
    "customer": "VARCHAR",
}

TABLES: dict[str, dict[str, str]] = {
    ABOUT: {"format": "VARCHAR"},
    CHANGES: {"number": "BIGINT", "kind": "VARCHAR", "at": "TIMESTAMP", "detail": "VARCHAR", "state": "VARCHAR"},
    PROGRAMS: {"hash": "VARCHAR", "program": "VARCHAR"},
    # request: a hash of what a run was asked (program, data, instants, versions); run_id of that and of the ledger before it.
    RUNS: {
        **NUMBERED,
        "run_id": "VARCHAR",
        "request": "VARCHAR",
        "program": "VARCHAR",
        "at": "TIMESTAMP",
        "until": "TIMESTAMP",
        "candidates": "BIGINT",
        "sends": "BIGINT",
        "about": "VARCHAR",
    },
    OUTCOMES: {**COLUMNS, **NUMBERED},
    REFUSED: {**REJECTS, **NUMBERED},
    STANDING: {**COLUMNS, **NUMBERED},
    RELEASES: RELEASE,
    UNHEARD: {**REJECTS, "file": "VARCHAR", "event": "VARCHAR", "settled": "BOOLEAN"},
    SUPPRESSED: {"phone": "VARCHAR", "why": "VARCHAR"},
    PAUSED: {"campaign": "VARCHAR"},
    BEFORE: {**COLUMNS, **NUMBERED},
    FORGOTTEN: {
        "campaign": "VARCHAR",
        "step": "VARCHAR",
        "outcome": "VARCHAR",
        "reason": "VARCHAR",
        "people": "BIGINT",
        "segments": "BIGINT",
        "cost": COLUMNS["cost"],
    },
    LINKED: {**LINKS, **NUMBERED},
}
