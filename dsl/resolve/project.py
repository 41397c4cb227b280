"""All files of a project → one model. Their declarations share one namespace; the order of files means nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from dsl import catalog
from dsl.behaviour import Condition
from dsl.diagnostics import Diagnostic, Place
from dsl.model import Brand, Campaign, EventDef, FieldDef, Model, Segment
from dsl.resolve import schema
from dsl.resolve.campaigns import campaign
from dsl.resolve.conditions import Conditions, Names
from dsl.resolve.policies import policy
from dsl.resolve.scope import Scope
from dsl.rules import names
from dsl.source import Source, Span
from dsl.syntax.expr import Expr, Group, InSegment, Not
from dsl.syntax.tree import Declaration, File
from dsl.types import Type

T = TypeVar("T")
_Declared = list[tuple[Scope, Declaration]]


def resolve(files: Iterable[File]) -> tuple[Model | None, list[Diagnostic]]:
    """The model (None where the bank itself, brand and customer, is not there) and everything found on the way."""
    ordered = sorted(files, key=lambda file: file.source.path)
    unread = frozenset[str]().union(*(file.unread for file in ordered))
    scope = Scope(Source("", ""), unread)
    declared: dict[str, _Declared] = {}
    for file in ordered:
        for declaration in file.declarations:
            declared.setdefault(declaration.kind, []).append((scope.inside(file.source), declaration))
    brand = _brand(scope, declared, ordered)
    if "customer" not in declared and "CUSTOMER" not in unread and ordered:
        scope.tell(names.not_stated(Place(ordered[0].source, Span(0, 0)), "The project", "customer { id key … }"))
    if brand is None or "customer" not in declared:
        return None, scope.found
    currency = brand.currency
    fields = _customer(declared, currency)
    events = _builtin_events() | _each(declared, "event", lambda where, one: schema.event(where, one, currency))
    products = _each(declared, "product", lambda where, one: schema.product(where, one, currency))
    segments, tests, failed = _segments(declared, fields, events)
    policies = _each(declared, "policy", lambda where, one: policy(where, one, fields))
    known = Names(fields, events, tests)
    live = {"campaign": [one for one in declared.get("campaign", []) if not _retired(one[1])]}
    retired = {"campaign": [one for one in declared.get("campaign", []) if _retired(one[1])]}
    campaigns: dict[str, Campaign | None] = _each(
        live,
        "campaign",
        lambda where, one: campaign(where, one, Conditions(where.knowing(failed), known), products, policies),
    )
    gone: dict[str, Place] = _each(retired, "campaign", lambda where, one: where.place(one.span))
    kept = {name: one for name, one in campaigns.items() if one is not None}
    return Model(brand, fields, events, products, segments, policies, kept, gone), scope.found


def _retired(declaration: Declaration) -> bool:
    return any(statement.kind == "campaign_retired" for statement in declaration.statements)


def _each(declared: dict[str, _Declared], kind: str, build: Callable[[Scope, Declaration], T]) -> dict[str, T]:
    """What `build` makes of every declaration of a kind, by name; a second one of a name is told and left out."""
    found: dict[str, T] = {}
    first: dict[str, Place] = {}
    for scope, declaration in declared.get(kind, []):
        assert declaration.name is not None
        name, place = declaration.name.text, scope.place(declaration.name.span)
        if name in first or (kind == "event" and name in catalog.EVENTS):
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
        for name, properties in catalog.EVENTS.items()
    }


def _segments(
    declared: dict[str, _Declared], fields: dict[str, FieldDef], events: dict[str, EventDef]
) -> tuple[dict[str, Segment], dict[str, Condition], set[str]]:
    """Segments in the order that their mentions of one another ask for, and the names of those with a mistake."""
    written = _each(declared, "segment", lambda scope, one: (scope, one))
    tests: dict[str, Condition] = {}
    segments: dict[str, Segment] = {}
    open_: list[str] = []
    failed: set[str] = set()

    def build(name: str) -> None:
        scope, one = written[name]
        assert one.name is not None
        if name in segments or name in failed:
            return
        if name in open_:
            scope.tell(names.segment_in_itself(scope.place(one.name.span), name))
            failed.add(name)
            return
        open_.append(name)
        (statement,) = one.statements
        test: Expr = statement.parts[0]  # type: ignore[assignment]
        for other in _mentioned(test):
            if other in written:
                build(other)
        open_.pop()
        known = Names(fields, events, tests)
        built = None if name in failed else Conditions(scope.knowing(failed), known).condition(test)
        if built is None:
            failed.add(name)
            return
        tests[name] = built
        title = str(one.title.value) if one.title else name
        segments[name] = Segment(name, title, built, scope.place(one.name.span))

    for name in written:
        build(name)
    return segments, tests, failed


def _mentioned(test: Expr) -> Iterable[str]:
    match test:
        case InSegment(name):
            yield name.text
        case Not(operand):
            yield from _mentioned(operand)
        case Group(_, items):
            for item in items:
                yield from _mentioned(item)
