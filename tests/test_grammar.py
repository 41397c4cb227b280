"""The grammar loads, and its keywords are words of a place."""

from __future__ import annotations

import pytest
from lark import Lark
from lark.exceptions import UnexpectedInput

import grammar
from dsl.parser.lexing import DropSeparators

PARSER = Lark(grammar.source(), parser="lalr", lexer="contextual", maybe_placeholders=False)


def test_no_two_keywords_share_a_spelling_but_last() -> None:
    seen: dict[str, list[str]] = {}
    for terminal, spelled in grammar.table()["keywords"].items():
        for word in spelled:
            seen.setdefault(word, []).append(terminal)
    assert {word: names for word, names in seen.items() if len(names) > 1} == {"last": ["LAST_PLACE", "LAST"]}


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ('brand b "某行" { signature "【某行】"; cost sms 0.05 CNY; control 2% }', "brand"),
        ("customer {\n  id key\n  # note\n  assets money? sensitive\n  count number\n}", "customer"),
        ("event app_view { page text }", "event"),
        ('segment dormant "沉睡" = not did app_view in last 90 days and assets > 10万 CNY', "segment"),
        ("人群 沉睡 = 非 发生过 app_view 在 最近 90 天", "segment"),
        ("policy p { quiet 22:00-08:00; cap 2 per days; require signature first, opt_out last }", "policy"),
        (
            "campaign c {\n audience {\n  any { a; b = 1 }\n }\n"
            ' start when count(v in last 7 days) reaches 4\n message sms { benefit "{{ x | default("y") }}" }\n}',
            "campaign",
        ),
    ],
)
def test_declarations_parse(text: str, rule: str) -> None:
    assert next(PARSER.parse(text).find_data(rule)).data == rule


@pytest.mark.parametrize("text", ["campaign { }", "segment = a", "customer { id }", 'brand b "x" { cost sms }'])
def test_mistakes_do_not_parse(text: str) -> None:
    with pytest.raises(UnexpectedInput):
        PARSER.parse(text)


def test_the_grammar_has_no_conflict() -> None:
    """Lark hides shift/reduce conflicts and colliding terminals unless it is strict."""
    strict = Lark(grammar.source(), parser="lalr", lexer="contextual", strict=True, postlex=DropSeparators())
    assert strict.parse("segment s = count(v in last 7 days) > count").children[0].data == "segment"  # type: ignore[union-attr]
