"""A whole run: every customer against every campaign, then the caps."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

from dsl.program.ir import Program
from runtime.openings import Openings
from runtime.outcomes import KEY, STEP
from runtime.reference import caps, limits
from runtime.reference.data import Data, Past, ledger, people, standing
from runtime.reference.gates import Gates
from runtime.reference.occurrences import candidate


def plan(program: Program, data: Data, at: datetime, horizon: timedelta) -> list[dict[str, Any]]:
    """One row per candidate with the columns of runtime/outcomes.py, in the order of its key. `at` has an offset."""
    at = at.astimezone(UTC)
    until = at + horizon
    known = {who.key: who for who in people(program, data, at)}
    rows_before = standing(ledger(program, data, known, at))
    past: dict[tuple[str, str], list[Past]] = defaultdict(list)
    for row in rows_before:
        if row.step == STEP:
            past[row.campaign, row.customer].append(row)
    owners: dict[str, str] = {}
    for who in known.values():
        if who.phone is not None:
            owners[who.phone] = min(who.key, owners.get(who.phone, who.key))
    openings, policies = Openings(program), {policy.name: policy for policy in program.policies}
    gates = Gates(program, openings, owners, until)

    rows: list[dict[str, Any]] = []
    for who in known.values():
        for campaign in program.campaigns:
            one = candidate(campaign, who, past[campaign.name, who.key], openings, until)
            if one is not None:
                rows.append(gates.decide(campaign, policies[campaign.policy], who, one))

    sent = [
        caps.Sent(row.recipient, row.campaign, row.kind, row.day)
        for row in rows_before
        if row.outcome == "send" and row.recipient is not None and row.day is not None
    ]
    caps.apply(program, rows, sent, known)
    limits.apply(program, openings, rows, [row for row in rows_before if row.outcome == "send"])
    return sorted(rows, key=lambda row: tuple(row[name] for name in KEY))
