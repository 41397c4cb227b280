"""The columns that a run's decisions have: the same for the interpreter, the runtime, outcomes.parquet and the ledger.

Whoever reads a run's files relies on them: a column is added at the end, and none is renamed, retyped or dropped.
"""

from __future__ import annotations

from typing import NamedTuple

from dsl.catalog import ENTRY


class Column(NamedTuple):
    """A column of a file: SQL type, what stands in it, and when nothing does. docs/outputs.md is made of these."""

    type: str
    meaning: str
    missing: str = "never"


_SENT = "not a send"
_TIMED = "`expired`, `suppressed`"
_CONFIRMED = "not a send, or one without a confirmation"
# Instants are microseconds since 1970 in UTC, without a zone.
DESCRIBED: dict[str, Column] = {
    "campaign": Column("VARCHAR", "The campaign's name."),
    "step": Column("VARCHAR", "`entry`, the name of a step, or `reply TEXT`."),
    "customer": Column("VARCHAR", "The customer's key."),
    "occurrence": Column("VARCHAR", "Which of the customer's occurrences of that campaign it is."),
    "outcome": Column("VARCHAR", "`send`, `control`, `expired`, `deferred` or `suppressed`."),
    "reason": Column("VARCHAR", "Why it is not sent: the words in brackets under Gates in semantics.md.", "a send"),
    "rule": Column("VARCHAR", "The source line that decided, as `campaigns/x.camp:12`."),
    "started_at": Column("TIMESTAMP", "The start of the occurrence; of a step when it was due."),
    "at": Column(
        "TIMESTAMP", "Of a send, or of one held out as control: its instant. Of a deferred one: until when.", _TIMED
    ),
    "local_date": Column("DATE", "The day, in `zone`, on which the window that holds `at` begins.", _TIMED),
    "zone": Column("VARCHAR", "The customer's time zone, by its name in the tz database."),
    "recipient": Column(
        "VARCHAR",
        "The phone in E.164; of who has none and is reached without one, the customer.",
        "there is no address",
    ),
    "kind": Column("VARCHAR", "The message's kind, as caps and consents know it."),
    "channel": Column("VARCHAR", "`sms`, `rcs`, `wechat` or `task`."),
    "arm": Column("VARCHAR", "The arm of the campaign's experiment.", "the campaign has none"),
    "message": Column("VARCHAR", "The source line of the message that was chosen.", _SENT),
    "segments": Column("INTEGER", "How many segments the text takes as an SMS.", "not a send, or never by SMS"),
    "cost": Column("DECIMAL(18,4)", "In the brand's currency.", "not a send, a task, or the brand names no price"),
    "send_id": Column(
        "VARCHAR", "32 hexadecimal digits, the same whenever the same is decided: for idempotent sending.", _SENT
    ),
    "text": Column("VARCHAR", "The whole text; of a rich message what a plain one says.", _SENT),
    "rich": Column("VARCHAR", "Card and suggestions, as JSON.", "no rich message"),
    "fallback": Column("VARCHAR", "The channel for `text` where `channel` turns out not to deliver.", "there is none"),
    "verify": Column("VARCHAR", "How the page behind the link asks who the customer is.", "it does not ask"),
    "assignee": Column("VARCHAR", "Whose task it is.", "no task"),
    "confirm_channel": Column("VARCHAR", "The channel of the confirmation that goes with it.", _CONFIRMED),
    "confirm_id": Column("VARCHAR", "The confirmation's own `send_id`.", _CONFIRMED),
    "confirm_text": Column("VARCHAR", "The confirmation's text.", _CONFIRMED),
    "guard": Column(
        "VARCHAR", "What has to be asked again before it goes, as JSON. Opting out always is.", "nothing else is"
    ),
    "decided_at": Column("TIMESTAMP", "The run's `at`."),
}
LINKED: dict[str, Column] = {
    "code": Column("VARCHAR", "The code of the link, ten characters."),
    "send_id": Column(
        "VARCHAR", "The send whose text, card or button holds it; or the `confirm_id` of a confirmation that does."
    ),
    "campaign": Column("VARCHAR", "The campaign's name."),
    "step": Column("VARCHAR", "As in sends."),
    "page": Column(
        "VARCHAR",
        "Where it leads: the campaign's page with `c=CODE`, and `verify=…` where the message asks who the customer is.",
        "no page is declared",
    ),
}
LINKS: dict[str, str] = {name: column.type for name, column in LINKED.items()}
COLUMNS: dict[str, str] = {name: column.type for name, column in DESCRIBED.items()}
TEXTS = frozenset({"text", "rich", "confirm_text"})  # what was said to whom: in sends only
KEY = ("campaign", "step", "customer", "occurrence")
FINAL = frozenset({"send", "control", "expired"})
STEP = ENTRY
NUMBER = "[0-9]{1,18}"  # an occurrence that counts the entries of `start once`
