"""Trees become values with places; the two spellings become the same value."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal

import pytest

from dsl.parser.build_expr import ExprBuilder, branches, unquote
from dsl.parser.parse import parser
from dsl.quantities import Duration, Money
from dsl.source import Span
from dsl.syntax import expr as ast


def built(text: str) -> ast.Expr:
    declaration = branches(parser().parse(f"segment s = {text}"))[0]
    return ExprBuilder(-len("segment s = ")).expr(branches(declaration)[0])


def bare(value: object) -> object:
    """The value without its places."""
    if isinstance(value, tuple):
        return tuple(bare(item) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        inner = [bare(getattr(value, f.name)) for f in fields(value) if f.name != "span"]
        return (type(value).__name__, *inner)
    return value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("50万 CNY", Money(Decimal(500_000), "CNY")),
        ("3.8%", ast.Percent(Decimal("0.038"))),
        ("30 days", Duration(Decimal(30), "DAY")),
        ("2026-03-01", date(2026, 3, 1)),
        ('"a\\"b"', 'a"b'),
        ("yes", True),
    ],
)
def test_literals(text: str, value: object) -> None:
    compared = built(f"a = {text}")
    assert isinstance(compared, ast.Compare) and isinstance(compared.right, ast.Literal)
    assert compared.right.value == value
    assert compared.right.span == Span(4, 4 + len(text))


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("not did view in last 90 days and x", "非 发生过 view 在 最近 90 天 且 x"),
        ("any { a; none { b is missing } }", "任一 { a; 皆非 { b 为 缺失 } }"),
        ("count(v where p = 1) >= 3 or d in next 3 days", "次数(v 其中 p = 1) >= 3 或 d 在 未来 3 日"),
    ],
)
def test_both_spellings_are_one_value(english: str, chinese: str) -> None:
    assert bare(built(english)) == bare(built(chinese))


def test_and_binds_closer_than_or_and_not_closest() -> None:
    found = built("not a and b or c")
    assert isinstance(found, ast.Group) and found.kind == "any"
    first = found.items[0]
    assert isinstance(first, ast.Group) and first.kind == "all" and isinstance(first.items[0], ast.Not)


def test_a_where_ends_before_the_window() -> None:
    found = built('did v where p = "x" in last 7 days')
    assert isinstance(found, ast.Did) and isinstance(found.pattern, ast.Selection) and found.pattern.window is not None
    assert bare(found.pattern.where) == ("Compare", "=", ("Name", "p"), ("Literal", "x"))


def test_triple_quotes_keep_lines_and_backslashes() -> None:
    assert unquote('"""a\n"b\\n"""') == 'a\n"b\\n'
