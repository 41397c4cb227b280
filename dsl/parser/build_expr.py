"""Lark trees → expressions. Looks at rule and token names alone, never at a keyword's spelling."""

from __future__ import annotations

from datetime import date
from typing import Literal as OneOf

from lark import Token, Tree

from dsl import quantities
from dsl.parser.cut import MAX_CHARACTERS
from dsl.source import Span
from dsl.syntax import expr as ast

Branch = Tree[Token]
_FUNCTIONS: dict[str, OneOf["count", "days_since", "sum", "latest"]] = {
    "COUNT": "count",
    "DAYS_SINCE": "days_since",
    "SUM": "sum",
    "LATEST": "latest",
}
_GROUPS: dict[str, OneOf["all", "any", "none"]] = {"ALL": "all", "ANY": "any", "NONE": "none"}


def tokens(tree: Branch) -> list[Token]:
    return [child for child in tree.children if isinstance(child, Token)]


def branches(tree: Branch) -> list[Branch]:
    return [child for child in tree.children if isinstance(child, Tree)]


def unquote(token: str) -> str:
    """The text of a string literal; `\\"`, `\\\\` and `\\n` are the escapes."""
    if token.startswith('"""'):
        return token[3:-3]
    out, rest = [], iter(token[1:-1])
    for char in rest:
        if char == "\\":
            escaped = next(rest)
            char = "\n" if escaped == "n" else escaped
        out.append(char)
    return "".join(out)


class ExprBuilder:
    """Builds with places counted from the file's start: `offset` is where the declaration begins.

    `length`: of what was written; behind it stands what was closed for the writer, which is in no file.
    """

    def __init__(self, offset: int, length: int = MAX_CHARACTERS) -> None:
        self.offset, self.length = offset, length

    def span(self, node: Branch | Token) -> Span:
        if isinstance(node, Token):
            start = node.start_pos or 0
            end = start + len(node)
        else:
            start, end = node.meta.start_pos, node.meta.end_pos
        return Span(self.offset + min(start, self.length), self.offset + min(end, self.length))

    def name(self, token: Token) -> ast.Name:
        return ast.Name(str(token), self.span(token))

    def expr(self, tree: Branch) -> ast.Expr:
        span, parts = self.span(tree), branches(tree)
        match tree.data:
            case "bracket":
                return self.expr(parts[0])
            case "or_expr" | "and_expr":
                return ast.Group("any" if tree.data == "or_expr" else "all", self._all(parts), span)
            case "group":
                return ast.Group(_GROUPS[tokens(tree)[0].type], self._all(parts), span)
            case "not_":
                return ast.Not(self.expr(parts[0]), span)
            case "truth":
                return ast.Truth(self.value(parts[0]), span)
            case "compare":
                operator = str(tokens(tree)[0])
                return ast.Compare(operator, self.value(parts[0]), self.value(parts[1]), span)
            case "equals":
                return ast.Compare("=", self.value(parts[0]), self.value(parts[1]), span)
            case "between":
                low, high = (self.literal(end) for end in branches(parts[1]))
                return ast.Between(self.value(parts[0]), low, high, span)
            case "recent":
                return ast.Recent(self.value(parts[0]), self.relative(parts[1]), span)
            case "missing":
                return ast.Missing(self.value(parts[0]), span)
            case "did":
                return ast.Did(self.pattern(parts[0]), span)
            case "in_calendar":
                return ast.InCalendar(self.value(parts[0]), self.name(tokens(tree)[-1]), span)
            case "is_name":
                return ast.IsName(self.value(parts[0]), self.name(tokens(tree)[-1]), span)
            case "in_segment":
                return ast.InSegment(self.name(tokens(tree)[-1]), span)
        raise AssertionError(f"no expression is called {tree.data}")

    def _all(self, trees: list[Branch]) -> tuple[ast.Expr, ...]:
        return tuple(self.expr(tree) for tree in trees)

    def value(self, tree: Branch) -> ast.Value:
        if tree.data == "reference":
            return self.name(tokens(tree)[0])
        return self.aggregate(tree) if tree.data == "aggregate" else self.literal(tree)

    def aggregate(self, tree: Branch) -> ast.Aggregate:
        word, *more = tokens(tree)
        of = next((self.name(token) for token in more if token.type == "NAME"), None)
        return ast.Aggregate(_FUNCTIONS[word.type], self.selection(branches(tree)[0]), self.span(tree), of)

    def pattern(self, tree: Branch) -> ast.Selection | ast.Followed:
        if tree.data == "selection":
            return self.selection(tree)
        parts = {str(part.data): part for part in branches(tree)}
        first, second = (self.selection(part) for part in branches(tree) if part.data == "selection")
        negated = any(token.type == "NOT" for token in tokens(tree))
        window = self.relative(parts["relative"]) if "relative" in parts else None
        return ast.Followed(first, second, negated, self.literal(parts["duration"]), window, self.span(tree))

    def selection(self, tree: Branch) -> ast.Selection:
        window = next((self.relative(part) for part in branches(tree) if part.data == "relative"), None)
        where = next((self.expr(part) for part in branches(tree) if part.data != "relative"), None)
        return ast.Selection(self.name(tokens(tree)[0]), where, window, self.span(tree))

    def relative(self, tree: Branch) -> ast.Relative:
        direction: OneOf["last", "next"] = "last" if tokens(tree)[0].type == "LAST" else "next"
        return ast.Relative(direction, self.literal(branches(tree)[0]), self.span(tree))

    def literal(self, tree: Branch) -> ast.Literal:
        span, parts = self.span(tree), tokens(tree)
        match tree.data:
            case "yes" | "no":
                return ast.Literal(tree.data == "yes", span)
            case "number":
                return ast.Literal(quantities.number(parts[0]), span)
            case "money":
                return ast.Literal(quantities.money(parts[0], parts[1]), span)
            case "percent":
                return ast.Literal(ast.Percent(quantities.percent(parts[0])), span)
            case "string":
                return ast.Literal(unquote(parts[0]), span)
            case "date":
                return ast.Literal(date.fromisoformat(parts[0]), span)
            case "duration":
                return ast.Literal(quantities.Duration(quantities.number(parts[0]), parts[1].type), span)
        raise AssertionError(f"no literal is called {tree.data}")
