"""What every project knows without declaring it: events of the ledger and receipts, kinds, channels, facts about marks."""

from __future__ import annotations

# Events that need no declaration, with their properties (name → base type).
EVENTS: dict[str, dict[str, str]] = {
    "delivered": {},
    "clicked": {},
    "replied": {"text": "text"},
    "opted_out": {},
}
# The same, made by each run from the ledger: what was sent, and what was sent and not clicked for 48 hours.
DERIVED: dict[str, dict[str, str]] = {
    name: {"campaign": "text", "step": "text", "channel": "text", "kind": "text"} for name in ("sent", "ignored")
}
IGNORED_AFTER_HOURS = 48
CLICK_EVENT, REPLY_EVENT = "clicked", "replied"
OPT_OUT_EVENT = "opted_out"

# The step of a campaign that is no step: where a customer enters it. `reply NAME` are its answers.
ENTRY = "entry"


def answer(text: str) -> str:
    """The step that answers a reply of this text."""
    return f"reply {text}"


# What frequency rules count a message as.
KINDS = ("product_reminder", "event_notice", "benefit", "triggered", "service")
SERVICE = "service"

# Those that reach a phone number come first. A task is for the bank's own staff.
CHANNELS = ("sms", "rcs", "wechat")
TO_PHONES = ("sms", "rcs")
TASK = "task"

# How the bank's page asks who a customer is, before it shows anything of an account.
VERIFICATIONS = ("face", "fingerprint", "voice", "password")

# The elements of a message in the order they are written (the article's model; `process` is its 流程可视化).
ELEMENTS = ("benefit", "scene", "trust", "process", "incentive", "action")

# Marks between elements where a policy states none: inside the sentence of scene, trust and incentive, and between sentences.
COMMA, FULL_STOP, ARROW = "，", "。", "→"
ENDINGS = "。！？!?.…；;"

# Why a customer gets nothing, as a run says it; `audience` where there is no candidate at all.
REASONS = (
    "audience",
    "left",
    "exit",
    "late",
    "no_consent",
    "opted_out",
    "no_address",
    "no_confirmation",
    "duplicate_address",
    "no_opening",
    "horizon",
    "blocked",
    "budget",
    "pace",
    "too_long",
    "banned_word",
    "cap",
)
