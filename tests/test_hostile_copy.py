"""Whatever stands in copy: refused with a code at its place, or read; nothing in it is ever run."""

from __future__ import annotations

import time

import pytest

from dsl.compiler import analyse
from dsl.diagnostics import render
from dsl.program.lower import lower
from dsl.settings import Settings
from tests.completing import HERE, campaign, completed

REFUSED = {
    "for": "{% for x in customer %}{{ x }}{% endfor %}",
    "for over a huge range": "{% for x in range(10**9) %}x{% endfor %}",
    "set": "{% set link = 'https://evil.example' %}{{ link }}",
    "macro": "{% macro m() %}x{% endmacro %}{{ m() }}",
    "include": "{% include '/etc/passwd' %}",
    "import": "{% import 'os' as os %}",
    "extends": "{% extends 'x' %}",
    "block": "{% block b %}x{% endblock %}",
    "filter block": "{% filter upper %}x{% endfilter %}",
    "call block": "{% call m() %}x{% endcall %}",
    "with": "{% with x = 1 %}{{ x }}{% endwith %}",
    "autoescape": "{% autoescape true %}x{% endautoescape %}",
    "class": "{{ customer.__class__ }}",
    "class by index": "{{ customer['__class__'] }}",
    "mro": "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "attr": "{{ ''|attr('__class__') }}",
    "attr of a variable": "{{ customer|attr('__class__') }}",
    "call": "{{ customer.surname() }}",
    "call of a global": "{{ range(10**9) }}",
    "cycler": "{{ cycler.__init__.__globals__ }}",
    "self": "{{ self._TemplateReference__context }}",
    "arithmetic": "{{ 10**10**10 }}",
    "arithmetic in a test": "{% if 10**10**10 %}x{% endif %}",
    "a product of texts": "{{ 'x' * 10**10 }}",
    "concatenation": "{{ 'a' ~ customer.surname }}",
    "a list": "{{ [1, 2] }}",
    "a dictionary": "{{ {'a': 1} }}",
    "a number alone": "{{ 5 }}",
    "yes alone": "{{ true }}",
    "a condition inside": "{{ 'a' if customer.surname else 'b' }}",
    "a test with is": "{% if customer.surname is defined %}x{% endif %}",
    "in": "{% if 'a' in customer.surname %}x{% endif %}",
    "two comparisons": "{% if 1 < customer.visits < 5 %}x{% endif %}",
    "a comparison of two variables": "{% if customer.visits == customer.assets %}x{% endif %}",
    "a fraction": "{% if customer.visits > 1.5 %}x{% endif %}",
    "5,000 digits": "{{ " + "1" * 4_900 + " }}",
    "5,000 digits in a test": "{% if customer.visits > " + "1" * 4_900 + " %}x{% endif %}",
    "an endless exponent": "{{ 1e999999999 }}",
    "a filter with a variable": "{{ customer.surname | default(customer.nickname) }}",
    "a filter with a name": "{{ customer.surname | default(default_value='x') }}",
    "a filter with arguments": "{{ customer.surname | default(*customer) }}",
    "unclosed braces": "{{ customer.surname",
    "unclosed block": "{% if customer.surname %}x",
    "unclosed statement": "{% if customer.surname",
    "unclosed comment": "{# x",
    "unopened": "x{% endif %}",
    "nothing to show": "{{ }}",
    "an unknown statement": "{% evil %}",
    "line break in braces": "{{ customer.\\nsurname !! }}",
    "1,000 parentheses": "{{ " + "(" * 1_000 + "link" + ")" * 1_000 + " }}",
    "1,000 not": "{% if " + "not " * 1_000 + "customer.consent %}x{% endif %}",
    "21 if": "{% if customer.consent %}" * 21 + "x" + "{% endif %}" * 21,
    "21 and": "{% if " + "link and " * 21 + "link %}x{% endif %}",
    "21 not": "{% if " + "not " * 21 + "link %}x{% endif %}",
    "21 default": "{{ customer.nickname" + "|default('a')" * 21 + " }}",
    "400 and": "{% if " + "link and " * 400 + "link %}x{% endif %}",
    "200 if": "{% if customer.consent %}" * 200 + "x",
    "1,000 attributes": "{{ customer" + ".a" * 1_000 + " }}",
    "1,000 filters": "{{ link" + "|wan" * 1_000 + " }}",
    "1,000 minus": "{{ " + "-" * 1_000 + "1 }}",
    "6,000 characters": "x" * 6_000,
    "an escape too many": "{{ '\\N{NOT A NAME}' }}",
    "a brace that the next part would complete": "Hello {",
}

READ = {
    "raw": ("{% raw %}{{ not shown }}{% endraw %}", "{{ not shown }}"),
    "a comment": ("a{# {{ nothing }} #}b", "ab"),
    "a text alone": ("{{ 'a' }}b", "ab"),
    "spaces taken away": ("a {%- if customer.consent -%} b {%- endif %}", None),
    "an else": ("{% if customer.consent %}a{% else %}b{% endif %}", None),
    "20 if": ("{% if customer.consent %}" * 20 + "x" + "{% endif %}" * 20, "x"),
    "100 elif": ("{% if not link %}a" + "{% elif customer.visits == 1 %}b" * 100 + "{% else %}c{% endif %}", "c"),
    "20 and": ("{% if " + "link and " * 20 + "link %}x{% endif %}", "x"),
    "20 not": ("{% if " + "not " * 20 + "link %}x{% endif %}", "x"),
    "20 default": ("{{ customer.nickname" + "|default('a')" * 20 + " }}", "a"),
    "a brace": ("a { b } c", "a { b } c"),
    "half a brace": ("a }} b", "a }} b"),
}


def codes(copy: str) -> list[str]:
    began = time.process_time()
    found = analyse(completed(campaign(copy=f'text """{copy}"""'))).found
    assert all(one.message and "\n" in render(one) for one in found)
    assert time.process_time() - began < 5
    return [one.code for one in found]


@pytest.mark.parametrize("name", REFUSED)
def test_copy_that_is_more_than_text_is_refused(name: str) -> None:
    assert codes(REFUSED[name])[:1] in (["CAMP511"], ["CAMP512"])


@pytest.mark.parametrize("name", READ)
def test_copy_that_is_text_is_read_as_jinja_reads_it(name: str) -> None:
    copy, shown = READ[name]
    analysis = analyse(completed(campaign(copy=f'text """{copy}"""')))
    assert [one.code for one in analysis.found] == [] and analysis.model is not None
    message = lower(analysis.model, Settings()).campaigns[0].messages[0].template
    from dsl.templates.read import environment

    rendered = (
        environment().from_string(message).render(customer={"consent": True, "nickname": None, "visits": 2}, link="L")
    )
    assert shown is None or shown in rendered


def test_a_message_that_is_too_long_only_as_a_whole_is_refused() -> None:
    elements = "; ".join(f'{role} "{"x" * 1_200}"' for role in ("benefit", "scene", "trust", "incentive", "action"))
    found = analyse(completed(campaign(copy=elements))).found
    assert [(one.code, one.message) for one in found] == [("CAMP511", "The copy has more than 5,000 characters")]


@pytest.mark.parametrize("statement", ["signature", "opt_out", "link"])
@pytest.mark.parametrize("text", ["{{ 10**10**10 }}", "{% for x in y %}", "{{ customer.__class__ }}", "{{ nothing }}"])
def test_the_brand_s_texts_are_no_templates(statement: str, text: str) -> None:
    own = {"signature": "【B】", "opt_out": "R", "link": "https://s.example/{{ code }}"} | {statement: text}
    lines = "\n".join(f'{name} "{value}"' for name, value in own.items())
    brand = f'brand b "B" {{\nzone "UTC"; currency CNY\n{lines}\n}}\n'
    found = analyse(completed(brand + campaign())).found
    assert found and {one.code for one in found} <= {"CAMP505", "CAMP506"}


@pytest.mark.parametrize(
    ("variable", "filter"),
    [
        ("product.max_amount", "wan0"),
        ("product.max_amount", "date"),
        ("product.max_amount", "default"),
        ("campaign.ends", "percent"),
        ("campaign.ends", "year"),
        ("brand.name", "wan"),
    ],
)
def test_a_filter_that_does_not_fit_what_is_known_before_is_told(variable: str, filter: str) -> None:
    text = (HERE / "cases/copy/good/variables.camp").read_text(encoding="utf-8")
    was = "{{ product.max_amount | wan }}"
    assert was in text
    found = analyse(completed(text.replace(was, f"{{{{ {variable} | {filter} }}}}"))).found
    (told,) = [one for one in found if one.severity == "error"]
    assert filter in told.message
