"""The loans that a product offers, `plan 12 months at 3.8%`, and the events with which customers ask for one."""

from __future__ import annotations

from dsl.behaviour import Selection
from dsl.diagnostics import Place
from dsl.model import Placed
from dsl.quantities import Duration, canonical
from dsl.resolve.conditions import Conditions
from dsl.resolve.numbers import fits
from dsl.resolve.scope import Block, Scope
from dsl.rules import names, values
from dsl.syntax import expr as ast
from dsl.terms import Instalments

# What an event has to tell of a loan that was asked for.
ASKED = {"amount": "money", "months": "number"}


def plans(scope: Scope, block: Block) -> tuple[Instalments, ...]:
    found: dict[int, Instalments] = {}
    first: dict[int, Place] = {}
    for statement in block.all("product_plan"):
        length, *rates = statement.parts
        assert isinstance(length, ast.Literal) and isinstance(length.value, Duration)
        count, place = length.value.count, scope.place(length.span)
        if length.value.unit != "MONTH" or count % 1 or not 1 <= count <= 600:
            why = "A loan is paid back in 1 to 600 monthly instalments"
            scope.tell(values.length_does_not_fit(place, why, "Write whole months, as `plan 12 months at 4.2%`."))
            continue
        if int(count) in first:
            scope.tell(names.stated_twice(place, f"plan {count} months", first[int(count)]))
            continue
        first[int(count)] = place
        written = [_rate(scope, rate) for rate in rates if isinstance(rate, ast.Literal)]
        if all(written):
            found[int(count)] = Instalments(int(count), *written)  # type: ignore[arg-type]
    return tuple(sorted(found.values(), key=lambda one: one.months))


def _rate(scope: Scope, written: ast.Literal) -> str | None:
    assert isinstance(written.value, ast.Percent)
    share, place = written.value.share, scope.place(written.span)
    if share > 1:
        why = "No loan costs more than 100% a year"
        return scope.tell(values.number_does_not_fit(place, why, "Write the yearly rate, as 3.8%."))
    return canonical(share) if fits(scope, place, share, 6) else None


def calculator(scope: Scope, block: Block, conditions: Conditions) -> Placed[Selection] | None:
    statement = block.one("product_calculator")
    if statement is None:
        return None
    (written,) = statement.parts
    assert isinstance(written, ast.Selection)
    of, place = conditions.selection(written), scope.place(statement.span)
    if of is None:
        return None
    known = conditions.names.events[of.event].properties
    for name, base in ASKED.items():
        if name not in known or known[name].type.base != base:
            return scope.tell(names.not_stated(place, f"The event `{of.event}`", f"{name} {base}"))
    return Placed(of, place)
