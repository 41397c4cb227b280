"""What every project knows without declaring it: events of the ledger and receipts, kinds, channels, facts about marks."""

from __future__ import annotations

# Events that need no declaration, with their properties (name → base type).
EVENTS: dict[str, dict[str, str]] = {
    "delivered": {},
    "clicked": {},
    "replied": {"text": "text"},
    "opted_out": {},
}
OPT_OUT_EVENT = "opted_out"

# What frequency rules count a message as.
KINDS = ("product_reminder", "event_notice", "benefit", "triggered", "service")
SERVICE = "service"

CHANNELS = ("sms",)

# The elements of a message in the order they are written (the article's model).
ELEMENTS = ("benefit", "scene", "trust", "incentive", "action")

# Marks between elements where a policy states none: inside the sentence of scene, trust and incentive, and between sentences.
COMMA, FULL_STOP = "，", "。"
ENDINGS = "。！？!?.…；;"

# Why a customer gets nothing, as a run says it; `audience` where there is no candidate at all.
REASONS = (
    "audience",
    "left",
    "late",
    "no_consent",
    "opted_out",
    "no_address",
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
