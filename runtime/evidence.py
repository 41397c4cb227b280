"""What `camp verify` looks at, as tables: `sent`, `outcomes`, `past`, `people`, `opted_out`; of a run's folder, or of a ledger.

`sent.known`: the instant whose facts counted: the run's, and of what was released the release's.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import sqlglot
from sqlglot import exp

from dsl.catalog import OPT_OUT_EVENT, TASK
from dsl.program.ir import Program
from runtime.engines.base import BadFile, Engine
from runtime.errors import InputError
from runtime.inputs import open_source
from runtime.inputs.base import CUSTOMERS, EVENTS, LEDGER, Source
from runtime.ledger.open import open_store
from runtime.ledger.store import SUFFIX, Store
from runtime.outcomes import COLUMNS, KEY
from runtime.place import Place
from runtime.publish import SUMMARY
from runtime.tables import attach

_COLUMNS = {
    "sends": (*KEY, "at", "local_date", "zone", "recipient", "kind", "channel", "send_id", "decided_at"),
    "outcomes": (*KEY, "outcome", "send_id"),
}
_WALL = "timezone(zone, timezone('UTC', \"at\")) AS wall"


def read(engine: Engine, program: Program, out: Path, data: Place) -> None:
    """out: a run's folder, or a ledger. BadFile or InputError where anything cannot be read."""
    given = open_source(engine, data)
    try:
        _read(engine, program, out, given)
    finally:
        given.close()


def _read(engine: Engine, program: Program, out: Path, given: Source) -> None:
    if out.suffix == SUFFIX or (out / "manifest.json").exists():
        store: Store | None = open_store(engine, out, make=False)
        _of_ledger(engine, program)
    else:
        for name, columns in _COLUMNS.items():
            attach(engine, name, out, {column: COLUMNS[column] for column in columns})
        make(engine, "sent", f"SELECT *, decided_at AS known, {_WALL} FROM sends")
        said = _summary(out)
        made = said.get("made_with")
        store = open_store(engine, out / made["ledger"], make=False) if made else None
        if store is None:
            _past(engine, program, given)
        else:
            _before(engine, program, out, said["run_id"])
    _customers(engine, program, given)
    _refusals(engine, program, given, store)
    if store is not None:
        store.close()


def _of_ledger(engine: Engine, program: Program) -> None:
    """All that was decided: what stands. What was taken over at its beginning is the past."""
    shown = ", ".join(f'"{name}"' for name in _COLUMNS["sends"] if name not in ("campaign", "decided_at"))
    known = "greatest(s.decided_at, r.at) AS known"
    sends = f"SELECT s.* REPLACE ({_now(program, 's.campaign')} AS campaign), {known} FROM ledger_standing s"
    sends += " LEFT JOIN ledger_releases r ON r.send_id = s.send_id WHERE s.outcome = 'send' AND s.run > 0"
    make(engine, "sent", f"SELECT campaign, {shown}, decided_at, known, {_WALL} FROM ({sends}) t")
    make(engine, "outcomes", "SELECT * FROM ledger_standing WHERE run > 0")
    _standing(engine, program, "run = 0")


def _summary(out: Path) -> dict[str, Any]:
    try:
        said: dict[str, Any] = json.loads((out / SUMMARY).read_text(encoding="utf-8"))
        return {"made_with": said.get("made_with"), "run_id": said["run_id"]}
    except (OSError, ValueError, AttributeError, KeyError, TypeError) as error:
        raise BadFile(f"{out / SUMMARY} cannot be read") from error


def _before(engine: Engine, program: Program, out: Path, run_id: str) -> None:
    """The ledger's sends before a run."""
    found = engine.rows(parsed(f"SELECT run FROM ledger_runs WHERE run_id = '{quoted(run_id)}'"))
    if not found:
        raise InputError(
            f"The ledger does not know the run in {out}", "It was taken back, or another ledger lies there now."
        )
    _standing(engine, program, f"run < {found[0][0]}")


def _standing(engine: Engine, program: Program, where: str) -> None:
    rows = f"SELECT {_now(program, 'campaign')} AS campaign, step, customer, occurrence, recipient, kind, local_date AS day"
    kept = f"outcome = 'send' AND channel <> '{TASK}' AND {where}"
    make(engine, "past", f"{rows} FROM ledger_standing WHERE {kept}")


def _refusals(engine: Engine, program: Program, given: Source, store: Store | None) -> None:
    """`opted_out`: who has refused, and when; whoever has no readable instant has refused from the beginning."""
    spec = next(event for event in program.events if event.name == OPT_OUT_EVENT)
    pieces = ["SELECT NULL::VARCHAR AS customer, NULL::TIMESTAMP AS at WHERE false"]
    name = EVENTS + OPT_OUT_EVENT
    if name in given.names():
        columns = given.attach(name, "refusals")
        at = f'"{spec.at}"'
        if columns[spec.at] != "TIMESTAMP":
            # With an offset an instant is what it says; without one it is the wall clock of the data's zone.
            plain = f"timezone('UTC', timezone('{quoted(program.data.zone)}', try_cast({at} AS TIMESTAMP)))"
            offset = f"regexp_matches(CAST({at} AS VARCHAR), '(Z|[+-][0-9]{{2}}(:?[0-9]{{2}})?)$')"
            at = f"CASE WHEN {offset} THEN timezone('UTC', try_cast({at} AS TIMESTAMPTZ)) ELSE {plain} END"
        elif program.data.zone != "UTC":
            at = f"timezone('UTC', timezone('{quoted(program.data.zone)}', {at}))"
        at = f"coalesce({at}, TIMESTAMP '1970-01-01')"
        pieces.append(f'SELECT CAST("{spec.customer}" AS VARCHAR) AS customer, {at} AS at FROM refusals')
    if store is not None and f"event_{OPT_OUT_EVENT}" in store.tables:
        pieces.append(f'SELECT customer, "at" FROM ledger_event_{OPT_OUT_EVENT}')
    make(engine, "opted_out", " UNION ALL ".join(pieces))


def _past(engine: Engine, program: Program, given: Source) -> None:
    """`past`: earlier sends with a recipient, under the names that campaigns have now."""
    empty = "SELECT NULL::VARCHAR AS campaign, NULL::VARCHAR AS step, NULL::VARCHAR AS customer, NULL::VARCHAR AS occurrence"
    empty += ", NULL::VARCHAR AS recipient, NULL::VARCHAR AS kind, NULL::DATE AS day WHERE false"
    if LEDGER not in given.names():
        make(engine, "past", empty)
        return
    columns = given.attach(LEDGER, "ledger")
    shown = {name: name if name in columns else "NULL" for name in ("customer", "recipient", "kind", "local_date")}
    step = "coalesce(step, 'entry')" if "step" in columns else "'entry'"
    occurrence = "coalesce(occurrence, '1')" if "occurrence" in columns else "'1'"
    campaign = _now(program, "campaign")
    kept = " AND coalesce(outcome, 'send') = 'send'" if "outcome" in columns else ""
    kept += f" AND coalesce(channel, 'sms') <> '{TASK}'" if "channel" in columns else ""
    day = f"CAST({shown['local_date']} AS DATE)"
    rows = f"SELECT {campaign} AS campaign, {step} AS step, {shown['customer']} AS customer, {occurrence} AS occurrence"
    rows += f", {shown['recipient']} AS recipient, {shown['kind']} AS kind, {day} AS day FROM ledger WHERE true{kept}"
    make(engine, "past", rows)


def _customers(engine: Engine, program: Program, given: Source) -> None:
    """`people`: key and every flag, as written."""
    if CUSTOMERS not in given.names():
        raise InputError(given.lacking(CUSTOMERS), "Name the data that the run read.")
    columns = given.attach(CUSTOMERS, "customers")
    flags = [spec for spec in program.customer if spec.base == "flag" and spec.column in columns]
    key = next(spec.column for spec in program.customer if spec.base == "key")
    yes = "('true', 'yes', '1', 't', 'y', '是')"
    shown = "".join(f', lower(CAST("{one.column}" AS VARCHAR)) IN {yes} AS "{one.name}"' for one in flags)
    make(engine, "people", f'SELECT CAST("{key}" AS VARCHAR) AS key{shown} FROM customers')


def _now(program: Program, campaign: str) -> str:
    """The name that a campaign has now."""
    renamed = "".join(
        f" WHEN '{quoted(one.formerly)}' THEN '{quoted(one.name)}'" for one in program.campaigns if one.formerly
    )
    return f"CASE {campaign}{renamed} ELSE {campaign} END" if renamed else campaign


def make(engine: Engine, name: str, query: str) -> None:
    engine.create(name, parsed(query))


def parsed(query: str) -> exp.Expr:
    return sqlglot.parse_one(query, read="duckdb")


def quoted(text: str | None) -> str:
    return (text or "").replace("'", "''")
