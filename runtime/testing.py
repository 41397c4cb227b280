"""Campaigns tested like code: each `test` block through the reference interpreter.

A test's customer is in no control group and no holdout: those are drawn by the customer's key, which a test only makes up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from dsl.catalog import ENTRY, SERVICE
from dsl.model import Expectation, Model, Trial
from dsl.program.ir import Program
from runtime.openings import local
from runtime.reference import Data, Event, plan
from runtime.relational.phones import parse
from runtime.spoken import Speaker

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


def run_trials(model: Model, program: Program, trials: Iterable[Trial], speaker: Speaker) -> list[Result]:
    fair = without_experiments(program)
    return [_run(model, fair, trial, speaker) for trial in trials]


def _run(model: Model, program: Program, trial: Trial, speaker: Speaker) -> Result:
    rows = plan(program, world(model, program, trial), instant(program, trial.at), HORIZON)
    broken = [one for expected in trial.expected if (one := _judge(program, rows, expected, speaker)) is not None]
    return Result(trial, tuple(broken))


def _judge(program: Program, rows: list[dict[str, Any]], expected: Expectation, speaker: Speaker) -> Broken | None:
    own = [row for row in rows if (row["campaign"], row["step"]) == (expected.campaign, expected.step)]
    sends = [row for row in own if row["outcome"] == "send"]
    if expected.sends:
        if any(_fits(program, row, expected) for row in sends):
            return None
    elif not sends:
        reasons = {row["reason"] for row in own} or {"audience"}
        if expected.because is None or expected.because in reasons:
            return None
    nothing = (
        "it is no candidate: its audience does not hold, or nothing starts it"
        if expected.step == ENTRY
        else "it is no candidate: nothing was sent that it could follow, it is not due, or its `if` or `unless` stops it"
    )
    instead = speaker.name("; ").join(_shown(program, row, speaker) for row in own) or speaker.name(nothing)
    return Broken(expected, _said(expected, speaker), instead)


def _fits(program: Program, row: Row, expected: Expectation) -> bool:
    if expected.at is not None and _wall(program, row["at"]) != expected.at:
        return False
    if expected.channel not in (None, row["channel"], row["confirm_channel"]):
        return False
    said = [row[name] for name in ("text", "rich", "confirm_text") if row[name]]
    return expected.containing is None or any(expected.containing in one for one in said)


def _said(expected: Expectation, speaker: Speaker) -> str:
    what = expected.campaign + ("" if expected.step == ENTRY else f" {expected.step}")
    if not expected.sends:
        said = speaker.phrase("no send of {what}", what=what)
        reason = expected.because
        return speaker.phrase("{said} because {reason}", said=said, reason=reason) if reason else said
    said = speaker.phrase("send of {what}", what=what)
    if expected.channel:
        said = speaker.phrase("{said} on {channel}", said=said, channel=expected.channel)
    if expected.at:
        said = speaker.phrase("{said} at {time}", said=said, time=_minute(expected.at))
    if expected.containing:
        said = speaker.phrase("{said} containing {text}", said=said, text=f'"{expected.containing}"')
    return said


def _shown(program: Program, row: Row, speaker: Speaker) -> str:
    if row["outcome"] == "send":
        time = _minute(_wall(program, row["at"]))
        said = speaker.phrase(
            "it is sent by {channel} at {time}: {text}", channel=row["channel"], time=time, text=f'"{row["text"]}"'
        )
        if not row["confirm_text"]:
            return said
        text = f'"{row["confirm_text"]}"'
        return speaker.phrase("{said}, with {text} by {channel}", said=said, text=text, channel=row["confirm_channel"])
    why = {name: row[name] for name in ("outcome", "reason", "rule")}
    if row["outcome"] != "deferred":
        return speaker.phrase("it is {outcome}: {reason} ({rule})", **why)
    time = _minute(_wall(program, row["at"]))
    return speaker.phrase("it is {outcome}: {reason} until {time} ({rule})", **why, time=time)


def _minute(wall: datetime) -> str:
    return f"{wall:%Y-%m-%dT%H:%M}"


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
    entered = Counter[tuple[str, str]]()
    for number, one in enumerate(trial.happened):
        who, when = customers[one.customer][key], at - timedelta(microseconds=one.ago)
        if one.sent:
            entered[one.name, who] += one.step == ENTRY
            row = {"campaign": one.name, "customer": who, "step": one.step, "kind": _kind(model, one.name, one.step)}
            # A step belongs to the entry that was told before it.
            ledger.append(row | {"occurrence": str(entered[one.name, who] or 1), "at": when, "started_at": when})
        else:
            bases = {
                spec.name: spec.base for event in program.events if event.name == one.name for spec in event.properties
            }
            known = {name: _value(program, bases[name], value) for name, value in one.properties.items()}
            events[one.name].setdefault(who, []).append(Event(f"e{number + 1}", when, known))
    return Data(customers, events, ledger)


def _kind(model: Model, campaign: str, step: str) -> str | None:
    if campaign in model.retired:
        return model.retired[campaign].kind
    found = model.campaigns.get(campaign)
    if found is None or step == ENTRY:
        return found.kind if found else None
    return next((one.kind for one in found.steps if one.name == step), SERVICE)


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


def without_experiments(program: Program) -> Program:
    campaigns = tuple(campaign.model_copy(update={"holdout": Decimal(0)}) for campaign in program.campaigns)
    brand = program.brand.model_copy(update={"control": Decimal(0)})
    return program.model_copy(update={"brand": brand, "campaigns": campaigns})
