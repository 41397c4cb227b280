"""Copy as an engine expression gives the text that Jinja gives, whatever the values: every filter, every construct."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sqlglot import exp

from dsl.program.ir import FieldSpec
from dsl.templates.copy import Path
from dsl.templates.fold import fold
from dsl.templates.read import environment, read
from runtime.engines import open_engine
from runtime.engines.base import Engine
from runtime.relational.copy import Copy
from runtime.relational.sql import TYPES, col, table, text

law = settings(max_examples=200, database=None, deadline=None)
LINK = "https://s.example/a-b_c"
CONSTANTS: dict[Path, Any] = {
    ("product", "name"): "装修贷",
    ("product", "max_amount"): Decimal("300000"),
    ("product", "apr"): (Decimal("0.038"), Decimal("0.072")),
    ("product", "term"): 36,
    ("product", "seats"): Decimal("0"),
    ("campaign", "begins"): date(2026, 3, 1),
    ("campaign", "ends"): date(2026, 4, 30),
    ("campaign", "name"): 'O\'Neil \\ "x"',
    ("brand", "name"): "",
}
# A field with its base and the filters that take it. Only `visits` is never missing.
FIELDS = {
    "assets": ("money", ("wan", "money")),
    "visits": ("number", ()),
    "score": ("number", ()),
    "apr": ("rate", ("percent",)),
    "born": ("date", ("date",)),
    "surname": ("text", ("mask",)),
    "gender": ("choice", ("mask",)),
    "phone": ("phone", ("mask",)),
    "id": ("key", ("mask",)),
    "vip": ("flag", ()),
}
SPECS = {
    name: FieldSpec(name=name, base=base, column=name, optional=name != "visits") for name, (base, _) in FIELDS.items()
}  # type: ignore[arg-type]


def decimals(places: int, *edges: str) -> st.SearchStrategy[Decimal]:
    """Everything that 18 digits hold."""
    whole = st.integers(-(10**18) + 1, 10**18 - 1) | st.integers(-(10 ** (places + 5)), 10 ** (places + 5))
    return whole.map(lambda units: Decimal(units).scaleb(-places)) | st.sampled_from(edges).map(
        lambda edge: Decimal(edge).quantize(Decimal(1).scaleb(-places))
    )


EDGES = (
    "0",
    "0.01",
    "-0.01",
    "0.99",
    "-0.99",
    "1",
    "-1",
    "1200",
    "1234.5",
    "9999.99",
    "10000",
    "99999999.99",
    "100000000",
    "100009999.99",
    "-123456.78",
)
TEXTS = (
    st.text(max_size=12)
    | st.text("王aé🔥👨‍👩'\"\\\n\t %{}", max_size=12)
    | st.sampled_from(["", "13800000001", "欧阳", "yes", "0", "''"])
)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "money": decimals(2, *EDGES, "9999999999999999.99", "-9999999999999999.99"),
    "number": decimals(6, *EDGES, "0.000001", "999999999999.999999"),
    "rate": decimals(6, "0", "0.038", "0.0385", "1", "-0.000001", "0.1", "999999999999.999999"),
    "date": st.dates(),
    "flag": st.booleans(),
}
PEOPLE = st.fixed_dictionaries(
    {
        name: VALUES.get(base, TEXTS) if name == "visits" else st.none() | VALUES.get(base, TEXTS)
        for name, (base, _) in FIELDS.items()
        if name != "gender"
    }
    | {"gender": st.sampled_from(["F", "M", None])}
)
PLAIN = (
    st.text("ab王🔥é'\"\\ \n\r\t%$-;:?|€{", max_size=8)
    .filter(lambda written: "{" not in written[-1:])
    .map(lambda written: written.replace("{%", "").replace("{{", ""))
)
QUOTED = st.text("ab王🔥' %{}|-", max_size=6).map(lambda written: f'"{written}"')


@st.composite
def shown(draw: st.DrawFn) -> str:
    kind = draw(st.sampled_from(["field", "field", "field", "constant", "customer", "link", "text"]))
    if kind == "link":
        return "{{ link }}"
    if kind == "text":
        return "{{ " + draw(QUOTED) + " }}"
    if kind == "customer":
        return draw(st.sampled_from(["{{ customer | salutation }}", '{{ customer | salutation | default("x") }}']))
    if kind == "constant":
        return draw(
            st.sampled_from(
                [
                    "{{ product.max_amount | wan }}",
                    "{{ product.max_amount | money }}",
                    "{{ product.apr | percent }}",
                    "{{ product.apr }}",
                ]
                + [
                    "{{ product.term }}",
                    "{{ product.seats }}",
                    "{{ campaign.ends | date }}",
                    "{{ campaign.begins }}",
                    "{{ campaign.name }}",
                ]
                + ["{{ brand.name }}", "{{ product.name | mask }}"]
            )
        )
    name = draw(st.sampled_from(sorted(FIELDS)))
    filters = draw(st.sampled_from([[], *([filter] for filter in FIELDS[name][1])]))
    filters += [f"default({draw(QUOTED)})" for _ in range(draw(st.sampled_from([0, 1, 1, 2])))]
    return "{{ " + " | ".join([f"customer.{name}", *filters]) + " }}"


@st.composite
def conditions(draw: st.DrawFn, depth: int = 2) -> str:
    if depth and draw(st.booleans()):
        kind = draw(st.sampled_from(["not {0}", "({0} and {1})", "({0} or {1})", "not ({0} or {1})"]))
        return kind.format(draw(conditions(depth - 1)), draw(conditions(depth - 1)))
    whole = st.sampled_from([0, 1, 36, 1200, 300000, 10**15, 10**18, 10**40]) | st.integers(0, 10**6)
    name = draw(st.sampled_from([*sorted(FIELDS), "visits", "constant"]))
    if name == "constant":
        return draw(
            st.sampled_from(
                [
                    "product.max_amount == 300000",
                    "product.term",
                    "product.seats",
                    "product.apr",
                    "brand.name",
                    'campaign.name != "x"',
                    "link",
                ]
            )
        )
    base = FIELDS[name][0]
    shapes = ["customer.NAME"]
    if base in ("money", "number", "rate"):
        shapes += [f"customer.NAME {operator} {draw(whole)}" for operator in ("==", "!=")]
    elif base not in ("date", "flag"):
        shapes += [f"customer.NAME {operator} {draw(QUOTED)}" for operator in ("==", "!=")]
    if name == "visits":
        shapes += [f"customer.NAME {operator} {draw(whole)}" for operator in ("<", "<=", ">", ">=")]
    return draw(st.sampled_from(shapes)).replace("NAME", name)


@st.composite
def templates(draw: st.DrawFn, depth: int = 2) -> str:
    parts = []
    for _ in range(draw(st.integers(1, 3))):
        kind = draw(st.sampled_from(["plain", "shown", "if"] if depth else ["plain", "shown"]))
        if kind == "if":
            inner = templates(depth - 1)
            part = "{% if " + draw(conditions()) + " %}" + draw(inner)
            for _ in range(draw(st.integers(0, 2))):
                part += "{% elif " + draw(conditions()) + " %}" + draw(inner)
            part += draw(st.sampled_from(["", "{% else %}"])) and "{% else %}" + draw(inner)
            parts.append(part + "{% endif %}")
        else:
            parts.append(draw(shown() if kind == "shown" else PLAIN))
    return "".join(parts)


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    engine = open_engine("duckdb")
    yield engine
    engine.close()


def texts(engine: Engine, template: str, people: list[dict[str, Any]]) -> list[str]:
    parts, refused = read(template)
    assert refused is None, refused
    columns = {"n": "INTEGER"} | {f"f_{name}": TYPES[base] for name, (base, _) in FIELDS.items()}
    engine.insert("people", columns, [(at, *(one[name] for name in FIELDS)) for at, one in enumerate(people)])
    try:
        held = {("customer", name): (col(f"f_{name}"), spec.base) for name, spec in SPECS.items()}
        shown = Copy(held, text(LINK), {}).text(fold(parts, CONSTANTS))
        return [row[0] for row in engine.rows(exp.select(shown).from_(table("people")).order_by(col("n")))]
    finally:
        engine._run('DROP TABLE "people"')  # type: ignore[attr-defined]


def rendered(template: str, people: list[dict[str, Any]]) -> list[str]:
    context: dict[str, Any] = {"link": LINK}
    for (head, name), value in CONSTANTS.items():
        context.setdefault(head, {})[name] = value
    made = environment().from_string(template)
    return [made.render(context | {"customer": one}) for one in people]


@law
@given(template=templates(), people=st.lists(PEOPLE, min_size=1, max_size=8))
def test_any_copy(engine: Engine, template: str, people: list[dict[str, Any]]) -> None:
    assume(read(template)[1] is None)
    assert texts(engine, template, people) == rendered(template, people)


@pytest.mark.parametrize("name", sorted(FIELDS))
def test_every_filter_of_a_field(engine: Engine, name: str) -> None:
    base, filters = FIELDS[name]
    ways = [f"customer.{name}", *(f"customer.{name} | {filter}" for filter in filters)]
    template = "‖".join("{{ " + way + end + " }}" for way in ways for end in ("", ' | default("∅")'))
    template += "{% if customer." + name + " %}+{% else %}-{% endif %}{{ customer | salutation }}"

    @settings(max_examples=6, database=None, deadline=None)
    @given(st.lists(PEOPLE, min_size=40, max_size=40))
    def check(people: list[dict[str, Any]]) -> None:
        assert texts(engine, template, people) == rendered(template, people)

    check()


@pytest.mark.parametrize(
    ("template", "value", "expected"),
    [
        ("{{ customer.assets | wan }}", "300000", "30万元"),
        ("{{ customer.assets | wan }}", "125000000", "1.25亿元"),
        ("{{ customer.assets | wan }}", "99999999.99", "9999.99万元"),
        ("{{ customer.assets | wan }}", "8500.99", "8500元"),
        ("{{ customer.assets | wan }}", "-0.99", "0元"),
        ("{{ customer.assets | money }}", "1234.50", "1,234.50元"),
        ("{{ customer.assets | money }}", "-9999999999999999.99", "-9,999,999,999,999,999.99元"),
        ("{{ customer.assets | money }}", "1200.00", "1,200元"),
        ("{{ customer.assets }}", "-0.50", "-0.5"),
        ("{{ customer.apr | percent }}", "0.038000", "3.8%"),
        ("{{ customer.score }}", "10.000000", "10"),
    ],
)
def test_amounts_by_hand(engine: Engine, template: str, value: str, expected: str) -> None:
    people = [{**dict.fromkeys(FIELDS), "assets": Decimal(value), "apr": Decimal(value), "score": Decimal(value)}]
    people[0] |= {"apr": Decimal("0.038000"), "score": Decimal("10.000000"), "visits": Decimal(0)}
    assert texts(engine, template, people) == rendered(template, people) == [expected]
