"""How full caps are: of each recipient the most messages that any stretch of the cap's period holds."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from dsl.catalog import ENTRY, TASK
from dsl.program.ir import CapSpec, Program
from dsl.terms import Cap
from runtime.ledger.ledger import Ledger
from runtime.ledger.store import held
from runtime.ledger.tables import STANDING
from runtime.relational.kept import renamed
from runtime.relational.sql import both, call, col, day, named, negated, num, text
from runtime.results import clock
from runtime.results.facts import Period
from runtime.results.model import CapUse
from runtime.spoken import Speaker


def caps(ledger: Ledger, program: Program, when: Period, speaker: Speaker) -> Iterator[CapUse]:
    """Of the policies that campaigns follow, and of the campaigns' own caps, over the sends of the period's days.

    What a cap adds before holidays shows as people beyond its `most`. Caps that say the same in several policies are told once.
    """
    used = {campaign.policy for campaign in program.campaigns}
    stated = [(policy.name, "", spec) for policy in program.policies if policy.name in used for spec in policy.caps]
    stated += [(one.name, one.name, spec) for one in program.campaigns for spec in one.caps]
    told: set[tuple[str, Cap]] = set()
    for of, campaign, spec in stated:
        if (campaign, spec.cap) not in told:
            told.add((campaign, spec.cap))
            yield _use(ledger, program, when, of, campaign, spec, speaker)


def _use(
    ledger: Ledger, program: Program, when: Period, of: str, campaign: str, spec: CapSpec, speaker: Speaker
) -> CapUse:
    cap, engine = spec.cap, ledger.engine
    counted = _sends(program, when, cap, campaign)
    rows = exp.select("recipient", f"{_stretch(cap)} AS n").from_(counted.subquery("s"))
    if cap.period != "rolling":
        rows = rows.group_by("recipient", f"date_trunc('{cap.period}', local_date)")
    fullest = exp.select("recipient", "max(n) AS n").from_(rows.subquery("w")).group_by("recipient")
    people = {int(n): count for n, count in engine.rows(_by_count(fullest))}
    ((everyone,),) = engine.rows(exp.select("count(DISTINCT COALESCE(phone, key))").from_("customers"))
    people[0] = max(0, everyone - sum(people.values()))
    refused = exp.select("count(*)").from_(held(STANDING)).where("outcome = 'suppressed' AND reason = 'cap'")
    inside = exp.Between(this=call("epoch_us", col("decided_at")), low=num(when.since), high=num(when.until - 1))
    ((count,),) = engine.rows(refused.where(exp.EQ(this=col("rule"), expression=text(spec.at)), inside))
    filled = tuple(people.get(at, 0) for at in range(max(cap.count, *people) + 1))
    return CapUse(policy=of, rule=spec.at, said=speaker.cap(cap), most=cap.count, people=filled, refused=count)


def _by_count(fullest: exp.Select) -> exp.Select:
    return exp.select("n", "count(*)").from_(fullest.subquery("f")).group_by("n")


def _sends(program: Program, when: Period, cap: Cap, campaign: str) -> exp.Select:
    """The messages that a cap counts: recipient and local date."""
    zone = program.brand.zone
    first, last = day(clock.local(when.since, zone)), day(clock.local(when.until - 1, zone))
    tests: list[exp.Expr | str] = [
        "outcome = 'send' AND recipient IS NOT NULL",
        exp.NEQ(this=col("channel"), expression=text(TASK)),
        exp.Between(this=col("local_date"), low=first, high=last),
    ]
    if cap.kinds:
        tests.append(_kind(cap.kinds))
    if cap.exempt:
        tests.append(negated(_kind(cap.exempt)))
    if campaign:
        mine = exp.EQ(this=renamed(program, col("campaign")), expression=text(campaign))
        tests.append(both(mine, exp.EQ(this=col("step"), expression=text(ENTRY))))
    return exp.select("recipient", named(col("local_date"), "local_date")).from_(held(STANDING)).where(*tests)


def _kind(kinds: tuple[str, ...]) -> exp.Expr:
    return exp.In(this=col("kind"), expressions=[text(kind) for kind in kinds])


def _stretch(cap: Cap) -> str:
    """How many a stretch holds that ends with a message; the calendar's stretches are grouped instead."""
    if cap.period != "rolling":
        return "count(*)"
    frame = f"RANGE BETWEEN INTERVAL '{cap.days - 1}' DAY PRECEDING AND CURRENT ROW"
    return f"count(*) OVER (PARTITION BY recipient ORDER BY local_date {frame})"
