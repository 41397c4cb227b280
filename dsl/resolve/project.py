"""All files of a project → one model. Their declarations share one namespace; the order of files means nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TypeVar

import grammar
from dsl import catalog
from dsl.diagnostics import Diagnostic, Place
from dsl.model import Brand, Campaign, EventDef, FieldDef, Funnel, Measure, Model, Retired
from dsl.resolve import definitions, schema
from dsl.resolve.campaigns import campaign
from dsl.resolve.conditions import Conditions, Names
from dsl.resolve.extending import extended
from dsl.resolve.policies import policy
from dsl.resolve.scope import Scope
from dsl.resolve.trials import trial
from dsl.rules import names
from dsl.source import Source, Span
from dsl.syntax.expr import Literal, Name
from dsl.syntax.tree import Declaration, File
from dsl.types import Type

T = TypeVar("T")
_Declared = list[tuple[Scope, Declaration]]


def resolve(
    files: Iterable[File], elsewhere: Mapping[str, frozenset[str]], packs: Iterable[File] = ()
) -> tuple[Model | None, list[Diagnostic]]:
    """The model (None where the bank itself, brand and customer, is not there) and everything found on the way.

    elsewhere: steps of campaigns that are declared in other files, which tests may speak of. packs: policies that are
    extended and stand in no file of the project.
    """
    ordered = sorted(files, key=lambda file: file.source.path)
    unread = frozenset[str]().union(*(file.unread for file in ordered))
    scope = Scope(Source("", ""), unread)
    declared: dict[str, _Declared] = {}
    for file in (*ordered, *packs):
        for declaration in file.declarations:
            where = scope.inside(file.source).of(declaration)
            declared.setdefault(declaration.kind, []).append((where, declaration))
    brand = _brand(scope, declared, ordered)
    if "customer" not in declared and "CUSTOMER" not in unread and ordered:
        scope.tell(names.not_stated(Place(ordered[0].source, Span(0, 0)), "The project", "customer { id key … }"))
    if brand is None or "customer" not in declared:
        return None, scope.found
    currency = brand.currency
    fields = _customer(declared, currency)
    brand = replace(brand, reach=schema.reach(*declared["brand"][0], fields), broken=declared["brand"][0][1].broken)
    events = _builtin_events() | _each(declared, "event", lambda where, one: schema.event(where, one, currency))
    calendars = _each(declared, "calendar", definitions.calendar)
    dates = {name: one.value for name, one in calendars.items()}
    known = Names(fields, events, {}, dates)
    products = _each(
        declared, "product", lambda where, one: schema.product(where, one, currency, Conditions(where, known))
    )
    written = {kind: _each(declared, kind, lambda where, one: (where, one)) for kind in ("segment", "lifecycle")}
    groups = definitions.Groups(written["segment"], written["lifecycle"], known)
    funnels: dict[str, Funnel | None] = _each(
        declared, "funnel", lambda where, one: definitions.funnel(where, one, known)
    )
    measures: dict[str, Measure | None] = _each(
        declared, "measure", lambda where, one: definitions.measure(where, one, known)
    )
    policies = _each(
        declared, "policy", lambda where, one: policy(where, one, Conditions(where.knowing(groups.failed), known))
    )
    where_of = {one.name.text: where for where, one in reversed(declared.get("policy", [])) if one.name}
    policies = extended(policies, where_of)
    live = {"campaign": [one for one in declared.get("campaign", []) if not _retired(one[1])]}
    retired = {"campaign": [one for one in declared.get("campaign", []) if _retired(one[1])]}
    campaigns: dict[str, Campaign | None] = _each(
        live,
        "campaign",
        lambda where, one: campaign(
            where, one, Conditions(where.knowing(groups.failed), known), products, policies, currency
        ),
    )
    gone: dict[str, Retired] = _each(retired, "campaign", lambda where, one: Retired(_kind(one), where.place(one.span)))
    kept = {name: one for name, one in campaigns.items() if one is not None}
    declared_campaigns = {**elsewhere} | {
        one.name.text: steps_of(one) for _, one in declared.get("campaign", []) if one.name
    }
    trials = [
        trial(where, one, Conditions(where.knowing(groups.failed), known), declared_campaigns)
        for where, one in declared.get("test", [])
    ]
    model = Model(
        brand,
        fields,
        events,
        products,
        groups.segments,
        calendars,
        groups.lifecycles,
        {name: one for name, one in funnels.items() if one is not None},
        {name: one for name, one in measures.items() if one is not None},
        policies,
        kept,
        gone,
        tuple(one for one in trials if one is not None),
    )
    return model, scope.found


def steps_of(declaration: Declaration) -> frozenset[str]:
    """The names of a campaign's steps and answers, as they are written."""
    found = set()
    for statement in declaration.statements:
        if statement.kind == "step" and isinstance(statement.parts[0], Name):
            found.add(statement.parts[0].text)
        elif statement.kind == "reply" and isinstance(statement.parts[0], Literal):
            found.add(catalog.answer(str(statement.parts[0].value).strip()))
    return frozenset(found)


def _kind(declaration: Declaration) -> str | None:
    written = next((one.parts[0] for one in declaration.statements if one.kind == "campaign_kind"), None)
    found = grammar.in_english("kinds", written.text) if isinstance(written, Name) else None
    return found if found in catalog.KINDS else None


def _retired(declaration: Declaration) -> bool:
    return any(statement.kind == "campaign_retired" for statement in declaration.statements)


def _each(declared: dict[str, _Declared], kind: str, build: Callable[[Scope, Declaration], T]) -> dict[str, T]:
    """What `build` makes of every declaration of a kind, by name; a second one of a name is told and left out."""
    found: dict[str, T] = {}
    first: dict[str, Place] = {}
    for scope, declaration in declared.get(kind, []):
        assert declaration.name is not None
        name, place = declaration.name.text, scope.place(declaration.name.span)
        if name in first or (kind == "event" and name in catalog.EVENTS | catalog.DERIVED):
            scope.tell(names.declared_twice(place, kind, name, first.get(name)))
            continue
        first[name] = place
        found[name] = build(scope, declaration)
    return found


def _brand(scope: Scope, declared: dict[str, _Declared], files: list[File]) -> Brand | None:
    found = declared.get("brand", [])
    for where, again in found[1:]:
        where.tell(names.declared_twice(where.place(again.span), "brand", "", found[0][0].place(found[0][1].span)))
    if found:
        return schema.brand(*found[0])
    if "BRAND" not in scope.unread and files:
        place = Place(files[0].source, Span(0, 0))
        scope.tell(names.not_stated(place, "The project", 'brand NAME "…" { zone "Asia/Shanghai"; currency CNY }'))
    return None


def _customer(declared: dict[str, _Declared], currency: str) -> dict[str, FieldDef]:
    found = declared.get("customer", [])
    for where, again in found[1:]:
        where.tell(names.declared_twice(where.place(again.span), "customer", "", found[0][0].place(found[0][1].span)))
    return schema.customer(*found[0], currency) if found else {}


def _builtin_events() -> dict[str, EventDef]:
    return {
        name: EventDef(
            name,
            {prop: FieldDef(prop, Type(base, optional=True), False, None) for prop, base in properties.items()},
            None,
        )
        for name, properties in (catalog.EVENTS | catalog.DERIVED).items()
    }
