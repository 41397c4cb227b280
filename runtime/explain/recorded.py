"""What a run wrote of some customers, and what only the whole run could decide: budgets and paces."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlglot import exp

from dsl.program.ir import Program
from dsl.program.leave import leave_out
from runtime.engines.base import Engine
from runtime.errors import InputError
from runtime.openings import Openings
from runtime.outcomes import COLUMNS, KEY, TEXTS
from runtime.reference.caps import OF_SENDS
from runtime.reference.data import Past, Person
from runtime.relational.loading import REJECTS
from runtime.relational.sql import col, table, text
from runtime.response import Asked, Response, read
from runtime.tables import attach

Row = dict[str, Any]
_HELP = "Name a folder that `camp plan` wrote."
_SHARED = "stands for two different events"
_LIMITS = ("budget", "pace")


@dataclass(frozen=True)
class Summary:
    """What a run's summary says. ledger: the one that it was made with. responses: what its best hours hang on."""

    run_id: str
    program: str
    at: datetime
    until: datetime
    campaigns: tuple[str, ...]
    ledger: Path | None = None
    responses: Mapping[Asked, Response] = field(default_factory=dict)

    def without(self, program: Program) -> tuple[str, ...]:
        """The campaigns that the run did without, where that is all that tells its program from this one."""
        gone = tuple(one.name for one in program.campaigns if one.name not in self.campaigns)
        return gone if gone and leave_out(program, gone).hash == self.program else ()


def summary(out: Path) -> Summary:
    """InputError where no run wrote the folder."""
    path = out / "summary.json"
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        at, until = (datetime.fromisoformat(said[name]).astimezone(UTC) for name in ("at", "until"))
        names = tuple(str(funnel["campaign"]) for funnel in said["campaigns"])
        ledger = said.get("made_with", {}).get("ledger")
        learned = read(said.get("best_hours", ()))
        return Summary(
            str(said["run_id"]), str(said["program"]), at, until, names, out / ledger if ledger else None, learned
        )
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}", _HELP) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(f"{path} is no summary of a run", _HELP) from error


class Recorded:
    """The tables of a run's folder. BadFile where they cannot be read."""

    def __init__(self, engine: Engine, out: Path) -> None:
        self._engine, self._out = engine, out

    def rows(self, keys: Iterable[str]) -> dict[tuple[str, ...], Row]:
        """The decisions about some customers, by their key."""
        names = [name for name in COLUMNS if name not in TEXTS]
        attach(self._engine, "recorded", self._out, {name: COLUMNS[name] for name in names}, "outcomes")
        mine = exp.In(this=col("customer"), expressions=[text(key) for key in sorted(keys)])
        found = self._engine.rows(exp.select(*(col(name) for name in names)).from_(table("recorded")).where(mine))
        rows = [dict(zip(names, (_aware(value) for value in row), strict=True)) for row in found]
        return {tuple(row[name] for name in KEY): row for row in rows}

    def rejects(self, keys: Iterable[str]) -> list[Row]:
        """The refused rows about some customers."""
        attach(self._engine, "refusals", self._out, REJECTS, "rejects")
        mine = exp.In(this=col("key"), expressions=[text(key) for key in sorted(keys)])
        found = self._engine.rows(exp.select(*(col(name) for name in REJECTS)).from_(table("refusals")).where(mine))
        return [dict(zip(REJECTS, row, strict=True)) for row in found]

    @cached_property
    def _spent(self) -> dict[str, tuple[int, Any, datetime]]:
        sums = exp.select("campaign", "count(*)", "COALESCE(sum(cost), 0)", 'max("at")').from_(table("recorded"))
        found = self._engine.rows(sums.where("outcome = 'send'").group_by("campaign"))
        return {campaign: (count, cost, _aware(last)) for campaign, count, cost, last in found}

    def spent(self, campaign: str) -> tuple[int, Any, datetime | None]:
        """How many sends of the campaign the run has, what they cost, and the latest instant of them."""
        return self._spent.get(campaign, (0, 0, None))


def shared_ids(rejects: Sequence[Row]) -> dict[str, set[str]]:
    """Event → ids that were refused because they stand for two events: of another customer, too, whom nobody has loaded here."""
    found: dict[str, set[str]] = {}
    for row in rejects:
        if row["reason"] == _SHARED and row["source"].startswith("events/"):
            found.setdefault(row["source"].removeprefix("events/"), set()).add(row["value"])
    return found


@dataclass(frozen=True)
class Limits:
    """Budgets and paces as the run decided them: they hang on every customer, and only some are looked at here."""

    rows: Mapping[tuple[str, ...], Row]

    def apply(
        self,
        program: Program,
        openings: Openings,
        rows: Sequence[Row],
        before: Sequence[Past],
        known: Mapping[str, Person],
    ) -> None:
        """In the place of the interpreter's own (runtime/reference/limits.py)."""
        campaigns = {campaign.name: campaign for campaign in program.campaigns}
        for row in rows:
            was, campaign = self.rows.get(tuple(row[name] for name in KEY)), campaigns[row["campaign"]]
            stated = {"budget": campaign.budget_at, "pace": campaign.pace_at}
            if was is None or row["outcome"] != "send":
                continue
            if was["reason"] in _LIMITS and getattr(campaign, was["reason"]) is not None:
                row |= dict.fromkeys(OF_SENDS)
                row |= {name: was[name] for name in ("outcome", "reason", "at", "local_date")}
                row["rule"] = stated[was["reason"]]
            elif campaign.pace is not None and was["outcome"] == "send" and was["local_date"] == row["local_date"]:
                row["at"] = max(row["at"], was["at"])  # some went before it


def _aware(value: Any) -> Any:
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value
