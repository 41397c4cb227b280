"""Tests on behaviour that are no counts: sums, the latest value, one event followed by another. Each is a query of its own."""

from __future__ import annotations

from sqlglot import exp

from dsl import behaviour as b
from runtime.relational.conditions import condition
from runtime.relational.sql import FALSE, both, cast, col, constant, every, named, negated, num, paren, sure, table

_OPERATORS: dict[str, type[exp.Binary]] = {
    "=": exp.EQ,
    "!=": exp.NEQ,
    "<": exp.LT,
    "<=": exp.LTE,
    ">": exp.GT,
    ">=": exp.GTE,
}


def is_pattern(test: b.Condition) -> bool:
    match test:
        case b.Followed():
            return True
        case b.Compare(_, (b.Sum() | b.Latest()), _) | b.Between((b.Sum() | b.Latest()), _, _):
            return True
    return False


def holds_without_events(test: b.Condition) -> bool:
    """Whether it holds for customers who did nothing of what it asks about: a sum of nothing is zero."""
    match test:
        case b.Compare(operator, b.Sum(), b.Constant() as limit):
            answers = {"=": limit.value == 0, "!=": limit.value != 0, "<": limit.value > 0, "<=": limit.value >= 0}  # type: ignore[operator]
            return answers[operator] if operator in answers else not answers["<=" if operator == ">" else "<"]
        case b.Between(b.Sum(), low, high):
            return bool(low.value <= 0 <= high.value)  # type: ignore[operator]
    return False


def differing(test: b.Condition, events: dict[str, str], at: int) -> exp.Query:
    """The numbers (`id`) of the customers for whom the answer is not that of `holds_without_events`."""
    match test:
        case b.Followed():
            return exp.select("id").distinct().from_(followed(test, events, at).subquery("f"))
        case b.Compare(operator, (b.Sum() | b.Latest()) as left, b.Constant() as limit):
            held: exp.Expr = _OPERATORS[operator](this=col("value"), expression=constant(limit))
            return _differs(left, held, events, at, holds_without_events(test))
        case b.Between((b.Sum() | b.Latest()) as value, low, high):
            held = exp.Between(this=col("value"), low=constant(low), high=constant(high))
            return _differs(value, held, events, at, holds_without_events(test))
    raise AssertionError(f"{test} is no pattern")


def _differs(value: b.Sum | b.Latest, held: exp.Expr, events: dict[str, str], at: int, default: bool) -> exp.Select:
    asked = selected(value.of, events, at)
    amount = col(f"p_{value.property}")
    if isinstance(value, b.Sum):
        total = cast(exp.Coalesce(this=exp.Sum(this=amount), expressions=[num(0)]), "DECIMAL(38,6)")
        found = exp.select(col("id"), named(total, "value")).from_(asked.subquery("e")).group_by(col("id"))
    else:
        latest = "row_number() OVER (PARTITION BY id ORDER BY at DESC, eid DESC) = 1"
        found = exp.select(col("id"), named(amount, "value")).from_(asked.subquery("e")).qualify(latest)
    answer = sure(held)
    return exp.select(col("id")).from_(found.subquery("v")).where(negated(paren(answer)) if default else answer)


def followed(test: b.Followed, events: dict[str, str], at: int) -> exp.Select:
    """The events of `first` of which the pattern is true (`id`, `eid`), and when it came true (`came`)."""
    first = selected(test.first, events, at, test.last)
    second = selected(test.second, events, at)
    end = paren(exp.Add(this=col("at", "a"), expression=num(test.within)))
    later = [
        exp.EQ(this=col("id", "b"), expression=col("id", "a")),
        exp.GT(this=col("at", "b"), expression=col("at", "a")),
        exp.LTE(this=col("at", "b"), expression=end),
    ]
    answers = exp.select("a.id", "a.eid", "a.at", named(exp.Min(this=col("at", "b")), "answer"))
    answers = answers.from_(first.subquery("a")).join(second.subquery("b"), on=every(later), join_type="left")
    grouped = answers.group_by("a.id", "a.eid", "a.at").subquery("p")
    out_of_time = paren(exp.Add(this=col("at"), expression=num(test.within)))
    came = out_of_time if test.negated else col("answer")
    held: exp.Expr = exp.LTE(this=came.copy(), expression=num(at))
    if test.negated:
        held = both(exp.Is(this=col("answer"), expression=exp.null()), held)
    return exp.select("id", "eid", named(came, "came")).from_(grouped).where(held)


def selected(of: b.Selection, events: dict[str, str], at: int, last: int | None = None) -> exp.Select:
    tests = inside(of, at)
    if last is not None:
        tests.append(exp.GT(this=col("at"), expression=num(at - last)))
    return exp.select("*").from_(table(events[of.event])).where(every(tests))


def inside(of: b.Selection, at: int) -> list[exp.Expr]:
    """What an event of that name has to pass to be one of a selection."""
    tests: list[exp.Expr] = [exp.LTE(this=col("at"), expression=num(at))]
    if of.last is not None:
        tests.append(exp.GT(this=col("at"), expression=num(at - of.last)))
    if of.where is not None:
        tests.append(condition(of.where, lambda test: FALSE.copy(), exp.null()))
    return tests
