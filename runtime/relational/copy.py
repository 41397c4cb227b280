"""Copy → an engine expression that gives the same text as Jinja does (dsl/render/filters.py is the truth).

Amounts are whole numbers or what the engine writes of a decimal, so that no rounding of an engine shows.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from dsl.render.filters import NOBODY
from dsl.templates import copy
from runtime.relational.sql import both, call, case, cast, col, concat, either, joined, negated, num, paren, sure, text

Held = tuple[exp.Expr, str]
Asked = copy.Show | copy.Truthy | copy.Same
_NUMBERS = ("money", "number", "rate")
_BEYOND = 10**18
_ORDERS: dict[str, type[exp.Binary]] = {"lt": exp.LT, "lteq": exp.LTE, "gt": exp.GT, "gteq": exp.GTE}


class Copy:
    """Compiles folded copy. held: path → column and base; given: what is decided already; link: the message's link."""

    def __init__(self, held: Mapping[copy.Path, Held], link: exp.Expr, given: Mapping[Asked, exp.Expr]) -> None:
        self.held, self.link, self.given = held, link, given

    def text(self, parts: tuple[copy.Part, ...]) -> exp.Expr:
        return joined(self._part(part) for part in parts)  # what is missing has been given a text by then

    def asked(self, one: Asked) -> exp.Expr:
        """What is shown, or whether a test holds."""
        return cast(self._part(one), "VARCHAR") if isinstance(one, copy.Show) else paren(self._test(one))

    def _part(self, part: copy.Part) -> exp.Expr:
        match part:
            case copy.Text(written):
                return text(written)
            case copy.Show(path, filters):
                return self.given[part].copy() if part in self.given else self._show(path, filters)
            case copy.Choice(test, then, otherwise):
                return paren(case([(self._test(test), self.text(then))], self.text(otherwise)))
        raise AssertionError(f"no part is a {part}")

    def _show(self, path: copy.Path, filters: tuple[copy.Filter, ...]) -> exp.Expr:
        shaping = next((filter.name for filter in filters if filter.name != "default"), None)
        instead = next((filter.argument for filter in filters if filter.name == "default"), None)
        if path == ("link",):
            return self.link.copy()
        if path == ("customer",):
            return self._salutation()
        held, base = self.held[path]
        shown = _shape(held.copy(), base, shaping)
        return exp.Coalesce(this=shown, expressions=[text(instead or "")])

    def _salutation(self) -> exp.Expr:
        if not {("customer", "surname"), ("customer", "gender")} <= self.held.keys():
            return text(NOBODY)
        titles = case(
            [
                (sure(exp.EQ(this=col("f_gender"), expression=text(code))), text(title))
                for code, title in (("M", "先生"), ("F", "女士"))
            ],
            exp.null(),
        )
        surname = exp.Nullif(this=col("f_surname"), expression=text(""))
        return exp.Coalesce(this=paren(concat([surname, titles])), expressions=[text(NOBODY)])

    def _test(self, test: copy.Test) -> exp.Expr:
        match test:
            case copy.Negated(item):
                return negated(paren(self._test(item)))
            case copy.Joined(kind, left, right):
                sides = self._test(left), self._test(right)
                return paren(both(*sides) if kind == "and" else either(*sides))
            case copy.Truthy() | copy.Same() if test in self.given:
                return self.given[test].copy()
            case copy.Truthy(path) if path in self.held:
                held, base = self.held[path][0].copy(), self.held[path][1]
                if base in _NUMBERS:
                    return sure(exp.NEQ(this=held, expression=num(0)))
                if base == "flag":
                    return sure(held)
                there = negated(exp.Is(this=held, expression=exp.null()))
                return there if base == "date" else sure(exp.NEQ(this=held.copy(), expression=text("")))
            case copy.Truthy():  # the link is never empty
                return exp.true()
            case copy.Same(path, operator, value):
                held = self.held[path][0].copy()
                # No field holds more than 18 digits: beyond, every number compares alike, and an engine might not hold it.
                other = num(min(value, _BEYOND)) if isinstance(value, int) else text(value)
                if operator in ("eq", "ne"):
                    same = sure(exp.EQ(this=held, expression=other))
                    return negated(same) if operator == "ne" else same
                return sure(_ORDERS[operator](this=held, expression=other))
        raise AssertionError(f"no test is a {test}")


def _shape(held: exp.Expr, base: str, filter: str | None) -> exp.Expr:
    if filter == "wan":
        return _wan(held)
    if filter == "money":
        return _money(held)
    if filter == "percent":
        # Widened first: 18 digits and two more would overflow.
        hundredfold = exp.Mul(this=cast(held, "DECIMAL(38,6)"), expression=num(100))
        return concat([_digits(paren(hundredfold)), text("%")])
    if filter == "date":
        month, day = (cast(kind(this=held.copy()), "VARCHAR") for kind in (exp.Month, exp.Day))
        return concat([month, text("月"), day, text("日")])
    if filter == "mask":
        return _mask(cast(held, "VARCHAR"))
    if base in _NUMBERS:
        return _digits(held)
    if base == "flag":
        return case([(held, text("yes")), (negated(held.copy()), text("no"))], exp.null())
    return cast(held, "VARCHAR")


def _digits(held: exp.Expr) -> exp.Expr:
    """A decimal without trailing zeros; the engine writes every place of its scale."""
    return call("rtrim", call("rtrim", cast(held, "VARCHAR"), text("0")), text("."))


def _whole(held: exp.Expr) -> exp.Expr:
    """The whole units of an amount, rounded towards zero."""
    return cast(call("trunc", held.copy()), "BIGINT")


def _over(left: exp.Expr, right: int) -> exp.Expr:
    return paren(exp.IntDiv(this=left.copy(), expression=num(right)))


def _rest(left: exp.Expr, right: int) -> exp.Expr:
    return paren(exp.Mod(this=left.copy(), expression=num(right)))


def _hundredths(units: exp.Expr) -> exp.Expr:
    """Units of 0.01, none below zero, without trailing zeros. By hand: most of what copy costs is spent here."""
    rest = _rest(units, 100)
    pairs = [
        (exp.EQ(this=rest, expression=num(0)), text("")),
        (exp.EQ(this=_rest(rest, 10), expression=num(0)), concat([text("."), cast(_over(rest, 10), "VARCHAR")])),
        (exp.LT(this=rest.copy(), expression=num(10)), concat([text(".0"), cast(rest.copy(), "VARCHAR")])),
    ]
    fraction = case(pairs, concat([text("."), cast(rest.copy(), "VARCHAR")]))
    return concat([cast(_over(units, 100), "VARCHAR"), paren(fraction)])


def _wan(held: exp.Expr) -> exp.Expr:
    """Whole hundredths of 亿 or 万, rounded down; below, whole yuan, rounded towards zero."""
    yuan = _whole(held)
    pairs = [
        (
            exp.GTE(this=held.copy(), expression=num(size)),
            concat([_hundredths(_over(yuan, size // 100)), text(name + "元")]),
        )
        for size, name in ((100_000_000, "亿"), (10_000, "万"))
    ]
    return paren(case(pairs, concat([cast(yuan.copy(), "VARCHAR"), text("元")])))


def _money(held: exp.Expr) -> exp.Expr:
    """Thousands apart, and the cents where there are any: the last two places of what the engine writes."""
    grouped = call("format", text("{:,}"), exp.Abs(this=_whole(held)))
    cents = exp.func("RIGHT", cast(held.copy(), "VARCHAR"), num(2), dialect="duckdb")
    none = exp.EQ(this=cents, expression=text("00"))
    fraction = paren(case([(none, text(""))], concat([text("."), cents.copy()])))
    minus = paren(case([(exp.LT(this=held.copy(), expression=num(0)), text("-"))], text("")))
    return concat([minus, grouped, fraction, text("元")])


def _mask(held: exp.Expr) -> exp.Expr:
    length = call("length", held.copy())
    head = exp.Substring(this=held.copy(), start=num(1), length=num(3))
    tail = exp.Substring(this=held.copy(), start=paren(exp.Sub(this=length.copy(), expression=num(3))), length=num(4))
    first = exp.Substring(this=held.copy(), start=num(1), length=num(1))
    stars = call(
        "repeat",
        text("*"),
        exp.Greatest(this=paren(exp.Sub(this=length.copy(), expression=num(1))), expressions=[num(0)]),
    )
    long = exp.GTE(this=length, expression=num(11))
    return paren(case([(long, concat([head, text("****"), tail]))], concat([first, stars])))
