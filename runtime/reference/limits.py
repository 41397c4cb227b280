"""What a campaign may spend and how fast it may send: one pass over what the caps have left, in the order of rank."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from dsl.catalog import TASK
from dsl.program.ir import CampaignSpec, Program
from runtime.openings import Openings, Slot
from runtime.reference.caps import OF_SENDS, rank
from runtime.reference.data import Past, Person
from runtime.reference.gates import expiry
from runtime.reference.hours import best_hour

Row = dict[str, Any]


def apply(
    program: Program, openings: Openings, rows: Iterable[Row], before: Iterable[Past], known: Mapping[str, Person]
) -> None:
    """Budgets first, then paces. `before`: the ledger's sends. Tasks cost nothing and need no pace."""
    sends: dict[str, list[Row]] = defaultdict(list)
    messages = (row for row in rows if row["outcome"] == "send" and row["channel"] != TASK)
    for row in sorted(messages, key=rank(program)):
        sends[row["campaign"]].append(row)
    earlier: dict[str, list[Past]] = defaultdict(list)
    for sent in (sent for sent in before if sent.channel != TASK):
        earlier[sent.campaign].append(sent)
    for campaign in program.campaigns:
        mine, past = sends[campaign.name], earlier[campaign.name]
        if campaign.budget is not None:
            _spend(campaign, openings, mine, past, known)
        if campaign.pace is not None:
            _slow(campaign, openings, [row for row in mine if row["outcome"] == "send"], past, known)


def _spend(
    campaign: CampaignSpec, openings: Openings, rows: Sequence[Row], past: Sequence[Past], known: Mapping[str, Person]
) -> None:
    """The first row that does not fit stops the campaign: nothing after it is tried."""
    assert campaign.budget is not None
    spent, full = sum((sent.cost for sent in past), Decimal(0)), False
    for row in rows:
        full = full or spent + (row["cost"] or 0) > campaign.budget
        if full:
            _refuse(row, "budget", campaign.budget_at, campaign, openings, known)
        else:
            spent += row["cost"] or 0


def _slow(
    campaign: CampaignSpec, openings: Openings, rows: Sequence[Row], past: Sequence[Past], known: Mapping[str, Person]
) -> None:
    """Rows that would go at one instant go one behind the other, behind what the ledger has sent from there on."""
    assert campaign.pace is not None
    taken: dict[datetime, int] = {}
    for row in rows:
        end, _ = openings.after(_slot(row, campaign, openings, known), row["zone"], row["at"])
        there = sum(sent.at is not None and row["at"] <= sent.at < end for sent in past)
        place = taken.get(row["at"], 0)
        taken[row["at"]] = place + 1
        instant = row["at"] + timedelta(seconds=(there + place) // campaign.pace)
        if instant < end:
            row["at"] = instant
        else:
            _refuse(row, "pace", campaign.pace_at, campaign, openings, known)


def _slot(row: Row, campaign: CampaignSpec, openings: Openings, known: Mapping[str, Person]) -> Slot:
    slot = Slot(row["campaign"], row["step"])
    return replace(slot, hour=best_hour(campaign, openings.window(slot), known[row["customer"]]))


def _refuse(
    row: Row, reason: str, rule: str, campaign: CampaignSpec, openings: Openings, known: Mapping[str, Person]
) -> None:
    """Deferred to the next opening before its expiry; suppressed where there is none."""
    _, following = openings.after(_slot(row, campaign, openings, known), row["zone"], row["at"])
    row |= dict.fromkeys(OF_SENDS) | {"outcome": "suppressed", "reason": reason, "rule": rule}
    if following is not None and following[0] < expiry(campaign, openings, row["zone"], row["started_at"]):
        row |= {"outcome": "deferred", "at": following[0], "local_date": following[1]}
