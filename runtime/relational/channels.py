"""By which channel a message reaches a customer, and what goes beside it."""

from __future__ import annotations

from sqlglot import exp

from dsl.catalog import TASK, TO_PHONES
from dsl.program.ir import Program
from dsl.program.parts import parts
from runtime.relational.sql import both, case, col, either, negated, paren, sure, text


def reaches(program: Program, channel: exp.Expr) -> exp.Expr:
    """Over `phone` and the flags f_… of a customer; false where no channel is named.

    A task is for the bank's own staff: it reaches them whatever is known of the customer.
    """
    tests = [(exp.EQ(this=channel.copy(), expression=text(name)), _reaches(program, name)) for name in _used(program)]
    return paren(case(tests, exp.false()))


def meets(program: Program, channel: exp.Expr) -> exp.Expr:
    """Whether a fallback or a confirmation on the channel comes to this customer, and to nobody else."""
    return both(reaches(program, channel), negated(shared(channel)))


def shared(channel: exp.Expr) -> exp.Expr:
    """Whether it would go to a phone that is another customer's, of a lower key."""
    mine = either(exp.Is(this=col("phone"), expression=exp.null()), col("owner"))
    return paren(both(to_phone(channel), negated(paren(mine))))


def recipient(channel: exp.Expr) -> exp.Expr:
    """Who counts as one for caps: the phone; the customer on channels that need none."""
    return case([(to_phone(channel), col("phone"))], exp.Coalesce(this=col("phone"), expressions=[col("key")]))


def to_phone(channel: exp.Expr) -> exp.Expr:
    return sure(exp.In(this=channel.copy(), expressions=[text(name) for name in TO_PHONES]))


def _used(program: Program) -> list[str]:
    """The channels that the program knows, so that no engine is asked about others."""
    found: set[str] = set()
    for part in parts(program):
        several = (*part.messages, *([part.confirm] if part.confirm else ()))
        found |= {name for message in several for name in (message.channel, message.otherwise) if name}
    return sorted(found)


def _reaches(program: Program, channel: str) -> exp.Expr:
    if channel == TASK:
        return exp.true()
    tests: list[exp.Expr] = []
    if channel in TO_PHONES:
        tests.append(negated(exp.Is(this=col("phone"), expression=exp.null())))
    if channel in program.brand.reach:
        tests.append(sure(col(f"f_{program.brand.reach[channel]}")))
    return both(*tests) if tests else exp.true()
