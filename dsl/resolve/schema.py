"""Brand, customer schema, events and products."""

from __future__ import annotations

from decimal import Decimal

from dsl import catalog
from dsl.behaviour import Constant
from dsl.model import Brand, EventDef, Fact, FactDef, FieldDef, Placed, Product
from dsl.quantities import Duration, Money
from dsl.resolve.scope import Block, Scope
from dsl.resolve.settings import country, region, zone
from dsl.resolve.windows import window
from dsl.rules import names, values
from dsl.syntax import expr as ast
from dsl.syntax.tree import Declaration, Field, Range, Statement
from dsl.types import Type

_BASES = {
    "KEY": "key",
    "PHONE": "phone",
    "TEXT": "text",
    "MONEY": "money",
    "DATE_TYPE": "date",
    "FLAG": "flag",
    "ZONE": "zone",
    "NUMBER_TYPE": "number",
    "RATE": "rate",
    "ONE_OF": "choice",
}


def brand(scope: Scope, declaration: Declaration) -> Brand | None:
    block = Block(scope, declaration, "brand_")
    title = declaration.title
    assert declaration.name is not None and title is not None

    def text(kind: str) -> Placed[str] | None:
        part = block.part(kind)
        return Placed(str(part.value), scope.place(part.span)) if isinstance(part, ast.Literal) else None

    written_zone = text("brand_zone")
    if written_zone is None:
        block.lacks("The brand", 'zone "Asia/Shanghai"')
    elif not zone(scope, written_zone):
        written_zone = None
    currency = block.one("brand_currency")
    if currency is None:
        block.lacks("The brand", "currency CNY")
    holidays, phones = text("brand_holidays"), text("brand_phones")
    if holidays and not country(scope, holidays):
        holidays = None
    if phones and not region(scope, phones):
        phones = None
    code = str(getattr(currency.parts[0], "terminal", "")) if currency else ""
    costs = _costs(scope, block, code)
    control, rejects = _share(scope, block, "brand_control"), _share(scope, block, "brand_rejects")
    if written_zone is None or not code:
        return None
    return Brand(
        declaration.name.text,
        str(title.value),
        written_zone,
        code,
        text("brand_signature"),
        text("brand_opt_out"),
        holidays,
        phones.value if phones else holidays.value if holidays else "",
        text("brand_link"),
        costs,
        control,
        rejects,
        scope.place(declaration.span),
    )


def _costs(scope: Scope, block: Block, currency: str) -> dict[str, Decimal]:
    costs: dict[str, Decimal] = {}
    for statement in block.all("brand_cost"):
        channel, price = statement.parts
        assert isinstance(channel, ast.Name) and isinstance(price, ast.Literal) and isinstance(price.value, Money)
        if channel.text not in catalog.CHANNELS:
            scope.unknown("channel", channel.text, channel.span, catalog.CHANNELS)
        elif price.value.currency != currency:
            money = Type("money", currency), Type("money", price.value.currency)
            scope.tell(values.units_differ(scope.place(price.span), *money))
        costs[channel.text] = price.value.amount
    return costs


def _share(scope: Scope, block: Block, kind: str) -> Decimal:
    part = block.part(kind)
    if not isinstance(part, ast.Literal) or not isinstance(part.value, ast.Percent):
        return Decimal(0)
    return share(scope, part)


def share(scope: Scope, literal: ast.Literal) -> Decimal:
    """A share of customers: up to 100 %, in steps of 0.01 % since there are 10,000 buckets."""
    assert isinstance(literal.value, ast.Percent)
    part = literal.value.share
    if part > 1 or part * 10_000 % 1:
        why = "A share of customers is at most 100%, in steps of 0.01%"
        scope.tell(values.number_does_not_fit(scope.place(literal.span), why, "Write a share such as 5%."))
    return part


def fields(scope: Scope, statements: tuple[Statement, ...], currency: str) -> dict[str, FieldDef]:
    found: dict[str, FieldDef] = {}
    for statement in statements:
        (written,) = statement.parts
        assert isinstance(written, Field)
        name, place = written.name.text, scope.place(written.name.span)
        first = found.get(name)
        if first is not None and first.place is not None:
            scope.tell(names.declared_twice(place, "field", name, first.place))
            continue
        base = _BASES[written.type]
        options = tuple(str(option.value) for option in written.arguments) if base == "choice" else ()
        size = int(str(written.arguments[0].value)) if base == "text" and written.arguments else None
        type = Type(base, currency if base == "money" else "", options, size, written.optional)
        found[name] = FieldDef(name, type, written.sensitive, place)
    return found


def customer(scope: Scope, declaration: Declaration, currency: str) -> dict[str, FieldDef]:
    found = fields(scope, declaration.statements, currency)
    keys = [name for name, field in found.items() if field.type.base == "key"]
    if len(keys) != 1:
        Block(scope, declaration, "").lacks("The customer schema", "id key")
    for base in ("phone", "zone"):
        several = [field for field in found.values() if field.type.base == base]
        for again in several[1:]:
            assert again.place and several[0].place
            scope.tell(names.stated_twice(again.place, base, several[0].place))
    return found


def event(scope: Scope, declaration: Declaration, currency: str) -> EventDef:
    assert declaration.name is not None
    return EventDef(
        declaration.name.text, fields(scope, declaration.statements, currency), scope.place(declaration.name.span)
    )


def product(scope: Scope, declaration: Declaration, currency: str) -> Product:
    assert declaration.name is not None and declaration.title is not None
    block = Block(scope, declaration, "product_")
    facts: dict[str, FactDef] = {}
    for statement in block.all("product_fact"):
        name, value = statement.parts
        assert isinstance(name, ast.Name)
        place = scope.place(name.span)
        if name.text in facts:
            scope.tell(names.declared_twice(place, "fact", name.text, facts[name.text].place))
            continue
        fact = _fact(scope, value, currency)
        if fact is not None:
            facts[name.text] = FactDef(*fact, place)
    written = block.one("product_window")
    inherited = window(scope, written) if written else None
    return Product(
        declaration.name.text, str(declaration.title.value), inherited, facts, scope.place(declaration.name.span)
    )


def _fact(scope: Scope, value: object, currency: str) -> tuple[Type, Fact] | None:
    if isinstance(value, Range):
        low, high = _fact(scope, value.low, currency), _fact(scope, value.high, currency)
        if low is None or high is None:
            return None
        assert isinstance(low[1], Decimal) and isinstance(high[1], Decimal)
        if low[1] > high[1]:
            why = "The range ends before it begins"
            scope.tell(values.number_does_not_fit(scope.place(value.span), why, "Swap its ends."))
        return low[0], (low[1], high[1])
    assert isinstance(value, ast.Literal)
    match value.value:
        case Money(amount, code):
            if code != currency:
                pair = Type("money", currency), Type("money", code)
                scope.tell(values.units_differ(scope.place(value.span), *pair))
                return None
            return Type("money", code), amount
        case ast.Percent(part):
            return Type("rate"), part
        case Duration(count, unit):
            return Type("length", unit), int(count)
        case Decimal():
            return Type("number"), value.value
        case str():
            return Type("text", size=len(value.value)), value.value
    raise AssertionError(f"no fact is a {value}")


def constant(type: Type, value: Decimal | str) -> Constant:
    base = "text" if isinstance(value, str) else type.base
    return Constant(base, str(value))  # type: ignore[arg-type]
