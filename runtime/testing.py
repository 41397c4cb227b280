"""Campaigns tested like code: each `test` block through the reference interpreter, and what no test has decided both ways.

A test's customer is in no control group and no holdout: those are drawn by the customer's key, which a test only makes up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from dsl.model import Expectation, Model, Trial
from dsl.program.ir import Program
from runtime.openings import local
from runtime.reference import Data, Event, plan
from runtime.reference.conditions import holds
from runtime.reference.data import people
from runtime.relational.phones import parse

HORIZON = timedelta(days=31)
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Broken:
    """An expectation that is not met: what was expected, and what happens instead."""

    expectation: Expectation
    said: str
    instead: str


@dataclass(frozen=True)
class Result:
    trial: Trial
    broken: tuple[Broken, ...]


@dataclass(frozen=True)
class Undecided:
    """A source line that no test has decided both ways. `never`: the way it was never decided."""

    campaign: str
    what: str
    at: str
    never: str


def run_trials(model: Model, program: Program, trials: Iterable[Trial]) -> list[Result]:
    fair = _without_experiments(program)
    return [_run(model, fair, trial) for trial in trials]


def _run(model: Model, program: Program, trial: Trial) -> Result:
    rows = plan(program, world(model, program, trial), instant(program, trial.at), HORIZON)
    broken = [one for expected in trial.expected if (one := _judge(program, rows, expected)) is not None]
    return Result(trial, tuple(broken))


def _judge(program: Program, rows: list[dict[str, Any]], expected: Expectation) -> Broken | None:
    own = [row for row in rows if row["campaign"] == expected.campaign]
    sends = [row for row in own if row["outcome"] == "send"]
    if expected.sends:
        if any(_fits(program, row, expected) for row in sends):
            return None
    elif not sends:
        reasons = {row["reason"] for row in own} or {"audience"}
        if expected.because is None or expected.because in reasons:
            return None
    return Broken(
        expected,
        _said(expected),
        "; ".join(_shown(program, row) for row in own)
        or "it is no candidate: its audience does not hold, or nothing starts it",
    )


def _fits(program: Program, row: Row, expected: Expectation) -> bool:
    if expected.at is not None and _wall(program, row["at"]) != expected.at:
        return False
    return expected.containing is None or expected.containing in row["text"]


def _said(expected: Expectation) -> str:
    if not expected.sends:
        return f"no send of {expected.campaign}" + (f" because {expected.because}" if expected.because else "")
    when = f" at {expected.at:%Y-%m-%dT%H:%M}" if expected.at else ""
    return f"send of {expected.campaign}{when}" + (
        f' containing "{expected.containing}"' if expected.containing else ""
    )


def _shown(program: Program, row: Row) -> str:
    if row["outcome"] == "send":
        return f'it is sent at {_wall(program, row["at"]):%Y-%m-%dT%H:%M}: "{row["text"]}"'
    until = f" until {_wall(program, row['at']):%Y-%m-%dT%H:%M}" if row["outcome"] == "deferred" else ""
    return f"it is {row['outcome']}: {row['reason']}{until} ({row['rule']})"


def coverage(model: Model, program: Program, trials: Iterable[Trial]) -> list[Undecided]:
    """Audience lines that never held or never failed, campaigns that never sent or never did not, caps that never refused."""
    lines: dict[tuple[str, int], set[bool]] = {}
    sent: dict[str, set[bool]] = {campaign.name: set() for campaign in program.campaigns}
    refused: set[str] = set()
    fair = _without_experiments(program)
    for trial in trials:
        data, at = world(model, fair, trial), instant(fair, trial.at)
        for who in people(fair, data, at):
            for campaign in fair.campaigns:
                for number, line in enumerate(campaign.audience):
                    lines.setdefault((campaign.name, number), set()).add(holds(line.when, who))
        rows = plan(fair, data, at, HORIZON)
        refused |= {row["rule"] for row in rows if row["reason"] == "cap"}
        for name, ways in sent.items():
            ways.add(any(row["campaign"] == name and row["outcome"] == "send" for row in rows))
    found = []
    for campaign in program.campaigns:
        for number, line in enumerate(campaign.audience):
            ways = lines.get((campaign.name, number), set())
            found += [
                Undecided(campaign.name, "audience line", line.at, way) for way in _missing(ways, "held", "failed")
            ]
        ways = sent[campaign.name]
        found += [Undecided(campaign.name, "campaign", campaign.at, way) for way in _missing(ways, "sent", "withheld")]
        found += [Undecided(campaign.name, "cap", cap.at, "refused") for cap in campaign.caps if cap.at not in refused]
    used = {campaign.policy for campaign in program.campaigns}
    for policy in program.policies:
        if policy.name in used:
            found += [Undecided(policy.name, "cap", cap.at, "refused") for cap in policy.caps if cap.at not in refused]
    return found


def _missing(ways: set[bool], yes: str, no: str) -> list[str]:
    return [word for way, word in ((True, yes), (False, no)) if way not in ways]


def world(model: Model, program: Program, trial: Trial) -> Data:
    """The test's customers, events and past sends, as the loader would have accepted them."""
    key = next(spec.name for spec in program.customer if spec.base == "key")
    at = instant(program, trial.at)
    customers = []
    for number, said in enumerate(trial.customers):
        fields: dict[str, Any] = {
            spec.name: _value(program, spec.base, said.get(spec.name)) for spec in program.customer
        }
        fields[key] = said.get(key) or f"test-{number + 1}"
        customers.append(fields)
    events: dict[str, dict[str, list[Event]]] = {event.name: {} for event in program.events}
    ledger: list[dict[str, Any]] = []
    for number, one in enumerate(trial.happened):
        who, when = customers[one.customer][key], at - timedelta(microseconds=one.ago)
        if one.sent:
            kind = model.campaigns[one.name].kind if one.name in model.campaigns else None
            ledger.append(
                {"campaign": one.name, "customer": who, "occurrence": str(number + 1), "kind": kind, "at": when}
            )
        else:
            bases = {
                spec.name: spec.base for event in program.events if event.name == one.name for spec in event.properties
            }
            known = {name: _value(program, bases[name], value) for name, value in one.properties.items()}
            events[one.name].setdefault(who, []).append(Event(f"e{number + 1}", when, known))
    return Data(customers, events, ledger)


def _value(program: Program, base: str, value: object) -> Any:
    if base == "phone" and isinstance(value, str):
        return parse(value, program.brand.phones)[0] or value
    places = {"money": "0.01", "number": "0.000001", "rate": "0.000001"}.get(base)
    return value.quantize(Decimal(places)) if places and isinstance(value, Decimal) else value


def instant(program: Program, wall: datetime) -> datetime:
    """A test's wall clock is the brand's."""
    return wall.replace(tzinfo=ZoneInfo(program.brand.zone)).astimezone(UTC)


def _wall(program: Program, at: datetime) -> datetime:
    return local(at, program.brand.zone).replace(tzinfo=None, second=0, microsecond=0)


def _without_experiments(program: Program) -> Program:
    campaigns = tuple(campaign.model_copy(update={"holdout": Decimal(0)}) for campaign in program.campaigns)
    brand = program.brand.model_copy(update={"control": Decimal(0)})
    return program.model_copy(update={"brand": brand, "campaigns": campaigns})
