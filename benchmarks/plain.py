"""One query for each campaign, as it would be written by hand: the form that the shared pass is checked and measured against."""

from __future__ import annotations

from decimal import Decimal

from sqlglot import exp

from dsl import behaviour as b
from dsl.program.ir import CampaignSpec
from runtime.relational.conditions import condition
from runtime.relational.sql import FALSE, col, every, num, table

_OPERATORS = {"=": exp.EQ, "!=": exp.NEQ, "<": exp.LT, "<=": exp.LTE, ">": exp.GT, ">=": exp.GTE}


def query(campaign: CampaignSpec, at: int, events: dict[str, str]) -> exp.Select:
    """The customers whose audience holds, each behaviour as a semi-join on the events that it asks about."""

    def aggregate(test: b.Condition) -> exp.Expr:
        match test:
            case b.Did(of):
                return _in(_events(of))
            case b.Compare(operator, b.Count(of), b.Constant() as limit):
                n = int(Decimal(limit.text))
                assert operator == ">=" and n > 0, "the benchmark's programs ask nothing else"
                return _in(
                    _events(of)
                    .group_by(col("id"))
                    .having(_OPERATORS[operator](this=exp.Count(this=exp.Star()), expression=num(n)))
                )
        raise AssertionError(f"the benchmark's programs do not ask {test}")

    def _events(of: b.Selection) -> exp.Select:
        tests: list[exp.Expr] = [exp.LTE(this=col("at"), expression=num(at))]
        if of.last is not None:
            tests.append(exp.GT(this=col("at"), expression=num(at - of.last)))
        if of.where is not None:
            tests.append(condition(of.where, lambda test: FALSE.copy(), exp.null()))
        return exp.select(col("id")).from_(table(events[of.event])).where(every(tests))

    def _in(found: exp.Select) -> exp.Expr:
        return exp.In(this=col("id"), query=found.subquery())

    held = every(condition(line.when, aggregate, col("today")) for line in campaign.audience)
    return exp.select(col("id")).from_(table("customers")).join(table("zones"), using=["zone"]).where(held)
