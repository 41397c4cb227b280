"""What Jinja renders row by row and what the engine's expression gives are one text; so are hashes and segment counts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp

from dsl import identity
from dsl.program.ir import FieldSpec
from dsl.render.segments import segments
from dsl.templates.read import environment, read
from runtime.engines import open_engine
from runtime.engines.base import Engine
from runtime.relational import identity as sql_identity
from runtime.relational.copy import Copy
from runtime.relational.render import _segments
from runtime.relational.sql import col, table, text

BASES = {
    "surname": "text",
    "gender": "choice",
    "region": "choice",
    "assets": "money",
    "score": "number",
    "apr": "rate",
    "born": "date",
    "vip": "flag",
}
FIELDS = {name: FieldSpec(name=name, base=base, column=name, optional=True) for name, base in BASES.items()}  # type: ignore[arg-type]
TYPES = {
    "money": pa.decimal128(18, 2),
    "number": pa.decimal128(18, 6),
    "rate": pa.decimal128(18, 6),
    "date": pa.date32(),
    "flag": pa.bool_(),
}
TEMPLATES = (
    "{{ customer | salutation }}，您好",
    '{{ customer.surname | default("客户") }}{{ customer.surname | mask | default("-") }}',
    '{{ customer.assets | wan | default("无") }}|{{ customer.assets | money | default("无") }}',
    '{{ customer.assets | default("无") }}',
    '{{ customer.score | default("?") }}|{{ customer.apr | percent | default("?") }}|{{ customer.apr | default("?") }}',
    '{{ customer.born | date | default("?") }}|{{ customer.born | default("?") }}|{{ customer.vip | default("?") }}',
    "{% if customer.assets %}有{% elif customer.score %}分{% else %}无{% endif %}{% if customer.born %}生{% endif %}",
    '{% if customer.region == "county" and not customer.vip %}县{% endif %}{% if customer.surname != "王" %}他{% endif %}',
    "{% if customer.score == 10 or customer.surname %}十{% endif %}{% if not (customer.vip or customer.apr) %}空{% endif %}",
    "it's {{ link }} \\ \" 'quoted'\n第二行",
)


def decimals(places: int, digits: int) -> st.SearchStrategy[Decimal | None]:
    most = 10**digits - 1
    edges = [
        0,
        1,
        -1,
        10,
        99,
        100,
        9999,
        999_999,
        1_000_000,
        10_000_00,
        9_999_99,
        10_000_000_000,
        -10_000_00,
        most,
        -most,
    ]
    whole = st.one_of(st.integers(-most, most), st.sampled_from(edges), st.integers(-(10**7), 10**7))
    return st.none() | whole.map(lambda units: Decimal(units).scaleb(-places))


CUSTOMERS = st.fixed_dictionaries(
    {
        "surname": st.none() | st.text(max_size=9) | st.sampled_from(["王", "欧阳", "🔥", "1234567", "a'b", "", "\n"]),
        "gender": st.sampled_from(["M", "F", None]),
        "region": st.sampled_from(["county", "city", None]),
        "assets": decimals(2, 18),
        "score": decimals(6, 18),
        "apr": decimals(6, 12),
        "born": st.none() | st.dates(date(1, 1, 1), date(9999, 12, 31)),
        "vip": st.sampled_from([True, False, None]),
    }
)


@pytest.fixture(scope="module")
def engine() -> Engine:
    return open_engine("duckdb")


_made = iter(range(10**9))


def column(engine: Engine, rows: list[dict[str, Any]], *values: exp.Expr) -> list[tuple[Any, ...]]:
    name = f"t{next(_made)}"
    arrays = {
        f"f_{key}": pa.array([row[key] for row in rows], TYPES.get(base, pa.string())) for key, base in BASES.items()
    }
    engine.keep(name, {"r": pa.array(range(len(rows))), **arrays})
    return engine.rows(exp.select(*values).from_(table(name)).order_by("r"))


@settings(max_examples=60, deadline=None)
@given(st.lists(CUSTOMERS.filter(lambda row: "\0" not in (row["surname"] or "")), min_size=1, max_size=8))
def test_the_engine_writes_what_jinja_writes(engine: Engine, rows: list[dict[str, Any]]) -> None:
    copy = Copy(FIELDS, text("https://x.example/abc"))
    parsed = [read(template) for template in TEMPLATES]
    assert [refused for _, refused in parsed] == [None] * len(TEMPLATES)
    written = column(engine, rows, *(copy.text(parts) for parts, _ in parsed))
    known = {"link": "https://x.example/abc"}
    expected = [
        tuple(environment().from_string(template).render(customer=row, **known) for template in TEMPLATES)
        for row in rows
    ]
    assert written == expected


CHARACTERS = st.sampled_from(list("aZ0 @£èΔ{}[]~€\\^|\n字，🔥𠮷é—"))


@settings(max_examples=120, deadline=None)
@given(
    st.lists(CHARACTERS, max_size=20).map("".join), st.integers(0, 170), st.sampled_from(["a", "字", "€", "🔥", "é"])
)
def test_segments_in_the_engine_are_those_counted_one_by_one(
    engine: Engine, mixed: str, size: int, filler: str
) -> None:
    said = filler * size + mixed
    parts, _ = read("{{ customer.surname }}")
    row = dict.fromkeys(BASES) | {"surname": said}
    (counted,) = column(
        engine,
        [row],
        exp.select(_segments(parts)).from_(exp.select(exp.alias_(col("f_surname"), "text")).subquery("s")).subquery(),
    )
    assert counted[0] in (segments(said), None)
    if not any(ord(char) > 0xFFFF or char in "{}[]~€\\^|\f" for char in said):
        assert counted[0] == segments(said)


@settings(max_examples=80, deadline=None)
@given(
    st.text(max_size=12).filter(lambda key: "\0" not in key), st.text(max_size=8).filter(lambda key: "\0" not in key)
)
def test_identities_are_the_same_in_the_engine(engine: Engine, customer: str, salt: str) -> None:
    row = dict.fromkeys(BASES) | {"surname": customer}
    key = col("f_surname")
    made = column(
        engine,
        [row],
        sql_identity.bucket(salt, key),
        sql_identity.send_id("c", "entry", key, salt, "sms", "message"),
        sql_identity.link_code(key),
    )
    send = identity.send_id("c", "entry", customer, salt, "sms")
    assert made == [(identity.bucket(salt, customer), send, identity.link_code(customer))]
