"""What a run comes to: the funnel of each campaign, in numbers and as a table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from decimal import Decimal
from typing import Any

from sqlglot import exp

from dsl.render.filters import plain
from runtime.columns import aligned
from runtime.execute import Run
from runtime.relational.sql import table
from runtime.response import written

UNREACHABLE = ("no_consent", "opted_out", "no_address", "duplicate_address", "no_confirmation")
UNFIT = ("too_long", "banned_word")


@dataclass
class Funnel:
    """Candidates and where they ended. audience = all that follow, down to sent."""

    campaign: str
    audience: int = 0
    unreachable: int = 0
    no_opening: int = 0
    later: int = 0
    control: int = 0
    unfit: int = 0
    capped: int = 0
    sent: int = 0
    segments: int = 0
    cost: Decimal = Decimal(0)

    @property
    def ended(self) -> int:
        return self.unreachable + self.no_opening + self.later + self.control + self.unfit + self.capped + self.sent

    def add(self, outcome: str, reason: str | None, count: int, segments: int, cost: Decimal) -> None:
        self.audience += count
        match outcome, reason:
            case "send", _:
                self.sent, self.segments, self.cost = self.sent + count, self.segments + segments, self.cost + cost
            case "expired", _:
                self.no_opening += count
            case "deferred", _:
                self.later += count
            case "control", _:
                self.control += count
            case _, str() if reason in UNREACHABLE:
                self.unreachable += count
            case _, str() if reason in UNFIT:
                self.unfit += count
            case _:
                self.capped += count


@dataclass
class Summary:
    funnels: list[Funnel]
    total: Funnel
    reasons: list[tuple[str, str, str | None, int]]  # campaign, outcome, reason, how many
    rejects: list[tuple[str, str, int]]  # source, reason, how many


def summarise(run: Run) -> Summary:
    counted = exp.select(
        "campaign", "outcome", "reason", "count(*)", "COALESCE(sum(segments), 0)", "COALESCE(sum(cost), 0)"
    ).from_(table("outcomes"))
    rows = run.engine.rows(counted.group_by("campaign", "outcome", "reason").order_by("campaign", "outcome", "reason"))
    funnels = {campaign.name: Funnel(campaign.name) for campaign in run.program.campaigns}
    total = Funnel("total")
    for campaign, outcome, reason, count, segments, cost in rows:
        for funnel in (funnels[campaign], total):
            funnel.add(outcome, reason, count, int(segments), Decimal(cost))
    refused = exp.select("source", exp.alias_("concat_ws(' ', field, reason)", "why"), "count(*)").from_(
        table("rejects")
    )
    rejects = run.engine.rows(refused.group_by("source", "why").order_by("source", "why"))
    reasons = [(campaign, outcome, reason, count) for campaign, outcome, reason, count, _, _ in rows]
    return Summary(list(funnels.values()), total, reasons, rejects)


def as_json(run: Run, summary: Summary) -> dict[str, Any]:
    """The content of summary.json."""
    learned = written(run.responses)
    return {
        "run_id": run.run_id,
        "program": run.program.hash,
        "at": run.at.isoformat(),
        "until": (run.at + run.horizon).isoformat(),
        "currency": run.program.brand.currency,
        "customers": {"read": run.loaded.customers, "refused": run.loaded.refused},
        "campaigns": [_numbers(funnel) for funnel in summary.funnels],
        "total": _numbers(summary.total),
        "outcomes": [
            {"campaign": campaign, "outcome": outcome, "reason": reason, "count": count}
            for campaign, outcome, reason, count in summary.reasons
        ],
        "rejects": [{"source": source, "reason": reason, "count": count} for source, reason, count in summary.rejects],
        "formerly": {one.name: one.formerly for one in run.program.campaigns if one.formerly},
        "warnings": run.warnings,
        "versions": run.engine.versions(),
        "link_key": run.link_key,
    } | ({"best_hours": learned} if learned else {})


def _numbers(funnel: Funnel) -> dict[str, Any]:
    return asdict(funnel) | {"cost": plain(funnel.cost)}


def lines(summary: Summary, currency: str, word: Callable[[str], str]) -> list[str]:
    """The funnel as a table of plain text; `word` says its heads in the language that is spoken."""
    names = [word(field.name.replace("_", " ")) for field in fields(Funnel)]
    names[-1] += f" {currency}"
    rows = [[_shown(value) for value in asdict(funnel).values()] for funnel in (*summary.funnels, summary.total)]
    rows[-1][0] = word(rows[-1][0])
    (head, *inner, last), rule = aligned([names, *rows])
    return [head, rule, *inner, rule, last]


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else f"{value:,.2f}" if isinstance(value, Decimal) else f"{value:,}"
