"""What stands in a ledger → `decisions`: a run has judged it before, and but for campaigns that were renamed each stands once."""

from __future__ import annotations

from sqlglot import exp

from dsl.program.ir import Program
from runtime.relational.sql import call, case, col, named, num, table, text

_TEXTS = ("step", "customer", "occurrence", "outcome", "kind", "zone", "channel", "recipient")
_INSTANTS = ("at", "started_at", "decided_at")
# Of the rows about one decision the latest final one or, where none is final, the latest.
_FINAL = "CASE WHEN outcome IN ('send', 'control', 'expired') THEN 0 ELSE 1 END"
STANDING = (
    "row_number() OVER (PARTITION BY campaign, step, customer, occurrence"
    f" ORDER BY {_FINAL}, decided_at DESC, __row DESC) = 1"
)


def decisions(program: Program, source: str, at: int) -> exp.Select:
    """Those that were made up to an instant; `source`: a view in the columns of runtime/outcomes.py, and `__row`."""
    shown: list[exp.Expr] = [col(name) for name in ("__row", *_TEXTS, "local_date", "cost")]
    shown += [named(call("epoch_us", col(name)), name) for name in _INSTANTS]
    query = exp.select(*shown, named(renamed(program, col("campaign")), "campaign")).from_(table(source))
    found = exp.select("*").from_(query.subquery("k"))
    found = found.where(exp.LTE(this=col("decided_at"), expression=num(at)))
    again = any(campaign.formerly for campaign in program.campaigns)
    return found.qualify(STANDING) if again else found


def renamed(program: Program, campaign: exp.Expr) -> exp.Expr:
    """A campaign keeps its past under a new name: `formerly` says the old one."""
    now = [
        (exp.EQ(this=campaign.copy(), expression=text(one.formerly)), text(one.name))
        for one in program.campaigns
        if one.formerly
    ]
    return case(now, campaign)
