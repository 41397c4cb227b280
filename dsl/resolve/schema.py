"""Brand, customer schema, events and products."""

from __future__ import annotations

from decimal import Decimal

from dsl import catalog
from dsl.model import Brand, EventDef, Fact, FactDef, FieldDef, Placed, Product
from dsl.quantities import Duration, Money
from dsl.resolve.conditions import Conditions
from dsl.resolve.instalments import calculator, plans
from dsl.resolve.numbers import fits, share, whole
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

_FLAG = "Name a field of the customer that is a `flag`."


def brand(scope: Scope, declaration: Declaration) -> Brand | None:
    block = Block(scope, declaration, "brand_")
    title = declaration.title
    assert declaration.name is not None and title is not None
    written_zone = block.text("brand_zone")
    if written_zone is None:
        block.lacks("The brand", 'zone "Asia/Shanghai"')
    elif not zone(scope, written_zone):
        written_zone = None
    currency = block.one("brand_currency")
    if currency is None:
        block.lacks("The brand", "currency CNY")
    holidays, phones = block.text("brand_holidays"), block.text("brand_phones")
    if holidays and not country(scope, holidays):
        holidays = None
    if phones and not region(scope, phones):
        phones = None
    code = str(getattr(currency.parts[0], "terminal", "")) if currency else ""
    costs = _costs(scope, block, code) if code else {}
    control, rejects = _share(scope, block, "brand_control"), _share(scope, block, "brand_rejects")
    if written_zone is None or not code:
        return None
    return Brand(
        declaration.name.text,
        str(title.value),
        written_zone,
        code,
        block.text("brand_signature"),
        block.text("brand_opt_out"),
        holidays,
        phones.value if phones else holidays.value if holidays else "",
        block.text("brand_link"),
        costs,
        control,
        rejects,
        scope.place(declaration.name.span),
        page=block.text("brand_page"),
    )


def _costs(scope: Scope, block: Block, currency: str) -> dict[str, Decimal]:
    costs: dict[str, Decimal] = {}
    for statement in block.all("brand_cost"):
        channel, price = statement.parts
        assert isinstance(channel, ast.Name) and isinstance(price, ast.Literal) and isinstance(price.value, Money)
        known = scope.builtin("channel", "channels", channel, catalog.CHANNELS)
        if known is None:
            continue
        if price.value.currency != currency:
            money = Type("money", currency), Type("money", price.value.currency)
            scope.tell(values.units_differ(scope.place(price.span), *money, f"Write {currency}, the brand's currency."))
        elif fits(scope, scope.place(price.span), price.value.amount, 6):
            costs[known] = price.value.amount
    return costs


def _share(scope: Scope, block: Block, kind: str) -> Decimal:
    part = block.part(kind)
    if not isinstance(part, ast.Literal) or not isinstance(part.value, ast.Percent):
        return Decimal(0)
    return share(scope, part)


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
        size = whole(scope, written.arguments[0], least=1) if base == "text" and written.arguments else None
        type = Type(base, currency if base == "money" else "", options, size, written.optional)
        found[name] = FieldDef(name, type, written.sensitive, place)
    return found


def customer(scope: Scope, declaration: Declaration, currency: str) -> dict[str, FieldDef]:
    found = fields(scope, declaration.statements, currency)
    if not any(field.type.base == "key" for field in found.values()):
        Block(scope, declaration, "").lacks("The customer schema", "id key")
    for base in ("key", "phone", "zone"):
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


def reach(scope: Scope, declaration: Declaration, known: dict[str, FieldDef]) -> dict[str, Placed[str]]:
    """Channel → the customer's flag that says who can be reached on it."""
    found: dict[str, Placed[str]] = {}
    for statement in Block(scope, declaration, "brand_").all("brand_channel"):
        channel, name = statement.parts
        assert isinstance(channel, ast.Name) and isinstance(name, ast.Name)
        place = scope.place(statement.span)
        way = scope.builtin("channel", "channels", channel, catalog.CHANNELS)
        if way is None:
            continue
        if way in found:
            scope.tell(names.stated_twice(place, f"channel {channel.text}", found[way].place))
        elif name.text not in known:
            scope.unknown("field", name.text, name.span, known)
        elif known[name.text].type.base != "flag":
            scope.tell(values.units_differ(scope.place(name.span), Type("flag"), known[name.text].type, _FLAG))
        else:
            found[way] = Placed(name.text, place)
    return found


def product(scope: Scope, declaration: Declaration, currency: str, conditions: Conditions) -> Product:
    assert declaration.name is not None and declaration.title is not None
    block = Block(scope, declaration, "product_")
    facts: dict[str, FactDef] = {}
    for statement in block.all("product_fact"):
        name, value = statement.parts
        assert isinstance(name, ast.Name)
        place = scope.place(name.span)
        if name.text == "name":
            scope.tell(names.declared_twice(place, "fact", name.text, None, "product"))
            continue
        if name.text in facts:
            scope.tell(names.declared_twice(place, "fact", name.text, facts[name.text].place))
            continue
        facts[name.text] = FactDef(*_fact(scope, value, currency), place)
    written = block.one("product_window")
    inherited = window(scope, written, conditions.names.calendars) if written else None
    return Product(
        declaration.name.text,
        str(declaration.title.value),
        inherited,
        facts,
        scope.place(declaration.name.span),
        plans(scope, block),
        calculator(scope, block, conditions),
        block.text("product_page"),
    )


def _fact(scope: Scope, value: object, currency: str) -> tuple[Type, Fact]:
    """Type and value; a value that has been told as wrong is 0, so that copy may still name it."""
    if isinstance(value, Range):
        (type, low), (_, high) = _fact(scope, value.low, currency), _fact(scope, value.high, currency)
        assert isinstance(low, Decimal) and isinstance(high, Decimal)
        if low > high:
            why = "The range ends before it begins"
            scope.tell(values.number_does_not_fit(scope.place(value.span), why, "Swap its ends."))
        return type, (low, high)
    assert isinstance(value, ast.Literal)
    place = scope.place(value.span)

    def fitted(number: Decimal, places: int) -> Decimal:
        return number if fits(scope, place, number, places) else Decimal(0)

    match value.value:
        case Money(amount, code):
            if code != currency:
                money = Type("money", currency), Type("money", code)
                scope.tell(values.units_differ(place, *money, f"Write {currency}, the brand's currency."))
            return Type("money", currency), fitted(amount, 2)
        case ast.Percent(part):
            return Type("rate"), fitted(part, 6)
        case Duration(count, unit):
            return Type("length", unit), int(fitted(count, 0))
        case Decimal() as number:
            return Type("number"), fitted(number, 6)
        case str() as text:
            return Type("text", size=len(text)), text
    raise AssertionError(f"no fact is a {value}")
