"""What copy may mention, with its type, and what each filter takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from dsl.model import Brand, Campaign, EventDef, FieldDef
from dsl.render.filters import FILTERS
from dsl.templates import copy
from dsl.types import Type

# Filter → base types that it takes.
TAKES = {
    "salutation": {"customer"},
    "wan": {"money"},
    "money": {"money"},
    "percent": {"rate"},
    "date": {"date"},
    "mask": {"text", "key", "phone", "choice"},
    "monthly_saving": {"plan"},
}
CUSTOMER = Type("customer")
PLAN = Type("plan", optional=True)
_TEXT, _DATE = Type("text"), Type("date")
# What copy can say of the repayment plan that fits what the customer asked for.
OF_PLAN = {
    "amount": "money",
    "months": "number",
    "rate": "rate",
    "monthly": "money",
    "total": "money",
    "interest": "money",
}


@dataclass(frozen=True)
class Trouble:
    """`why`: unknown (name, known), missing, filter (unknown or unfit), test."""

    why: str
    path: copy.Path
    detail: str = ""
    known: tuple[str, ...] = ()
    type: Type | None = None


class Variables(Mapping[copy.Path, Type]):
    """Every path that a campaign's copy may show, looked up one by one: a project has many, and a message shows few."""

    def __init__(
        self, brand: Brand, campaign: Campaign, fields: Mapping[str, FieldDef], events: Mapping[str, EventDef]
    ) -> None:
        self.brand, self.product, self.fields, self.events = brand, campaign.product, fields, events

    def __getitem__(self, path: copy.Path) -> Type:
        match path:
            case ("customer",):
                return CUSTOMER
            case ("customer", name) if name in self.fields:
                return self.fields[name].type
            case ("product", "name") if self.product:
                return _TEXT
            case ("product", name) if self.product and name in self.product.facts:
                return self.product.facts[name].type
            case ("campaign", "begins" | "ends"):
                return _DATE
            case ("campaign" | "brand", "name"):
                return _TEXT
            case ("link",) if self.brand.link:
                return _TEXT
            case ("plan",) if self._plans:
                return PLAN
            case ("plan", name) if self._plans and name in OF_PLAN:
                base = OF_PLAN[name]
                return Type(base, self.brand.currency if base == "money" else "", optional=True)
            case ("latest", event, name) if event in self.events and name in self.events[event].properties:
                return replace(self.events[event].properties[name].type, optional=True)
        raise KeyError(path)

    @property
    def _plans(self) -> bool:
        return bool(self.product and self.product.plans and self.product.calculator)

    def __iter__(self) -> Iterator[copy.Path]:
        yield ("customer",)
        yield from (("customer", name) for name in self.fields)
        if self.product:
            yield from (("product", name) for name in ("name", *self.product.facts))
        yield from (("campaign", "begins"), ("campaign", "ends"), ("campaign", "name"), ("brand", "name"))
        if self.brand.link:
            yield ("link",)
        if self._plans:
            yield ("plan",)
            yield from (("plan", name) for name in OF_PLAN)
        for event in self.events.values():
            yield from (("latest", event.name, name) for name in event.properties)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def check(
    parts: tuple[copy.Part, ...], known: Mapping[copy.Path, Type], sure: frozenset[copy.Path]
) -> Iterator[Trouble]:
    """What is wrong with the variables of a copy. `sure`: paths that an enclosing `if` has seen not to be missing."""
    for part in parts:
        match part:
            case copy.Show(path, filters):
                yield from _show(path, filters, known, sure)
            case copy.Choice(test, then, otherwise):
                yield from _test(test, known)
                yield from check(then, known, sure | _seen(test))
                yield from check(otherwise, known, sure)


def _show(
    path: copy.Path, filters: tuple[copy.Filter, ...], known: Mapping[copy.Path, Type], sure: frozenset[copy.Path]
) -> Iterator[Trouble]:
    type = known.get(path)
    if type is None:
        yield _unknown(path, known)
        return
    names = [filter.name for filter in filters]
    for filter in filters:
        if filter.name not in FILTERS:
            yield Trouble("filter", path, filter.name, tuple(FILTERS))
            return
        needs = filter.name == "default"
        if (filter.argument is not None) != needs:
            yield Trouble("argument", path, filter.name)
            return
    shaping = [name for name in names if name != "default"]
    if len(shaping) > 1 or (shaping and "default" in names[: names.index(shaping[0])]):
        yield Trouble("order", path, shaping[-1])
    elif shaping and type.base not in TAKES[shaping[0]]:
        yield Trouble("unfit", path, shaping[0], type=type)
    elif not shaping and type.base in ("customer", "plan"):
        yield Trouble("unfit", path, "", type=type)
    elif type.optional and "default" not in names and path not in sure and path[:1] not in sure:
        yield Trouble("missing", path)


def _test(test: copy.Test, known: Mapping[copy.Path, Type]) -> Iterator[Trouble]:
    match test:
        case copy.Negated(item):
            yield from _test(item, known)
        case copy.Joined(_, left, right):
            yield from _test(left, known)
            yield from _test(right, known)
        case copy.Truthy(path):
            if path not in known or path == ("customer",):
                yield _unknown(path, known)
        case copy.Same(path, operator, value):
            type = known.get(path)
            if type is None or path == ("customer",):
                yield _unknown(path, known)
                return
            number = type.base in ("money", "number", "rate")
            if number != isinstance(value, int) or type.base in ("flag", "date", "length"):
                yield Trouble("compare", path, str(value), type=type)
            elif type.base == "choice" and value not in type.options:
                yield Trouble("option", path, str(value), type.options)
            elif operator not in ("eq", "ne") and (type.optional or not number):
                yield Trouble("ordered", path, type=type)


def _seen(test: copy.Test) -> frozenset[copy.Path]:
    """Paths that cannot be missing where the test holds."""
    match test:
        case copy.Truthy(path):
            return frozenset({path})
        case copy.Same(path, operator, _):
            return frozenset({path}) if operator != "ne" else frozenset()
        case copy.Joined("and", left, right):
            return _seen(left) | _seen(right)
    return frozenset()


def _unknown(path: copy.Path, known: Mapping[copy.Path, Type]) -> Trouble:
    """The first word of the path that leads nowhere, and what could stand there."""
    for place, word in enumerate(path):
        here = {name[place] for name in known if name[:place] == path[:place] and len(name) > place}
        if word not in here:
            return Trouble("unknown", path, word, tuple(sorted(here)))
    longer = {name[len(path)] for name in known if name[: len(path)] == path and len(name) > len(path)}
    return Trouble("unknown", path, path[-1], tuple(sorted(longer or {name[0] for name in known})))
