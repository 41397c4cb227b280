"""A few of a run's messages, to be looked at: phones masked, a message of each campaign before a second one of any."""

from __future__ import annotations

from datetime import UTC
from zoneinfo import ZoneInfo

from sqlglot import exp

from dsl.render.filters import mask
from runtime.execute import Run
from runtime.relational.sql import num, table


def samples(run: Run, count: int) -> list[tuple[str, str, str, str]]:
    """(local time, masked phone, campaign, text)"""
    turn = "row_number() OVER (PARTITION BY campaign ORDER BY at, send_id) AS turn"
    sends = exp.select("*", turn).from_(table("outcomes")).where("outcome = 'send'")
    query = exp.select("at", "zone", "recipient", "campaign", "text").from_(sends.subquery("s"))
    found = []
    for at, zone, recipient, campaign, text in run.engine.rows(query.order_by("turn", "campaign").limit(num(count))):
        local = at.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
        found.append((f"{local:%Y-%m-%d %H:%M}", str(mask(recipient)), campaign, text))
    return found
