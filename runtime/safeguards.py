"""What holds a run back that would send far more than it is meant to: a number, and the growth over the run before it."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

from dsl.quantities import canonical
from runtime.errors import InputError
from runtime.publish import SUMMARY
from runtime.summary import Summary

_SHOWN = 3


def at_most(summary: Summary, most: int) -> None:
    """InputError where a run sends more than that."""
    sent = summary.total.sent
    if sent > most:
        largest = sorted(summary.funnels, key=lambda funnel: (-funnel.sent, funnel.campaign))[:_SHOWN]
        named = ", ".join(f"{funnel.campaign} ({funnel.sent:,})" for funnel in largest if funnel.sent)
        raise InputError(
            f"This run would send {sent:,} messages, and --max-sends allows {most:,}",
            f"Most go to: {named}. Raise --max-sends if that is meant, or leave a campaign out with --without.",
        )


def last_sent(out: Path) -> int | None:
    """How many messages the run sent whose files lie there; None where there are none. InputError where it cannot be told."""
    path = out / SUMMARY
    try:
        found = json.loads(path.read_text(encoding="utf-8"))["total"]["sent"]
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        found = None
    if type(found) is int:
        return found
    raise InputError(
        f"{path} does not say how many messages the last run sent, and the project limits growth",
        "Name another place with -o, or run with --allow-growth.",
    )


def grown(summary: Summary, before: int | None, growth: Decimal) -> None:
    """InputError where a run sends more than the one before it by more than that share. Of none, any message is more."""
    sent = summary.total.sent
    if before is not None and sent > before * (1 + growth):
        raise InputError(
            f"This run would send {sent:,} messages, the last one sent {before:,},"
            f" and `growth` in camp.toml allows {canonical(growth * 100)}% more",
            "If that is meant, run with --allow-growth.",
        )
