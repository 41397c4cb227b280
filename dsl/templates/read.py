"""Jinja's own parser → copy. Only what is listed here passes: no loops, no calls, no arithmetic, no reaching into objects."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any, Literal

from jinja2 import Environment, StrictUndefined, TemplateSyntaxError, nodes

import grammar
from dsl.render.filters import FILTERS, plain
from dsl.templates import copy
from dsl.templates.copy import Refused

MAX_LENGTH = 5_000
MAX_DEPTH = 20  # Jinja writes Python, which goes no deeper than 100


TOO_DEEP = Refused("The copy is nested too deeply", "Use fewer brackets, conditions and filters.")


class _Unfit(Exception):
    def __init__(self, refused: Refused) -> None:
        self.refused = refused


@cache
def environment() -> Environment:
    """The one environment that reads and renders copy."""
    env = Environment(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=True, finalize=plain)
    env.filters.clear()
    env.filters.update(FILTERS)
    env.globals.clear()
    return env


@lru_cache(maxsize=100_000)  # each rule about words asks for the same copy, campaign after campaign
def read(template: str) -> tuple[tuple[copy.Part, ...], Refused | None]:
    """The template's parts, or why it is refused."""
    if len(template) > MAX_LENGTH:
        return (), Refused(f"The copy has more than {MAX_LENGTH:,} characters", "Write less: an SMS holds 70 to 500.")
    if template.rstrip().endswith("{"):
        # What comes after it in the message would be read as the rest of an expression.
        return (), Refused("Copy may not end with `{`", "Leave it out, or write what belongs to it.")
    try:
        return _body(environment().parse(template).body), None
    except TemplateSyntaxError as error:
        return (), Refused(f"The copy cannot be read: {error.message}", "Copy is text with {{ … }} and {% if … %}.")
    except RecursionError:
        return (), TOO_DEEP
    except ValueError:  # Python reads no number of thousands of digits
        return (), Refused("The copy holds a number without end", "Copy compares with whole numbers of a few digits.")
    except _Unfit as unfit:
        return (), unfit.refused


def _body(body: list[nodes.Node], depth: int = 0) -> tuple[copy.Part, ...]:
    if depth > MAX_DEPTH:
        raise _Unfit(TOO_DEEP)
    parts: list[copy.Part] = []
    for node in body:
        match node:
            case nodes.Output():
                parts += [_shown(item) for item in node.nodes]
            case nodes.If():
                rest = _body(node.else_, depth + 1)
                for other in reversed(node.elif_):
                    rest = (copy.Choice(_test(other.test), _body(other.body, depth + 1), rest),)
                parts.append(copy.Choice(_test(node.test), _body(node.body, depth + 1), rest))
            case _:
                raise _refuse(node, f"Copy may not use `{{% {type(node).__name__.lower()} %}}`")
    return tuple(parts)


def _shown(node: nodes.Node) -> copy.Part:
    if isinstance(node, nodes.TemplateData):
        return copy.Text(node.data)
    if isinstance(node, nodes.Const) and isinstance(node.value, str):
        return copy.Text(node.value)
    filters: list[copy.Filter] = []
    while isinstance(node, nodes.Filter):
        if node.kwargs or node.dyn_args or node.dyn_kwargs or len(node.args) > 1 or node.node is None:
            raise _refuse(node, f"The filter `{node.name}` takes one text at most", node.name)
        argument = _text(node.args[0], node.name) if node.args else None
        filters.insert(0, copy.Filter(grammar.in_english("filters", node.name), argument))
        node = node.node
    if len(filters) > MAX_DEPTH:
        raise _Unfit(TOO_DEEP)
    return copy.Show(_path(node), tuple(filters))


def _text(node: nodes.Expr, filter: str) -> str:
    if isinstance(node, nodes.Const) and isinstance(node.value, str):
        return node.value
    raise _refuse(node, f"The filter `{filter}` takes a text in quotes", filter)


def _path(node: nodes.Node) -> copy.Path:
    if isinstance(node, nodes.Name):
        return (grammar.in_english("copy", node.name),)
    if isinstance(node, nodes.Getattr):
        if node.attr.startswith("_"):
            raise _refuse(node, f"Copy may not reach into `{node.attr}`", node.attr)
        return (*_path(node.node), node.attr)
    raise _refuse(node, f"Copy may not use {_spoken(node)}")


_OPERATORS = ("eq", "ne", "lt", "lteq", "gt", "gteq")


def _test(node: nodes.Node, depth: int = 0) -> copy.Test:
    if depth > MAX_DEPTH:
        raise _Unfit(TOO_DEEP)
    match node:
        case nodes.Not():
            return copy.Negated(_test(node.node, depth + 1))
        case nodes.And() | nodes.Or():
            kind: Literal["and", "or"] = "and" if isinstance(node, nodes.And) else "or"
            return copy.Joined(kind, _test(node.left, depth + 1), _test(node.right, depth + 1))
        case nodes.Compare():
            (operand, *more) = node.ops
            value: Any = operand.expr.value if isinstance(operand.expr, nodes.Const) else None
            fits = isinstance(value, (str, int)) and not isinstance(value, bool)
            if more or operand.op not in _OPERATORS or not fits:
                raise _refuse(node, "Copy compares a variable with one text or whole number")
            return copy.Same(_path(node.expr), operand.op, value)  # type: ignore[arg-type]
    return copy.Truthy(_path(node))


def _spoken(node: nodes.Node) -> str:
    return {
        "Call": "calls",
        "Getitem": "`[ ]`",
        "Const": "numbers alone",
        "CondExpr": "`… if … else …` inside {{ }}",
    }.get(type(node).__name__, f"`{type(node).__name__.lower()}`")


def _refuse(node: nodes.Node, message: str, near: str = "") -> _Unfit:
    return _Unfit(Refused(message, "Copy is text, {{ variable | filter }} and {% if … %} … {% endif %}.", near))
