"""An explanation for people, as lines, and for programs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from dsl.catalog import ENTRY
from dsl.quantities import canonical
from dsl.source import display_width
from runtime.explain.asked import clock
from runtime.explain.model import NOTHING, Explanation, Line, Row, Test, Told
from runtime.spoken import Speaker

# Gate → what it is called.
_GATES = {
    "audience": "audience",
    "start": "start",
    "if": "if",
    "unless": "unless",
    "exit": "exit",
    "late": "not too late",
    "consent": "consent",
    "opted_out": "opted out",
    "address": "address",
    "shared": "own phone",
    "confirmation": "confirmation",
    "opening": "opening",
    "horizon": "in the run",
    "block": "block",
    "global": "control group",
    "holdout": "holdout",
    "segments": "length",
    "characters": "characters",
    "words": "banned words",
    "cap": "cap",
    "budget": "budget",
    "pace": "pace",
    "send": "send",
}
_OUTCOMES = {NOTHING: "no candidate", "control": "control group"}
_OUTCOMES |= {name: name for name in ("send", "expired", "deferred", "suppressed")}
_RECORDED = (
    "occurrence",
    "outcome",
    "reason",
    "rule",
    "started_at",
    "at",
    "local_date",
    "channel",
    "segments",
    "cost",
    "send_id",
)


def as_json(found: Explanation) -> Row:
    """The same keys whatever is explained. Instants have an offset; times inside of sentences are the customer's clock."""
    said = asdict(found)
    for part, told in zip(said["parts"], found.parts, strict=True):
        part["recorded"] = None if told.recorded is None else {name: _plain(told.recorded[name]) for name in _RECORDED}
        part["gates"] = [_gate(line) for line in told.gates]
    return said


def _gate(line: Line) -> Row:
    return asdict(line) | {"tests": [asdict(test) for test in line.tests]}


def _plain(value: Any) -> Any:
    match value:
        case datetime() | date():
            return value.isoformat()
        case Decimal():
            return canonical(value)
    return value


def lines(found: Explanation, speaker: Speaker) -> Iterator[str]:
    say = speaker.phrase
    if not found.same_program:
        yield speaker.name("This is not the program that the run was made with: what it decides now stands first.")
    if found.left_out:
        yield say("The run did without {names}.", names=speaker.listed(found.left_out))
    if found.sharing:
        yield say("The phone is also that of {names}.", names=speaker.listed(found.sharing))
    if not found.same_program or found.left_out or found.sharing:
        yield ""
    width = max(
        (display_width(speaker.name(_GATES[line.gate])) for told in found.parts for line in told.gates), default=0
    )
    for at, told in enumerate(found.parts):
        yield from [""] if at else []
        yield from _part(found, told, speaker, width)


def _part(found: Explanation, told: Told, speaker: Speaker, width: int) -> Iterator[str]:
    say = speaker.phrase
    yield _head(found.customer, told, speaker)
    marks = {passed: speaker.name("ok" if passed else "stop") for passed in (True, False)}
    mark = max(map(display_width, marks.values()))
    for line in told.gates:
        if told.reason == "audience" and line.passed:
            continue  # of an audience that does not hold, the lines that do are of no interest
        gate = speaker.name(_GATES[line.gate])
        begin = f"  {_padded(gate, width)}  {_padded(marks[line.passed], mark)}  "
        yield f"{begin}{line.said}  ({line.rule})" if line.rule else f"{begin}{line.said}"
        for test in line.tests:
            yield from _tests(test, speaker, " " * (width + mark + 6))
    for change in told.change:
        yield f"  {change}"
    if told.agrees:
        return
    if told.recorded is None:
        yield "  " + speaker.name("The run recorded nothing of it.")
    else:
        said = _outcome(told.recorded["outcome"], told.recorded["reason"], speaker)
        yield "  " + say("The run recorded otherwise: {outcome}.", outcome=_placed(said, told.recorded, speaker))
    why = (
        "The data have changed since."
        if found.same_program
        else "The program is another one, or the data have changed since."
    )
    yield "  " + speaker.name(why)


def _placed(said: str, row: Row, speaker: Speaker) -> str:
    """With its instant and its line."""
    said = speaker.phrase("{said} at {time}", said=said, time=clock(row["at"], row["zone"])) if row["at"] else said
    return f"{said} ({row['rule']})" if row["rule"] else said


def _head(customer: str, told: Told, speaker: Speaker) -> str:
    part = speaker.name("entry")
    if told.step.startswith("reply "):
        part = speaker.phrase("answer to {text}", text=told.step.removeprefix("reply "))
    elif told.step != ENTRY:
        part = speaker.phrase("step {name}", name=told.step)
    gaps = {"customer": customer, "campaign": told.campaign, "part": part}
    outcome = _outcome(told.outcome, told.reason if told.outcome != NOTHING else None, speaker)
    if told.at is not None:
        outcome = speaker.phrase(
            "{said} until {time}" if told.outcome == "deferred" else "{said} at {time}", said=outcome, time=told.at
        )
    said = speaker.phrase("{customer}, {campaign} {part}: {outcome}", outcome=outcome, **gaps)
    return f"{said}, {told.rule}" if told.rule and told.outcome != NOTHING else said


def _outcome(outcome: str, reason: str | None, speaker: Speaker) -> str:
    said = speaker.name(_OUTCOMES[outcome])
    return f"{said} ({reason})" if reason else said


def _tests(test: Test, speaker: Speaker, margin: str) -> Iterator[str]:
    mark = speaker.name("yes" if test.holds else "no")
    said = speaker.phrase("{test}: {met}", test=test.test, met=test.met) if test.met else test.test
    yield f"{margin}{_padded(mark, 3)}  {said}"
    for inner in test.tests:
        yield from _tests(inner, speaker, margin + "  ")


def _padded(text: str, width: int) -> str:
    return text + " " * (width - display_width(text))
