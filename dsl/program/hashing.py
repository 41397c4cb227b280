"""The program's hash: SHA-256 over its meaning only. Places and the order of what has no order take no part."""

from __future__ import annotations

import hashlib
import json
from typing import Any

# Keys whose lists mean the same in any order.
_UNORDERED = frozenset(
    (
        "items",
        "audience",
        "caps",
        "bans",
        "blocks",
        "extras",
        "quiet",
        "consents",
        "customer",
        "events",
        "properties",
        "campaigns",
        "products",
        "options",
        "missing",
        "plans",
        "exits",
        "dated_limits",
        "lengths",
        "lifted_for",
        "replies",
    )
)
_NAMED = frozenset({"facts", "costs", "reach"})  # tables whose keys are the user's names
_PLACES = frozenset({"at", "pace_at", "budget_at", "limit_at", "start_at", "expire_at", "window_at", "must_confirm_at"})


def content_hash(program: dict[str, Any]) -> str:
    """Of a program as JSON values; its own `hash` and every place are left out."""
    meaning = {key: value for key, value in program.items() if key != "hash"}
    return hashlib.sha256(_text(_canonical(meaning, "")).encode(errors="surrogatepass")).hexdigest()


def _canonical(value: Any, key: str) -> Any:
    if isinstance(value, dict):
        if key in _NAMED:
            places = frozenset[str]()
        else:
            # An event's `at` names a column, and is meaning: only a line's `at` is a place.
            places = _PLACES - {"at"} if "customer" in value and "properties" in value else _PLACES
        return {name: _canonical(inner, name) for name, inner in value.items() if name not in places}
    if isinstance(value, list):
        items = [_canonical(item, "") for item in value]
        return sorted(items, key=_text) if key in _UNORDERED else items
    return value


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
