"""An independent check of what a run wrote: plain SQL over its files, the ledger and the data; nothing of the planner.

Each check selects the sends that break a promise. What sends owe to conditions on customers (`while`, `block`) is not looked at:
the interpreter is what those are held against.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import sqlglot

from dsl.catalog import OPT_OUT_EVENT, TASK
from dsl.program.ir import CapSpec, PolicySpec, Program
from dsl.terms import Cap
from runtime.engines import open_engine
from runtime.engines.base import BadFile, Engine
from runtime.errors import InputError
from runtime.outcomes import COLUMNS, KEY
from runtime.tables import attach

_MINUTE = "(hour(wall) * 60 + minute(wall))"
_READ = {
    "sends": (*KEY, "at", "local_date", "zone", "recipient", "kind", "channel", "send_id"),
    "outcomes": (*KEY, "outcome", "send_id"),
}
_NOTHING = "SELECT NULL::VARCHAR AS campaign, NULL::VARCHAR AS send_id WHERE false"


@dataclass(frozen=True)
class Check:
    """`broken`: how many sends break the promise; `example`: one of them. `looked`: how many sends it is about."""

    promise: str
    looked: int
    broken: int
    example: str


def verify(program: Program, out: Path, data: Path) -> list[Check]:
    """Every promise that can be held against a run's files. InputError where they cannot be read."""
    engine = open_engine(program.engine)
    try:
        _read(engine, program, out, data)
        return [_judge(engine, *one) for one in _checks(program)]
    except BadFile as error:
        raise InputError(str(error), "Name a folder that `camp plan` wrote, and the data that it read.") from error
    finally:
        engine.close()


def _read(engine: Engine, program: Program, out: Path, data: Path) -> None:
    for name, columns in _READ.items():
        attach(engine, name, out, {column: COLUMNS[column] for column in columns})
    _make(engine, "sent", "SELECT *, timezone(zone, timezone('UTC', \"at\")) AS wall FROM sends")
    _past(engine, program, _file(data, "ledger"))
    _customers(engine, program, data)
    refused = _file(data / "events", OPT_OUT_EVENT)
    spec = next(event for event in program.events if event.name == OPT_OUT_EVENT)
    if refused is not None:
        engine.attach("refusals", refused)
        _make(engine, "opted_out", f'SELECT CAST("{spec.customer}" AS VARCHAR) AS customer FROM refusals')
    else:
        _make(engine, "opted_out", "SELECT NULL::VARCHAR AS customer WHERE false")


def _file(folder: Path, name: str) -> Path | None:
    files = [folder / f"{name}.{end}" for end in ("parquet", "csv")]
    return next((path for path in files if path.exists()), None)


def _past(engine: Engine, program: Program, path: Path | None) -> None:
    """`past`: earlier sends with a recipient, under the names that campaigns have now."""
    empty = "SELECT NULL::VARCHAR AS campaign, NULL::VARCHAR AS step, NULL::VARCHAR AS customer, NULL::VARCHAR AS occurrence"
    empty += ", NULL::VARCHAR AS recipient, NULL::VARCHAR AS kind, NULL::DATE AS day WHERE false"
    if path is None:
        _make(engine, "past", empty)
        return
    columns = engine.attach("ledger", path)
    shown = {name: name if name in columns else "NULL" for name in ("customer", "recipient", "kind", "local_date")}
    step = "coalesce(step, 'entry')" if "step" in columns else "'entry'"
    occurrence = "coalesce(occurrence, '1')" if "occurrence" in columns else "'1'"
    renamed = "".join(
        f" WHEN '{_quoted(one.formerly)}' THEN '{_quoted(one.name)}'" for one in program.campaigns if one.formerly
    )
    campaign = f"CASE campaign{renamed} ELSE campaign END" if renamed else "campaign"
    kept = " AND coalesce(outcome, 'send') = 'send'" if "outcome" in columns else ""
    kept += f" AND coalesce(channel, 'sms') <> '{TASK}'" if "channel" in columns else ""
    day = f"CAST({shown['local_date']} AS DATE)"
    rows = f"SELECT {campaign} AS campaign, {step} AS step, {shown['customer']} AS customer, {occurrence} AS occurrence"
    rows += f", {shown['recipient']} AS recipient, {shown['kind']} AS kind, {day} AS day FROM ledger WHERE true{kept}"
    _make(engine, "past", rows)


def _customers(engine: Engine, program: Program, data: Path) -> None:
    """`people`: key and every flag, as written."""
    path = _file(data, "customers")
    if path is None:
        raise InputError(f"There is no {data}/customers.parquet or .csv", "Name the data that the run read.")
    columns = engine.attach("customers", path)
    flags = [spec for spec in program.customer if spec.base == "flag" and spec.column in columns]
    key = next(spec.column for spec in program.customer if spec.base == "key")
    yes = "('true', 'yes', '1', 't', 'y', '是')"
    shown = "".join(f', lower(CAST("{one.column}" AS VARCHAR)) IN {yes} AS "{one.name}"' for one in flags)
    _make(engine, "people", f'SELECT CAST("{key}" AS VARCHAR) AS key{shown} FROM customers')


_Said = tuple[str, str, str]  # the promise, SQL for the sends it is about, SQL for those that break it


def _checks(program: Program) -> Iterator[_Said]:
    every = "SELECT campaign, send_id FROM sent"
    again = "SELECT min(campaign) AS campaign, send_id FROM sent GROUP BY send_id HAVING count(*) > 1"
    yield "a send has an id of its own", every, again
    key = "campaign, step, customer, occurrence"
    yield (
        "a decision is made once",
        every,
        f"SELECT campaign, min(send_id) AS send_id FROM sent GROUP BY {key} HAVING count(*) > 1",
    )
    same = " AND ".join(f"s.{one} = p.{one}" for one in key.split(", "))
    yield "nothing is sent again", every, f"SELECT s.campaign, s.send_id FROM sent s JOIN past p ON {same}"
    outcomes = "SELECT campaign, '' AS send_id FROM outcomes"
    yield (
        "a candidate has one outcome",
        outcomes,
        (f"SELECT campaign, '' AS send_id FROM outcomes GROUP BY {key} HAVING count(*) > 1"),
    )
    missing = "NOT EXISTS (SELECT 1 FROM outcomes o WHERE o.send_id = s.send_id AND o.outcome = 'send')"
    yield "a send is among the outcomes", every, f"SELECT s.campaign, s.send_id FROM sent s WHERE {missing}"
    yield (
        "nobody who has opted out, by now, is written to",
        every,
        ("SELECT s.campaign, s.send_id FROM sent s JOIN opted_out o ON o.customer = s.customer"),
    )
    days = " OR ".join(
        f"(campaign = '{_quoted(one.name)}' AND NOT (local_date BETWEEN DATE '{one.begins}' - 1 AND DATE '{one.ends}'))"
        for one in program.campaigns
    )
    yield (
        "no send lies outside of its campaign's days",
        every,
        (f"SELECT campaign, send_id FROM sent WHERE {days}" if days else _NOTHING),
    )
    for policy in program.policies:
        names = [f"'{_quoted(one.name)}'" for one in program.campaigns if one.policy == policy.name]
        if names:
            yield from _of_policy(program, policy, f"campaign IN ({', '.join(names)})")
    for campaign in program.campaigns:
        for spec in campaign.caps:
            mine = f"campaign = '{_quoted(campaign.name)}' AND step = 'entry'"
            yield from _cap(spec, mine, mine)


def _of_policy(program: Program, policy: PolicySpec, mine: str) -> Iterator[_Said]:
    about = f"SELECT campaign, send_id FROM sent WHERE {mine}"
    for quiet in policy.quiet:
        begin, end = quiet.hours.begin, quiet.hours.end
        inside = (
            f"{_MINUTE} >= {begin} AND {_MINUTE} < {end}"
            if begin < end
            else f"({_MINUTE} >= {begin} OR {_MINUTE} < {end})"
        )
        if quiet.since is None and quiet.until is None:
            yield f"{quiet.at}: quiet hours are kept", about, f"{about} AND {inside}"
    for consent in policy.consents:
        kinds = "".join(f" AND kind <> '{_quoted(kind)}'" for kind in consent.exempt)
        if not consent.sensitive and consent.since is None and consent.until is None:
            given = f'EXISTS (SELECT 1 FROM people p WHERE p.key = customer AND p."{consent.field}")'
            yield f"{consent.at}: {consent.field} was given", about + kinds, f"{about}{kinds} AND NOT {given}"
    for spec in policy.caps:
        yield from _cap(spec, mine, "true")


def _cap(spec: CapSpec, held: str, counted: str) -> Iterator[_Said]:
    """No send that the cap holds stands among more than it allows: the ledger's sends, and this run's that it holds.

    A cap with a condition, or with extras before holidays, is held against its count and all extras together.
    """
    cap: Cap = spec.cap
    if cap.when is not None:
        return
    kinds = f" AND kind IN ({_listed(cap.kinds)})" if cap.kinds else ""
    kinds += f" AND coalesce(kind, '') NOT IN ({_listed(cap.exempt)})" if cap.exempt else ""
    most = cap.count + sum(extra.count for extra in cap.extras)
    mine = (
        f"SELECT campaign, send_id, recipient, local_date AS day FROM sent WHERE {held}{kinds} AND channel <> '{TASK}'"
    )
    every = f"SELECT recipient, day FROM ({mine}) m UNION ALL SELECT recipient, day FROM past WHERE {counted}{kinds}"
    if cap.period == "rolling":
        # Any stretch of so many days in which a send lies begins on some counted day, or may as well.
        near = f"e.recipient = b.recipient AND e.day >= b.day AND e.day < b.day + {cap.days}"
        full = f"SELECT b.recipient, b.day FROM (SELECT DISTINCT recipient, day FROM ({every}) x) b JOIN ({every}) e ON {near}"
        full += f" GROUP BY b.recipient, b.day HAVING count(*) > {most}"
        joined = f"f.recipient = m.recipient AND m.day >= f.day AND m.day < f.day + {cap.days}"
    else:
        part = f"date_trunc('{cap.period}', day)"
        full = (
            f"SELECT recipient, {part} AS period FROM ({every}) x GROUP BY recipient, {part} HAVING count(*) > {most}"
        )
        joined = f"f.recipient = m.recipient AND f.period = date_trunc('{cap.period}', m.day)"
    broken = f"SELECT DISTINCT m.campaign, m.send_id FROM ({mine}) m JOIN ({full}) f ON {joined}"
    of = f" of {', '.join(cap.kinds)}" if cap.kinds else ""
    period = f"{cap.days} days" if cap.period == "rolling" else cap.period
    yield f"{spec.at}: at most {most}{of} per {period}", f"SELECT campaign, send_id FROM ({mine}) m", broken


def _judge(engine: Engine, promise: str, about: str, broken: str) -> Check:
    ((looked,),) = engine.rows(_parsed(f"SELECT count(*) FROM ({about}) a"))
    ((count, example),) = engine.rows(_parsed(f"SELECT count(*), min(campaign || ' ' || send_id) FROM ({broken}) b"))
    return Check(promise, looked, count, example or "")


def _make(engine: Engine, name: str, query: str) -> None:
    engine.create(name, _parsed(query))


def _parsed(query: str) -> sqlglot.exp.Expr:
    return sqlglot.parse_one(query, read="duckdb")


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"'{_quoted(name)}'" for name in names)


def _quoted(text: str | None) -> str:
    return (text or "").replace("'", "''")
