"""Copy: what is known beforehand, which variables may stand where, how parts are joined."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.compiler import analyse
from dsl.render.assemble import assemble
from dsl.templates.copy import Choice, Filter, Negated, Path, Same, Show, Text, Truthy
from dsl.templates.fold import fold, texts
from dsl.templates.read import environment, read
from dsl.templates.variables import check
from dsl.terms import Element
from dsl.types import Type
from tests.completing import campaign, completed


def test_copy_becomes_values() -> None:
    parts, refused = read(
        'a{{ customer.surname | default("x") }}{% if not link %}b{% elif customer.visits >= 3 %}c{% endif %}'
    )
    inner = Choice(Same(("customer", "visits"), "gteq", 3), (Text("c"),), ())
    shown = Show(("customer", "surname"), (Filter("default", "x"),))
    assert refused is None
    assert parts == (Text("a"), shown, Choice(Negated(Truthy(("link",))), (Text("b"),), (inner,)))
    assert texts(parts) == ["a", "b", "c"]


def test_a_refusal_says_what_and_where() -> None:
    _, refused = read("{{ customer.__class__ }}")
    assert refused and (refused.message, refused.near) == ("Copy may not reach into `__class__`", "__class__")


# Everything that a template can name, with values of each kind.
KNOWN: dict[Path, Any] = {
    ("customer", "surname"): "王",
    ("customer", "nickname"): None,
    ("customer", "visits"): Decimal(5),
    ("customer", "assets"): Decimal("123456.70"),
    ("customer", "consent"): True,
    ("product", "apr"): (Decimal("0.038"), Decimal("0.072")),
    ("campaign", "ends"): date(2026, 4, 30),
    ("link",): "https://s.example/abc",
}
SHOWS = [
    "customer.surname",
    "customer.surname | mask",
    "customer.nickname",
    'customer.nickname | mask | default("您")',
    "customer.visits",
    "customer.assets | wan",
    "customer.assets | money",
    "product.apr | percent",
    "campaign.ends | date",
    "customer.consent",
    "link",
]
TESTS = ["customer.surname", "customer.nickname", "customer.consent", "link", "customer.visits"]
TESTS += [f"customer.visits {sign} {number}" for sign in ("==", "!=", "<", "<=", ">", ">=") for number in (4, 5)]
TESTS += [f'customer.{name} {sign} "王"' for name in ("surname", "nickname") for sign in ("==", "!=")]

written = st.text("a中 \n{}%#\"'", max_size=4).filter(
    lambda text: not text.rstrip().endswith("{") and not has_tag(text)
)
tests = st.recursive(
    st.sampled_from(TESTS),
    lambda inner: st.one_of(
        inner.map(lambda one: f"not ({one})"), st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(" ".join)
    ),
    max_leaves=3,
)
templates = st.recursive(
    st.one_of(written, st.sampled_from(SHOWS).map(lambda show: "{{ " + show + " }}")),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map("".join),
        st.tuples(tests, inner, inner).map(lambda part: "{{% if {} %}}{}{{% else %}}{}{{% endif %}}".format(*part)),
        st.tuples(tests, inner, tests, inner).map(
            lambda part: "{{% if {} %}}{}{{% elif {} %}}{}{{% endif %}}".format(*part)
        ),
    ),
    max_leaves=8,
)


def has_tag(text: str) -> bool:
    return any(tag in text for tag in ("{{", "{%", "{#", "}}", "%}", "#}"))


def rendered(template: str) -> str:
    context: dict[str, Any] = {}
    for (head, *rest), value in KNOWN.items():
        if rest:
            context.setdefault(head, {})[rest[0]] = value
        else:
            context[head] = value
    return environment().from_string(template).render(context)


@given(templates)
@settings(max_examples=400, deadline=None)
def test_folding_what_is_all_known_gives_jinja_s_text(template: str) -> None:
    parts, refused = read(template)
    folded = fold(parts, KNOWN)
    assert refused is None and all(isinstance(part, Text) for part in folded) and len(folded) < 2
    assert "".join(texts(folded)) == rendered(template)


@given(templates, st.sets(st.sampled_from(sorted(KNOWN))))
@settings(max_examples=200, deadline=None)
def test_folding_in_two_steps_is_folding_at_once(template: str, first: set[Path]) -> None:
    parts, _ = read(template)
    some = fold(parts, {path: value for path, value in KNOWN.items() if path in first})
    assert "".join(texts(fold(some, KNOWN))) == "".join(texts(fold(parts, KNOWN)))


TYPES: dict[Path, Type] = {
    ("customer",): Type("customer"),
    ("customer", "nickname"): Type("text", optional=True),
    ("customer", "assets"): Type("money", "CNY", optional=True),
    ("customer", "visits"): Type("number"),
    ("customer", "region"): Type("choice", options=("county", "city")),
    ("customer", "born"): Type("date"),
    ("link",): Type("text"),
}


@pytest.mark.parametrize(
    ("template", "troubles"),
    [
        ("{{ customer.nickname }}", ["missing"]),
        ('{{ customer.nickname | default("x") }}', []),
        ('{{ customer.assets | wan | default("x") }}', []),
        ('{{ customer.assets | default("x") | wan }}', ["order"]),
        ("{{ customer.assets | wan | money }}", ["order"]),
        ("{% if customer.nickname %}{{ customer.nickname }}{% endif %}", []),
        ("{% if customer.nickname %}a{% else %}{{ customer.nickname }}{% endif %}", ["missing"]),
        ("{% if customer.nickname and link %}{{ customer.nickname }}{% endif %}", []),
        ("{% if customer.nickname or link %}{{ customer.nickname }}{% endif %}", ["missing"]),
        ("{% if not customer.nickname %}{{ customer.nickname }}{% endif %}", ["missing"]),
        ('{% if customer.nickname == "a" %}{{ customer.nickname }}{% endif %}', []),
        ('{% if customer.nickname != "a" %}{{ customer.nickname }}{% endif %}', ["missing"]),
        ("{% if customer.nickname %}{% if link %}{{ customer.nickname }}{% endif %}{% endif %}", []),
        ("{{ customer }}", ["unfit"]),
        ("{{ customer | salutation }}", []),
        ("{{ customer.visits | wan }}", ["unfit"]),
        ("{{ customer.visits | upper }}", ["filter"]),
        ("{{ customer.visits | default }}", ["argument"]),
        ('{{ customer.visits | wan("x") }}', ["argument"]),
        ("{{ nobody }}", ["unknown"]),
        ("{% if customer.nobody %}x{% endif %}", ["unknown"]),
        ("{% if customer.visits == 'a' %}x{% endif %}", ["compare"]),
        ("{% if customer.nickname == 5 %}x{% endif %}", ["compare"]),
        ("{% if customer.born == '2026-01-01' %}x{% endif %}", ["compare"]),
        ("{% if customer.region == 'conty' %}x{% endif %}", ["option"]),
        ("{% if customer.assets > 5 %}x{% endif %}", ["ordered"]),
        ("{% if customer.region > 'city' %}x{% endif %}", ["ordered"]),
        ("{% if customer.visits > 5 %}x{% endif %}", []),
    ],
)
def test_variables_are_held_to_their_types(template: str, troubles: list[str]) -> None:
    parts, refused = read(template)
    assert refused is None and [trouble.why for trouble in check(parts, TYPES, frozenset())] == troubles


JOINTS = [
    ({"benefit": "A", "action": "B"}, "【S】A。B。R"),
    ({"scene": "A", "trust": "B", "incentive": "C"}, "【S】A，B，C。R"),
    ({"benefit": "A", "scene": "B", "trust": "C", "action": "D"}, "【S】A。B，C。D。R"),
    ({"benefit": "A！", "action": "B："}, "【S】A！B：R"),
    ({"benefit": "A，", "scene": " B "}, "【S】A，B。R"),
    ({"benefit": "{{ link }}", "action": "{{link}}"}, "【S】{{ link }} {{link}} R"),
    ({"benefit": "{% if x %}{{ link }}{% endif %}", "scene": "B"}, "【S】{% if x %}{{ link }}{% endif %} B。R"),
    ({"benefit": "{{ link -}}", "scene": "{{- link }}"}, "【S】{{ link }} {{ link }} R"),
    ({"benefit": "{{ customer.link }}"}, "【S】{{ customer.link }}。R"),
    ({"text": "A"}, "【S】A。R"),
]


@pytest.mark.parametrize(("elements", "template"), JOINTS)
def test_parts_are_joined(elements: dict[str, str], template: str) -> None:
    parts = [Element(role, text) for role, text in elements.items()]  # type: ignore[arg-type]
    assert assemble(parts, "【S】", "R", ("，", "。", "→")) == template


def test_marks_are_the_policy_s_and_absent_texts_leave_no_mark() -> None:
    parts = [Element("scene", "A"), Element("trust", "B"), Element("action", "C")]
    assert assemble(parts, "", "", (", ", ". ", " > ")) == "A, B. C"


def test_a_caret_stands_under_the_variable_in_the_copy() -> None:
    (found,) = analyse(completed(campaign(copy='text "\\"{{ customer.nickname }}\\""'))).found
    assert found.source.text[found.span.start : found.span.end] == "customer.nickname"
