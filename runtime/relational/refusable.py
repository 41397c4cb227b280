"""Which texts have to be known before caps are applied: those that something may refuse, or whose price a budget counts.

All others are written out for what is sent only. What may refuse a text is its length and a banned word; both are bounded by
what copy shows of the customers: the longest of each value, and whether a value shares a letter with a word.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlglot import exp

from dsl.program.ir import PolicySpec, Program
from dsl.program.judged import bans_of
from dsl.program.parts import Part
from dsl.render.segments import segments
from dsl.templates import copy
from runtime.engines.base import Engine
from runtime.relational.copy import Asked, Copy
from runtime.relational.folded import Folded, folded, templates
from runtime.relational.sql import both, case, col, named, num, table
from runtime.relational.suspicion import suspicion
from runtime.relational.variables import LINK, Variables

Pair = tuple[int, int]  # a part and its message


def urgent(
    engine: Engine, program: Program, parts: tuple[Part, ...], pairs: Iterable[Pair], variables: Variables
) -> None:
    """`urgent`: r of the rows of `variables` whose text has to be known before caps."""
    policies, given = {policy.name: policy for policy in program.policies}, variables.given()
    longest = _longest(engine, len(variables.asked))
    tests: list[tuple[exp.Expr, exp.Expr]] = []
    for p, m in pairs:
        part = parts[p]
        policy, own = policies[part.campaign.policy], folded(program, part.campaign, part.messages[m].template)
        spoken = [folded(program, part.campaign, one) for one in templates(part.messages[m])]
        spoken += [folded(program, part.campaign, part.confirm.template)] if part.confirm else []
        lengths = {one: longest[p, m][at] for at, one in enumerate(variables.asked) if isinstance(one, copy.Show)}
        known = all(_known(one, given) for one in spoken)
        fixed = not known or part.campaign.budget is not None or not _fits(policy, own, lengths, program)
        test = (
            exp.true()
            if fixed
            else suspicion(bans_of(policy, part.campaign), Copy(variables.held, col(LINK), given), spoken)
        )
        if test != exp.false():
            tests.append(
                (both(exp.EQ(this=col("p"), expression=num(p)), exp.EQ(this=col("m"), expression=num(m))), test)
            )
    asked = exp.select("r").from_(table("variables")).where(case(tests, exp.false()) if tests else exp.false())
    engine.create("urgent", asked)


def _longest(engine: Engine, count: int) -> dict[Pair, list[int]]:
    """By pair, how many characters the longest value of each variable has; of a test, what its answer has."""
    sizes = [named(exp.Max(this=exp.Length(this=exp.cast(col(f"x{at}"), "VARCHAR"))), f"l{at}") for at in range(count)]
    query = exp.select("p", "m", *sizes).from_(table("variables")).group_by("p", "m")
    return {(p, m): [size or 0 for size in found] for p, m, *found in engine.rows(query)}


def _known(parts: Folded, given: Mapping[Asked, exp.Expr]) -> bool:
    """Whether all that copy shows is a variable's or the link: what is looked up beside them is not measured here."""
    for part in parts:
        if isinstance(part, copy.Show) and part.path != (LINK,) and part not in given:
            return False
        if isinstance(part, copy.Choice) and not (_known(part.then, given) and _known(part.otherwise, given)):
            return False
    return True


def _fits(policy: PolicySpec, parts: Folded, lengths: Mapping[copy.Show, int], program: Program) -> bool:
    """Whether the longest text there can be keeps every limit of every date, whatever its characters are."""
    units = _units(parts, lengths, len(program.brand.link or "") + _CODE)
    limits = [one.segments for one in policy.dated_limits] + ([] if policy.limit is None else [policy.limit])
    return all(segments("好" * units) <= most for most in limits) and all(
        units <= one.characters for one in policy.lengths
    )


_CODE = 20  # more than a link's code has


def _units(parts: Folded, lengths: Mapping[copy.Show, int], link: int) -> int:
    """UTF-16 units of the longest text. A customer's character may take two."""
    count = 0
    for part in parts:
        match part:
            case copy.Text(written):
                count += len(written.encode("utf-16-le")) // 2
            case copy.Show(path):
                count += link if path == (LINK,) else 2 * lengths[part]
            case copy.Choice(_, then, otherwise):
                count += max(_units(then, lengths, link), _units(otherwise, lengths, link))
    return count
