"""Who was assigned what, whatever became of it later (intention to treat), and who of them reached the goal.

Assigned is whoever came as far as the draw: held out, or let through, also where caps, budget, pace, length or words kept the
message back or the release cancelled it. The time to reach the goal begins at the instant of the send, which a control row has
too; where there is none, at the start or the decision, whichever was later. Who is still within that time is not counted yet.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from sqlglot import exp

from dsl.catalog import ENTRY, SERVICE
from dsl.program.ir import CampaignSpec, Program
from runtime.engines.base import Engine
from runtime.experiments.compare import compare
from runtime.experiments.model import Experiment, Group, Kind
from runtime.ledger.ledger import Ledger
from runtime.ledger.store import held
from runtime.ledger.tables import OUTCOMES, STANDING
from runtime.relational.kept import renamed
from runtime.relational.sql import col, named, table, text, union
from runtime.results.facts import Period, fitting

CONTROL: Final = "control"
HOLDOUT: Final = "holdout"
TREATED: Final = "treated"
_BEHIND_THE_DRAW = ("too_long", "banned_word", "cap", "budget", "pace")
_Counted = Mapping[tuple[str, str | None], tuple[int, int]]  # role and arm → people, reached


def experiments(ledger: Ledger, program: Program, when: Period) -> dict[str, list[Experiment]]:
    """By campaign, of those that have a goal and assign anything."""
    engine = ledger.engine
    asked = [one for one in program.campaigns if one.goal and (one.holdout or one.arms or program.brand.control)]
    if not asked:
        return {}
    engine.create("assigned", _assigned(ledger, program, when))
    found = {}
    for campaign in asked:
        counted = _counted(engine, campaign, when)
        found[campaign.name] = [
            compare(kind, groups, control=against) for kind, groups, against in _groups(program, campaign, counted)
        ]
    return found


def _assigned(ledger: Ledger, program: Program, when: Period) -> exp.Select:
    """Each campaign's customers with what they were assigned first in the period: role, arm, and since when.

    A decision that was let through and is another by now is looked up in the rows that the ledger keeps of its last runs.
    """
    shown = ("campaign", "customer", "outcome", "reason", "arm", "at", "started_at", "decided_at", "send_id", "step")
    kept = [exp.select(*(col(name) for name in shown)).from_(held(name)) for name in (STANDING, OUTCOMES)]
    behind = ", ".join(f"'{reason}'" for reason in _BEHIND_THE_DRAW)
    passed = f"u.outcome IN ('send', 'control') OR u.send_id IS NOT NULL OR u.reason IN ({behind})"
    timed = "u.outcome IN ('send', 'control') OR u.send_id IS NOT NULL"
    instant = f"CASE WHEN {timed} THEN u.at END"
    instant = f"epoch_us(COALESCE({instant}, greatest(u.started_at, u.decided_at)))"
    role = f"CASE WHEN u.outcome <> 'control' THEN '{TREATED}' WHEN u.reason = 'global' THEN '{CONTROL}'"
    rows = exp.select(
        named(renamed(program, col("campaign", "u")), "campaign"),
        "u.customer",
        f"{role} ELSE '{HOLDOUT}' END AS role",
        "u.arm",
        f"{instant} AS since",
    ).from_(union(kept).subquery("u"))
    rows = rows.where(passed, exp.EQ(this=col("step", "u"), expression=text(ENTRY)))
    first = "row_number() OVER (PARTITION BY campaign, customer ORDER BY since, role, arm) = 1"
    inside = f"since >= {when.since} AND since < {when.until}"
    query = exp.select("a.campaign", "a.role", "a.arm", "a.since", "a.customer", "c.id").from_(rows.subquery("a"))
    query = query.join(table("customers", "c"), on="c.key = a.customer", join_type="left")
    return query.where(inside).qualify(first.replace("campaign, customer", "a.campaign, a.customer"))


def _counted(engine: Engine, campaign: CampaignSpec, when: Period) -> _Counted:
    """Of those whose time is over, how many there are, and how many reached the goal."""
    assert campaign.goal is not None
    within = campaign.goal.within
    goal = exp.select("1").from_(fitting(campaign.goal.of).subquery("e"))
    goal = goal.where(f"e.id = a.id AND e.happened > a.since AND e.happened <= a.since + {within}")
    rows = exp.select("a.role", "a.arm", named(exp.Exists(this=goal), "reached")).from_(table("assigned", "a"))
    mine = exp.EQ(this=col("campaign", "a"), expression=text(campaign.name))
    rows = rows.where(mine, f"a.since + {within} < {when.until}")
    query = exp.select("role", "arm", "count(*)", "count(*) FILTER (WHERE reached)").from_(rows.subquery("r"))
    return {(role, arm): (people, reached) for role, arm, people, reached in engine.rows(query.group_by("1", "2"))}


def _groups(
    program: Program, campaign: CampaignSpec, counted: _Counted
) -> Iterator[tuple[Kind, tuple[Group, ...], str | None]]:
    def group(name: str, share: Decimal, *which: tuple[str, str | None]) -> Group:
        found = [counts for key, counts in counted.items() if key in which]
        people, reached = (sum(one[at] for one in found) for at in (0, 1))
        return Group(name=name, share=share, people=people, reached=reached)

    keys = list(counted)
    held_out = [key for key in keys if key[0] == HOLDOUT]
    treated = [key for key in keys if key[0] == TREATED]
    control = [key for key in keys if key[0] == CONTROL]
    if program.brand.control and campaign.kind != SERVICE and control:
        share = program.brand.control
        yield CONTROL, (group(CONTROL, share, *control), group(TREATED, 1 - share, *treated, *held_out)), CONTROL
    if campaign.holdout and (held_out or treated):
        share = campaign.holdout
        yield HOLDOUT, (group(HOLDOUT, share, *held_out), group(TREATED, 1 - share, *treated)), HOLDOUT
    if campaign.arms and treated:
        arms = [group(one.name, one.share, (TREATED, one.name)) for one in campaign.arms]
        yield "arms", tuple(arms), None
