"""A release: what is due and may go is marked, given away, and recorded; what may not go any more is cancelled.

The mark comes first: whoever is stopped in between gives the marked ones again, under the same send_id, and no other.
A cancelled send leaves caps and budgets: in the ledger it has expired, with the reason.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlglot import exp

from runtime.errors import InputError
from runtime.ledger.ledger import Ledger
from runtime.ledger.store import held
from runtime.ledger.tables import CHANGES, RELEASE, RELEASES, STANDING, TABLES
from runtime.outcomes import KEY
from runtime.place import Place
from runtime.relational.moments import timestamp
from runtime.relational.sql import col, micros, named, num, table, text
from runtime.release import answering, due
from runtime.release.due import CANCELLED, CONFIRMATION, MESSAGE, RELEASED, SENDING
from runtime.release.outlets import Answer, Message, Outlet

KIND = "release"
_SHOWN = ("campaign", "step", "customer", "channel", "recipient", "text", "fallback", "verify", "assignee")


@dataclass
class Released:
    """What a release came to: messages, confirmations beside them, `cancelled` by reason.

    answers: replies to which an answer was decided now.
    left: what the outlet could not take, and why. waiting: by paused campaign, what is held back.
    """

    answers: int = 0
    due: int = 0
    released: int = 0
    confirmations: int = 0
    cancelled: Counter[str] = field(default_factory=Counter)
    left: int = 0
    why: str = ""
    waiting: dict[str, int] = field(default_factory=dict)


def release(
    ledger: Ledger, data: Place, at: datetime, outlet: Outlet, progress: Callable[[str], None] = lambda stage: None
) -> Released:
    """Give to the outlet what is due at an instant. InputError where that cannot be told, or the clock went back."""
    forwards(ledger, at)
    ledger.refusals_known()
    answered = answering.reply(ledger, data, at)
    found = Released(answers=answered, waiting=due.waiting(ledger, at))
    found.due, beside = due.find(ledger, at)
    if found.due or beside:
        progress("asking again")
        due.judge(ledger, data, at)
        _mark(ledger, at, found, beside)
    progress("releasing")
    for messages in _batches(ledger, MESSAGE, outlet.size) if found.due else ():
        found.released += _record(ledger, list(outlet.give(messages)), found)
    for messages in _batches(ledger, CONFIRMATION, outlet.size) if found.due or beside else ():
        found.confirmations += _record(ledger, list(outlet.give(messages)), found)
    return found


def forwards(ledger: Ledger, at: datetime) -> None:
    """InputError where an instant lies before the last release's: refusals that were known then would be forgotten."""
    query = exp.select("max(at)").from_(held(CHANGES)).where(exp.EQ(this=col("kind"), expression=text(KIND)))
    ((last,),) = ledger.engine.rows(query)
    if last is not None and at.astimezone(UTC).replace(tzinfo=None) < last:
        message = f"The last release was at {last.isoformat()}Z, and --at lies before it"
        raise InputError(message, "Releases go forwards. Is the clock right?")


def _mark(ledger: Ledger, at: datetime, found: Released, beside: int) -> None:
    """What goes is `sending` from here on, and what may not go is cancelled. What was given before stays counted in the caps."""
    engine = ledger.engine
    judged = exp.select("d.*", "j.reason AS why", "j.rule AS by", "j.confirmed").from_(table("due", "d"))
    engine.create("asked", judged.join(table("judged", "j"), on="j.send_id = d.send_id"))
    ((rows, ids),) = engine.rows(exp.select("count(*)", "count(DISTINCT send_id)").from_(table("asked")))
    if not rows == ids == found.due + beside:
        raise AssertionError(f"{found.due + beside} due, {rows} asked, {ids} different: the release is wrong")
    counted = exp.select("why", "count(*)").from_(table("asked")).where("why IS NOT NULL AND NOT beside")
    for why, count in engine.rows(counted.group_by("why").order_by("why")):
        found.cancelled[why] += count
    changed = "(NOT began AND NOT beside) OR why IS NOT NULL OR (beside AND NOT confirmed)"
    ((new,),) = engine.rows(exp.select("count(*)").from_(table("asked")).where(changed))
    if not new:  # a release that was stopped goes on: all of it is marked already
        return
    going = f"CASE WHEN why IS NULL THEN '{SENDING}' ELSE '{CANCELLED}' END"
    messages = _releases("send_id", MESSAGE, going, "why", at, "asked").where("NOT beside")
    # A confirmation that was marked before and may not go any more is cancelled too.
    going = f"CASE WHEN why IS NULL AND confirmed THEN '{SENDING}' ELSE '{CANCELLED}' END"
    confirmations = _releases("confirm_id", CONFIRMATION, going, "why", at, "asked")
    confirmations = confirmations.where("confirm_id IS NOT NULL AND ((why IS NULL AND confirmed) OR began OR beside)")
    gone = "why IS NOT NULL AND NOT began AND NOT beside"
    lost = _expired(exp.select("*").from_(table("asked")).where(gone), "why", "by")
    detail = {"due": found.due, "cancelled": sum(found.cancelled.values())}
    with ledger.store.change() as change:
        change.replace(RELEASES, exp.union(messages, confirmations, distinct=False), ("send_id",))
        change.replace(STANDING, lost, KEY)
        ledger.note(change, KIND, at, detail)


def _releases(id: str, role: str, state: str, reason: str, at: datetime, source: str) -> exp.Select:
    shown: list[exp.Expr | str] = [
        f"{id} AS send_id",
        f"'{role}' AS role",
        f"{state} AS state",
        f"CAST({reason} AS VARCHAR) AS reason",
        named(timestamp(num(micros(at))), "at"),
        "campaign",
        "customer",
    ]
    return exp.select(*shown).from_(table(source))


def _expired(rows: exp.Select, why: str, by: str) -> exp.Select:
    """Sends that never went: in the ledger they have expired, which is final and counts in no cap."""
    other = {"outcome": text("expired"), "reason": col(why, "x"), "rule": col(by, "x")}
    shown = [named(other.get(name, col(name, "x")), name) for name in TABLES[STANDING]]
    return exp.select(*shown).from_(rows.subquery("x"))


def _batches(ledger: Ledger, role: str, size: int) -> Iterator[list[Message]]:
    """What is marked, in the order of its instants. A confirmation stands or falls with its message, and comes after it."""
    shown = [f"s.{name}" for name in (*_SHOWN, "rich", '"at"', "confirm_channel", "confirm_text")]
    query = exp.select("r.send_id", "r.role", *shown).from_(held(RELEASES, "r"))
    own = "send_id" if role == MESSAGE else "confirm_id"
    query = query.join(held(STANDING, "s"), on=f"r.send_id = s.{own}")
    query = query.where(f"r.state = '{SENDING}' AND r.role = '{role}'")
    query = query.join(table("asked", "a"), on="a.send_id = s.send_id")
    if role == CONFIRMATION:
        query = query.join(held(RELEASES, "m"), on=f"m.send_id = s.send_id AND m.state = '{RELEASED}'")
    rows = ledger.engine.rows(query.order_by('s."at"', "s.send_id"))
    for start in range(0, len(rows), size):
        yield [_message(row) for row in rows[start : start + size]]


def _message(row: Sequence[Any]) -> Message:
    send_id, role, *shown, rich, at, confirm_channel, confirm_text = row
    message = {"send_id": send_id, "role": role, **dict(zip(_SHOWN, shown, strict=True))}
    message["at"] = at.isoformat() + "Z"
    if role == CONFIRMATION:
        message |= {
            "channel": confirm_channel,
            "text": confirm_text,
            "fallback": None,
            "verify": None,
            "assignee": None,
        }
    elif rich is not None:
        message["rich"] = json.loads(rich)
    return {name: value for name, value in message.items() if value is not None}


def _record(ledger: Ledger, answers: list[Answer], found: Released) -> int:
    """What was accepted is released; what was refused for good is cancelled; the rest stays marked, for the next time.

    How many were accepted.
    """
    settled: list[tuple[str, str, str | None]] = [(one.send_id, RELEASED, None) for one in answers if one.taken]
    taken = len(settled)
    settled += [(one.send_id, CANCELLED, "refused") for one in answers if one.refused]
    if len(settled) > taken:
        found.cancelled["refused"] += len(settled) - taken
    found.left += len(answers) - len(settled)
    found.why = next((one.why or one.refused for one in answers if not one.taken), found.why)
    if not settled:
        return 0
    ledger.engine.insert("answers_now", {"send_id": "VARCHAR", "state": "VARCHAR", "reason": "VARCHAR"}, settled)
    refused = exp.select("s.*", "a.reason AS why", "CAST(NULL AS VARCHAR) AS by").from_(held(STANDING, "s"))
    refused = refused.join(table("answers_now", "a"), on=f"a.send_id = s.send_id AND a.state = '{CANCELLED}'")
    # A message that the gateway refuses takes its confirmation with it.
    beside = exp.select("s.confirm_id AS send_id", "a.state", "a.reason").from_(held(STANDING, "s"))
    beside = beside.join(table("answers_now", "a"), on=f"a.send_id = s.send_id AND a.state = '{CANCELLED}'")
    every = exp.union(exp.select("send_id", "state", "reason").from_(table("answers_now")), beside, distinct=False)
    others = (f'r."{name}"' for name in list(RELEASE)[4:])
    rows = exp.select("r.send_id", "r.role", "a.state", "a.reason", *others).from_(held(RELEASES, "r"))
    rows = rows.join(every.subquery("a"), on="a.send_id = r.send_id")
    with ledger.store.change() as change:
        change.replace(RELEASES, rows, ("send_id",))
        change.replace(STANDING, _expired(refused, "why", "by"), KEY)
    return taken
