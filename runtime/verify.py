"""An independent check of what a run wrote, or of all that a ledger holds: plain SQL, and of the planner only its holidays.

Each check selects the sends that break a promise. What sends owe to conditions on customers (`while`, `block`) is not looked at:
the interpreter is what those are held against.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from dsl.catalog import TASK
from dsl.program.ir import CapSpec, PolicySpec, Program, QuietSpec
from dsl.terms import Cap
from runtime import evidence
from runtime.engines import open_engine
from runtime.engines.base import BadFile, Engine
from runtime.errors import InputError
from runtime.openings import is_holiday
from runtime.place import Place

_MINUTE = "(hour(wall) * 60 + minute(wall))"
_NOTHING = "SELECT NULL::VARCHAR AS campaign, NULL::VARCHAR AS send_id WHERE false"


@dataclass(frozen=True)
class Check:
    """`broken`: how many sends break the promise; `example`: one of them. `looked`: how many sends it is about."""

    promise: str
    looked: int
    broken: int
    example: str


def verify(program: Program, out: Path, data: Place) -> list[Check]:
    """Every promise that can be held against a run's files, or all that a ledger holds. InputError where they cannot be read."""
    engine = open_engine(program.engine)
    try:
        evidence.read(engine, program, out, data)
        return [_judge(engine, *one) for one in _checks(program)]
    except BadFile as error:
        raise InputError(str(error), "Name a folder that `camp plan` wrote, and the data that it read.") from error
    finally:
        engine.close()


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
        ("SELECT s.campaign, s.send_id FROM sent s JOIN opted_out o ON o.customer = s.customer AND o.at <= s.known"),
    )
    days = " OR ".join(
        f"(campaign = '{evidence.quoted(one.name)}' AND NOT (local_date BETWEEN DATE '{one.begins}' - 1 AND DATE '{one.ends}'))"
        for one in program.campaigns
    )
    yield (
        "no send lies outside of its campaign's days",
        every,
        (f"SELECT campaign, send_id FROM sent WHERE {days}" if days else _NOTHING),
    )
    for policy in program.policies:
        names = [f"'{evidence.quoted(one.name)}'" for one in program.campaigns if one.policy == policy.name]
        if names:
            yield from _of_policy(program, policy, f"campaign IN ({', '.join(names)})")
    for campaign in program.campaigns:
        for spec in campaign.caps:
            mine = f"campaign = '{evidence.quoted(campaign.name)}' AND step = 'entry'"
            yield from _cap(spec, mine, mine)


def _of_policy(program: Program, policy: PolicySpec, mine: str) -> Iterator[_Said]:
    about = f"SELECT campaign, send_id FROM sent WHERE {mine}"
    for quiet in policy.quiet:
        yield f"{quiet.at}: quiet hours are kept", about, f"{about} AND {_quiet(program, quiet)}"
    for consent in policy.consents:
        kinds = "".join(f" AND kind <> '{evidence.quoted(kind)}'" for kind in consent.exempt)
        if not consent.sensitive and consent.since is None and consent.until is None:
            given = f'EXISTS (SELECT 1 FROM people p WHERE p.key = customer AND p."{consent.field}")'
            yield f"{consent.at}: {consent.field} was given", about + kinds, f"{about}{kinds} AND NOT {given}"
    for spec in policy.caps:
        yield from _cap(spec, mine, "true")


def _quiet(program: Program, quiet: QuietSpec) -> str:
    """Whether the wall clock shows quiet hours that have begun on a day of theirs: today or, over midnight, yesterday."""
    begin, end = quiet.hours.begin, quiet.hours.end
    begun = f"(CAST(wall AS DATE) - CASE WHEN {_MINUTE} < {begin} THEN 1 ELSE 0 END)"
    tests = [f"({_MINUTE} >= {begin} {'AND' if begin < end else 'OR'} {_MINUTE} < {end})"]
    if quiet.days:
        tests.append(f"isodow({begun}) IN ({', '.join(str(day + 1) for day in quiet.days)})")
    if quiet.holidays:
        tests.append(f"{begun} IN ({', '.join(_holidays(program)) or 'NULL'})")
    tests += [f"{begun} >= DATE '{quiet.since}'"] if quiet.since else []
    tests += [f"{begun} <= DATE '{quiet.until}'"] if quiet.until else []
    return " AND ".join(tests)


def _holidays(program: Program) -> Iterator[str]:
    """Those on which a send of some campaign may lie, and the day before."""
    first = min(one.begins for one in program.campaigns) - timedelta(days=2)
    last = max(one.ends for one in program.campaigns)
    days = (first + timedelta(days=ahead) for ahead in range((last - first).days + 2))
    return (f"DATE '{day}'" for day in days if is_holiday(day, program.brand.holidays))


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
    ((looked,),) = engine.rows(evidence.parsed(f"SELECT count(*) FROM ({about}) a"))
    ((count, example),) = engine.rows(
        evidence.parsed(f"SELECT count(*), min(campaign || ' ' || send_id) FROM ({broken}) b")
    )
    return Check(promise, looked, count, example or "")


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"'{evidence.quoted(name)}'" for name in names)
