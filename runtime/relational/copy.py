"""Copy → an engine expression that gives the same text as Jinja does (dsl/render/filters.py is the truth).

Amounts are taken apart as whole numbers of their last digit, so that no rounding of an engine shows.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from dsl.render.filters import NOBODY
from dsl.templates import copy
from runtime.relational.sql import call, case, cast, col, concat, num, sure, text

Held = tuple[exp.Expr, str]
Asked = copy.Show | copy.Truthy | copy.Same
_PLACES = {"money": 2, "number": 6, "rate": 6}
_BEYOND = 10**18
_ORDERS: dict[str, type[exp.Binary]] = {"lt": exp.LT, "lteq": exp.LTE, "gt": exp.GT, "gteq": exp.GTE}


class Copy:
    """Compiles folded copy. held: path → column and base; given: what is decided already; link: the message's link."""

    def __init__(self, held: Mapping[copy.Path, Held], link: exp.Expr, given: Mapping[Asked, exp.Expr]) -> None:
        self.held, self.link, self.given = held, link, given

    def text(self, parts: tuple[copy.Part, ...]) -> exp.Expr:
        return concat(self._part(part) for part in parts)

    def _part(self, part: copy.Part) -> exp.Expr:
        match part:
            case copy.Text(written):
                return text(written)
            case copy.Show(path, filters):
                return self.given[part].copy() if part in self.given else self._show(path, filters)
            case copy.Choice(test, then, otherwise):
                return exp.paren(case([(self._test(test), self.text(then))], self.text(otherwise)))
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
        return exp.Coalesce(this=exp.paren(concat([surname, titles])), expressions=[text(NOBODY)])

    def _test(self, test: copy.Test) -> exp.Expr:
        match test:
            case copy.Negated(item):
                return exp.not_(exp.paren(self._test(item)))
            case copy.Joined(kind, left, right):
                sides = self._test(left), self._test(right)
                return exp.paren(exp.and_(*sides) if kind == "and" else exp.or_(*sides))
            case copy.Truthy() | copy.Same() if test in self.given:
                return self.given[test].copy()
            case copy.Truthy(path) if path in self.held:
                held, base = self.held[path][0].copy(), self.held[path][1]
                if base in _PLACES:
                    return sure(exp.NEQ(this=held, expression=num(0)))
                if base == "flag":
                    return sure(held)
                there = exp.not_(exp.Is(this=held, expression=exp.null()))
                return there if base == "date" else sure(exp.NEQ(this=held.copy(), expression=text("")))
            case copy.Truthy():  # the link is never empty
                return exp.true()
            case copy.Same(path, operator, value):
                held = self.held[path][0].copy()
                # No field holds more than 18 digits: beyond, every number compares alike, and an engine might not hold it.
                other = num(min(value, _BEYOND)) if isinstance(value, int) else text(value)
                if operator in ("eq", "ne"):
                    same = sure(exp.EQ(this=held, expression=other))
                    return exp.not_(same) if operator == "ne" else same
                return sure(_ORDERS[operator](this=held, expression=other))
        raise AssertionError(f"no test is a {test}")


def _shape(held: exp.Expr, base: str, filter: str | None) -> exp.Expr:
    if filter == "wan":
        return _wan(held)
    if filter == "money":
        return _money(held)
    if filter == "percent":
        return concat([_digits(_units(held, 6), 4), text("%")])
    if filter == "date":
        month, day = (cast(kind(this=held.copy()), "VARCHAR") for kind in (exp.Month, exp.Day))
        return concat([month, text("月"), day, text("日")])
    if filter == "mask":
        return _mask(cast(held, "VARCHAR"))
    if base in _PLACES:
        return _digits(_units(held, _PLACES[base]), _PLACES[base])
    if base == "flag":
        return case([(held, text("yes")), (exp.not_(held.copy()), text("no"))], exp.null())
    return cast(held, "VARCHAR")


def _units(held: exp.Expr, places: int) -> exp.Expr:
    """A decimal as a whole number of its last place. Widened first: 18 digits and two more would overflow."""
    wide = cast(held, f"DECIMAL(38,{places})")
    return exp.paren(cast(exp.paren(exp.Mul(this=wide, expression=num(10**places))), "BIGINT"))


def _over(left: exp.Expr, right: int) -> exp.Expr:
    return exp.paren(exp.IntDiv(this=left.copy(), expression=num(right)))


def _rest(left: exp.Expr, right: int) -> exp.Expr:
    return exp.paren(exp.Mod(this=left.copy(), expression=num(right)))


def _digits(units: exp.Expr, places: int) -> exp.Expr:
    """`units` × 10^-places without trailing zeros."""
    whole, scale = exp.Abs(this=units.copy()), 10**places
    padded = call("lpad", cast(_rest(whole, scale), "VARCHAR"), num(places), text("0"))
    tail = call("rtrim", padded, text("0"))
    fraction = case([(exp.EQ(this=_rest(whole, scale), expression=num(0)), text(""))], concat([text("."), tail]))
    return concat([_sign(units), cast(_over(whole, scale), "VARCHAR"), exp.paren(fraction)])


def _sign(units: exp.Expr) -> exp.Expr:
    return exp.paren(case([(exp.LT(this=units.copy(), expression=num(0)), text("-"))], text("")))


def _wan(held: exp.Expr) -> exp.Expr:
    """Whole hundredths of 亿 or 万, rounded down; below, whole yuan, rounded towards zero."""
    cents = _units(held, 2)
    pairs = [
        (
            exp.GTE(this=cents.copy(), expression=num(size * 100)),
            concat([_digits(_over(cents, size), 2), text(name + "元")]),
        )
        for size, name in ((100_000_000, "亿"), (10_000, "万"))
    ]
    whole = _over(exp.Abs(this=cents.copy()), 100)
    minus = exp.paren(case([(exp.LTE(this=cents.copy(), expression=num(-100)), text("-"))], text("")))
    yuan = concat([minus, cast(whole, "VARCHAR"), text("元")])
    missing = exp.Is(this=held.copy(), expression=exp.null())
    return exp.paren(case([(missing, exp.null()), *pairs], yuan))


def _money(held: exp.Expr) -> exp.Expr:
    cents = _units(held, 2)
    whole = exp.Abs(this=cents.copy())
    grouped = call("format", text("{:,}"), _over(whole, 100))
    rest = _rest(whole, 100)
    padded = call("lpad", cast(rest, "VARCHAR"), num(2), text("0"))
    fraction = exp.paren(case([(exp.EQ(this=rest.copy(), expression=num(0)), text(""))], concat([text("."), padded])))
    return concat([_sign(cents), grouped, fraction, text("元")])


def _mask(held: exp.Expr) -> exp.Expr:
    length = call("length", held.copy())
    head = exp.Substring(this=held.copy(), start=num(1), length=num(3))
    tail = exp.Substring(
        this=held.copy(), start=exp.paren(exp.Sub(this=length.copy(), expression=num(3))), length=num(4)
    )
    first = exp.Substring(this=held.copy(), start=num(1), length=num(1))
    stars = call(
        "repeat",
        text("*"),
        exp.Greatest(this=exp.paren(exp.Sub(this=length.copy(), expression=num(1))), expressions=[num(0)]),
    )
    long = exp.GTE(this=length, expression=num(11))
    return exp.paren(case([(long, concat([head, text("****"), tail]))], concat([first, stars])))
