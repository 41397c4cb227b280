"""Campaigns."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TypeVar

from dsl import behaviour, catalog
from dsl.diagnostics import Place
from dsl.model import Campaign, Placed, Policy, Product
from dsl.quantities import Money
from dsl.resolve import starts
from dsl.resolve.conditions import Conditions
from dsl.resolve.messages import confirmation, said
from dsl.resolve.numbers import fits, share, whole
from dsl.resolve.scope import Block, Scope
from dsl.resolve.steps import exits, goal, replies, steps
from dsl.resolve.windows import cap, kind, window
from dsl.rules import names, values
from dsl.syntax import expr as ast
from dsl.syntax import tree
from dsl.terms import BeforeDate, Once
from dsl.types import Type

T = TypeVar("T")
# A field that copy shows or asks about. Copy is not parsed here: Jinja is slow to import.
_SHOWN = re.compile(r"\bcustomer\s*\.\s*(\w+)")


def campaign(
    scope: Scope,
    declaration: tree.Declaration,
    conditions: Conditions,
    products: dict[str, Product],
    policies: dict[str, Policy],
    currency: str,
) -> Campaign | None:
    assert declaration.name is not None
    block = Block(scope, declaration, "campaign_")
    rules = _named(scope, block, "campaign_policy", "policy", policies)
    product = _named(scope, block, "campaign_product", "product", products)
    written_kind = block.part("campaign_kind")
    runs = _runs(scope, block)
    audience = _audience(scope, block, conditions)
    start = starts.start(scope, block, conditions)
    arms = _arms(scope, block)
    inside = replace(conditions, names=replace(conditions.names, arms=tuple(name for name, _ in arms)))
    messages = said(scope, block.all("message"), inside, "campaign")
    for kinds, statement in (
        (("campaign_policy",), "policy cn_bank_marketing"),
        (("campaign_kind",), "kind product_reminder"),
        (("campaign_runs",), "runs 2026-03-01..2026-04-30"),
        (("campaign_audience",), 'audience { region = "county" }'),
        (starts.KINDS, "start once"),
        (("message",), 'message sms { text "…" }'),
    ):
        if not any(block.all(one) for one in kinds):
            block.lacks("The campaign", statement)
    confirm = confirmation(scope, declaration.statements, inside)
    known_kind = kind(scope, written_kind) if isinstance(written_kind, ast.Name) else None
    kind_name = known_kind or ""
    followed, answers = steps(scope, block, inside, kind_name), replies(scope, block, inside)
    leaves, aim = exits(scope, block, conditions), goal(scope, block, conditions)
    caps = [cap(scope, statement, conditions) for statement in block.all("cap")]
    holdout, priority = block.part("campaign_holdout"), block.part("campaign_priority")
    window_line, former = block.one("campaign_window"), block.part("former")
    own = window(scope, window_line, conditions.names.calendars) if window_line else None
    again, expire = (_length(scope, block, f"campaign_{what}", conditions) for what in ("again", "expire"))
    pace, budget = _pace(scope, block), _budget(scope, block, currency)
    share_held = share(scope, holdout) if isinstance(holdout, ast.Literal) else Decimal(0)
    weight = whole(scope, priority) if isinstance(priority, ast.Literal) else None
    if declaration.broken:  # what is lost with a statement is taken for something, so that the rest is still checked
        kind_name = kind_name or (catalog.KINDS[0] if written_kind is None else "")
        audience = audience if audience is not None else ()
        start = start or Placed(Once(), scope.place(declaration.span))
    if not (rules and kind_name and runs and audience is not None and start and messages):
        return None
    built = Campaign(
        declaration.name.text,
        str(declaration.title.value) if declaration.title else declaration.name.text,
        product,
        kind_name,
        rules,
        runs,
        weight or 0,
        audience,
        start,
        again,
        own if window_line else product.window if product else None,
        expire,
        tuple(one for one in caps if one is not None),
        share_held,
        arms,
        messages,
        scope.place(declaration.name.span),
        Placed(former.text, scope.place(former.span)) if isinstance(former, ast.Name) else None,
        pace,
        budget,
        confirm,
        followed,
        answers,
        leaves,
        aim,
        block.text("campaign_page") or (product.page if product else None),
    )
    # A product that is not known is told where it is named, and not again wherever copy speaks of it.
    lost = product is None and block.part("campaign_product") is not None
    return replace(built, broken=declaration.broken or lost, sensitive=_sensitive(built, conditions))


def _sensitive(campaign: Campaign, conditions: Conditions) -> Placed[str] | None:
    """The first sensitive field that decides whom the campaign reaches, or with which words."""
    tests = [(line.value, line.place) for line in campaign.audience]
    tests += [(one.message.when, one.message.place) for one in campaign.spoken() if one.message.when is not None]
    tests += [(cap.value.when, cap.place) for cap in campaign.caps if cap.value.when is not None]
    asked = [(name, place) for test, place in tests for name in behaviour.fields(test)]
    if isinstance(campaign.start.value, BeforeDate):
        asked.append((campaign.start.value.field, campaign.start.place))
    for one in campaign.spoken():
        for element, place in zip(one.message.elements, one.message.places, strict=True):
            asked += [(name, place) for name in _SHOWN.findall(element.text)]
    fields = conditions.names.fields
    return next((Placed(name, place) for name, place in asked if name in fields and fields[name].sensitive), None)


def _pace(scope: Scope, block: Block) -> Placed[int] | None:
    part = block.part("campaign_pace")
    count = whole(scope, part, least=1) if isinstance(part, ast.Literal) else None
    return Placed(count, scope.place(part.span)) if count is not None and isinstance(part, ast.Literal) else None


def _budget(scope: Scope, block: Block, currency: str) -> Placed[Decimal] | None:
    part = block.part("campaign_budget")
    if not isinstance(part, ast.Literal) or not isinstance(part.value, Money):
        return None
    place = scope.place(part.span)
    if part.value.currency != currency:
        money = Type("money", currency), Type("money", part.value.currency)
        return scope.tell(values.units_differ(place, *money, f"Write {currency}, the brand's currency."))
    return Placed(part.value.amount, place) if fits(scope, place, part.value.amount, 2) else None


def _named(scope: Scope, block: Block, kind: str, what: str, known: dict[str, T]) -> T | None:
    name = block.part(kind)
    if not isinstance(name, ast.Name):
        return None
    if name.text not in known:
        scope.unknown(what, name.text, name.span, known)
    return known.get(name.text)


def _runs(scope: Scope, block: Block) -> Placed[tuple[date, date]] | None:
    written = block.part("campaign_runs")
    if not isinstance(written, tree.Range):
        return None
    first, last = written.low.value, written.high.value
    assert isinstance(first, date) and isinstance(last, date)
    place = scope.place(written.span)
    if first > last:
        help = "Write the first day first; both ends are in."
        scope.tell(values.number_does_not_fit(place, "The campaign ends before it begins", help))
        return None
    if first.year < 1970 or last.year > 2999:
        help = "Write the years in which messages are sent."
        scope.tell(values.number_does_not_fit(place, "A campaign runs between the years 1970 and 2999", help))
        return None
    return Placed((first, last), place)


def _audience(scope: Scope, block: Block, conditions: Conditions) -> tuple[Placed[behaviour.Condition], ...] | None:
    statement = block.one("campaign_audience")
    if statement is None:
        return None
    built = [conditions.condition(line) for line in statement.parts]  # type: ignore[arg-type]
    places = [scope.place(line.span) for line in statement.parts]
    lines = tuple(Placed(test, place) for test, place in zip(built, places, strict=True) if test is not None)
    return lines if len(lines) == len(built) else None


def _length(scope: Scope, block: Block, kind: str, conditions: Conditions) -> Placed[int] | None:
    part = block.part(kind)
    size = conditions.length(part) if isinstance(part, ast.Literal) else None
    return Placed(size, scope.place(part.span)) if size and isinstance(part, ast.Literal) else None


def _arms(scope: Scope, block: Block) -> tuple[tuple[str, Decimal], ...]:
    statement = block.one("campaign_arms")
    if statement is None:
        return ()
    found: dict[str, Decimal] = {}
    first: dict[str, Place] = {}
    for arm in statement.inner:
        name, part = arm.parts
        assert isinstance(name, ast.Name) and isinstance(part, ast.Literal)
        if name.text in found:
            scope.tell(names.declared_twice(scope.place(name.span), "arm", name.text, first[name.text]))
            return ()
        found[name.text], first[name.text] = share(scope, part), scope.place(name.span)
    if sum(found.values()) != 1:
        help = "Write shares that add up to 100%; `holdout` is for those who get nothing."
        scope.tell(values.number_does_not_fit(scope.place(statement.span), "The arms do not add up to 100%", help))
    return tuple(found.items())
