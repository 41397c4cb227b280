"""What a candidate meets on its way: gates in order, each with what was looked at there. Explanations are made of these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Row = dict[str, Any]


@dataclass(frozen=True)
class Met:
    """rule: the line that states the gate. `decided`: the columns of the outcome where it ends here; None: it goes on."""

    gate: str
    rule: str
    found: Mapping[str, Any]
    decided: Row | None = None


def gate(name: str, rule: str, stops: bool, outcome: str, reason: str, when: Row | None = None, **found: Any) -> Met:
    """`when`: the instant and the local date, where the outcome has them."""
    decided = {"outcome": outcome, "reason": reason, "rule": rule} | (when or {})
    return Met(name, rule, found, decided if stops else None)
