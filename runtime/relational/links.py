"""The links of a run's sends: whose each code is, where it leads, and codes anew where two sends would have the same."""

from __future__ import annotations

import json
from collections.abc import Iterable

from sqlglot import exp

from dsl.program.ir import Program
from dsl.program.parts import parts
from runtime.engines.base import Engine
from runtime.outcomes import COLUMNS, LINKS
from runtime.relational.identity import link_code
from runtime.relational.sql import both, call, case, cast, col, concat, named, num, table, text

_PAGES = dict.fromkeys(("campaign", "step", "head", "tail", "confirm_verify"), "VARCHAR")
_NONE = exp.select(*(named(cast(exp.null(), "VARCHAR"), name) for name in ("code", "send_id"))).limit(0)


def link(engine: Engine, program: Program, taken: exp.Query | None = None) -> None:
    """`links` of what is `coded`; of a code that is another send's the texts of the `outcomes` hold the next.

    taken: code and send_id of earlier runs.
    """
    address = program.brand.link
    if address is None:
        engine.insert("links", LINKS, [])
        return
    engine.drop("rewritten")  # an earlier run's
    engine.create("linked", exp.select("*").from_(table("coded")))
    if _settle(engine, taken or _NONE):
        engine.create("rewritten", _rewritten(address))
        engine.view("outcomes", exp.select("*").from_(table("rewritten")))
    _lead(engine, program)


def _shown(address: str, code: exp.Expr, name: str) -> exp.Expr:
    """A link as it stands in a column: what is rich is JSON."""
    before, _, after = (json.dumps(address, ensure_ascii=False)[1:-1] if name == "rich" else address).partition(
        "{{ code }}"
    )
    return concat([text(before), code.copy(), text(after)])


def holds(address: str, code: exp.Expr, names: Iterable[str]) -> exp.Expr:
    """Whether one of the columns says the link that has a code."""
    return exp.or_(*(_stands(_shown(address, code, name), col(name)) for name in names))


def _stands(part: exp.Expr, value: exp.Expr) -> exp.Expr:
    return exp.GT(this=call("strpos", exp.Coalesce(this=value, expressions=[text("")]), part), expression=num(0))


def _settle(engine: Engine, taken: exp.Query) -> bool:
    """Until each code is one send's: who has it of an earlier run keeps it, else the lowest id; the others take their next code.

    Whoever holds a contested code gives it up to a lower id only, so that all come to what they would have in the order of ids.
    """
    engine.view("links_taken", taken)
    others = exp.select("count(*)").from_(table("linked", "c")).join(table("links_taken", "l"), on="l.code = c.code")
    moved = False
    while True:
        ((rows, codes),) = engine.rows(exp.select("count(*)", "count(DISTINCT code)").from_(table("linked")))
        ((held,),) = engine.rows(others.copy().where("l.send_id <> c.send_id"))
        if rows == codes and not held:
            return moved
        moved = True
        mine = "coalesce(l.send_id = c.send_id, false)"
        place = f"row_number() OVER (PARTITION BY c.code ORDER BY {mine} DESC, c.send_id)"
        late = f"coalesce(l.send_id <> c.send_id, false) OR {place} > 1"
        judged = exp.select("c.*", exp.alias_(late, "late")).from_(table("linked", "c"))
        judged = judged.join(table("links_taken", "l"), on="l.code = c.code", join_type="left")
        following = exp.Add(this=col("attempt", "j"), expression=num(1))
        attempt = case([(col("late", "j"), following)], col("attempt", "j"))
        code = case([(col("late", "j"), link_code(col("send_id", "j"), exp.paren(following.copy())))], col("code", "j"))
        again = exp.select("j.* EXCLUDE (late, code, attempt)", named(code, "code"), named(attempt, "attempt"))
        again = again.from_(judged.subquery("j")).join(table("link_key"), join_type="cross")
        engine.create("linked", again)


def _rewritten(address: str) -> exp.Select:
    """`outcomes` with the codes that are not the first ones in their texts."""
    values: dict[str, exp.Expr] = {name: col(name, "o") for name in COLUMNS}
    for alias, names in (("m", ("text", "rich")), ("c", ("confirm_text",))):
        for name in names:
            old = _shown(address, col("first", alias), name)
            new = _shown(address, col("code", alias), name)
            there = exp.Is(this=col("code", alias), expression=exp.null())
            values[name] = case([(there, values[name].copy())], exp.func("REPLACE", values[name], old, new))
    first = named(link_code(col("send_id", "x"), "0"), "first")
    moved = (
        exp.select("x.send_id", "x.code", first).from_(table("linked", "x")).join(table("link_key"), join_type="cross")
    )
    moved = moved.where("x.attempt > 0")
    query = exp.select(*(named(cast(values[name], type), name) for name, type in COLUMNS.items()))
    query = query.from_(table("outcomes", "o"))
    query = query.join(moved.subquery("m"), on="m.send_id = o.send_id", join_type="left")
    return query.join(moved.copy().subquery("c"), on="c.send_id = o.confirm_id", join_type="left")


def _lead(engine: Engine, program: Program) -> None:
    """`links`: the columns of runtime/outcomes.py's LINKS."""
    rows = []
    for part in parts(program):
        head, tail = _page(part.campaign.page) if part.campaign.page else (None, None)
        rows.append((part.campaign.name, part.step, head, tail, part.confirm.verify if part.confirm else None))
    engine.insert("pages", _PAGES, rows)
    verify = case([(col("confirms", "l"), col("confirm_verify", "p"))], col("verify", "l"))
    asks = exp.Coalesce(this=exp.DPipe(this=text("&verify="), expression=exp.paren(verify)), expressions=[text("")])
    page = concat([col("head", "p"), col("code", "l"), asks, col("tail", "p")])
    values = {name: col(name, "l") for name in LINKS if name != "page"} | {"page": page}
    query = exp.select(*(named(cast(values[name], type), name) for name, type in LINKS.items()))
    query = query.from_(table("linked", "l"))
    engine.create("links", query.join(table("pages", "p"), on=both("p.campaign = l.campaign", "p.step = l.step")))


def _page(page: str) -> tuple[str, str]:
    """What stands before a code in the address that is led to, and what behind it."""
    before, mark, fragment = page.partition("#")
    return before + ("&" if "?" in before else "?") + "c=", mark + fragment
