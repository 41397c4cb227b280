"""Lark trees → declarations and statements. One way for all: each child of a rule becomes a part of its statement."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime

from lark import Token, Tree

from dsl import quantities
from dsl.parser.build_expr import Branch, ExprBuilder, branches, tokens, unquote
from dsl.syntax import expr, tree

_WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
_LITERALS = {"number", "money", "percent", "string", "date", "duration", "yes", "no"}
# Tokens that only mark a place in a statement: its kind says as much already.
_CHOICES = {"BENEFIT", "SCENE", "TRUST", "PROCESS", "INCENTIVE", "ACTION", "TEXT", "TITLE", "IMAGE", "VIDEO"}
_CHOICES |= {"DAY", "WEEK", "MONTH", "FOR_SENSITIVE"}
_CLAUSES = {"otherwise", "verify", "provided", "unless", "on_channel", "mentioning", "of_step", "of_reply"}
_CLAUSES |= {"lifted", "instead"}
_WORDS = {"mention", "exempted", "confidence", "severity"}  # rules that are one keyword each
# Rules that are statements inside a statement.
_NESTED = ("message_item", "card_item", "require_", "note_", "entry", "arm", "message", "confirm", "task", "step_")


def build(parsed: Branch, offset: int, length: int) -> tree.Declaration:
    """The declaration of a `start` tree whose text begins at `offset` of its file and is so long there."""
    return Builder(offset, length).declaration(next(iter(branches(parsed))))


class Builder(ExprBuilder):
    def declaration(self, node: Branch) -> tree.Declaration:
        kind, heads, title = str(node.data), [t for t in tokens(node) if t.type == "NAME"], None
        name = self.name(heads[0]) if heads else None
        for token in tokens(node):
            if token.type == "STRING":
                title = self.string(token)
        if kind == "segment":
            test = self.expr(branches(node)[0])
            statements: tuple[tree.Statement, ...] = (tree.Statement("segment_test", (test,), test.span),)
        elif kind in ("calendar", "funnel", "measure"):
            statements = (
                tree.Statement(f"{kind}_of", tuple(self.part(part) for part in branches(node)), self.span(node)),
            )
        else:
            statements = tuple(
                tree.Statement("policy_extends", (self.part(part),), self.span(part))
                if part.data == "names"
                else self.statement(part)
                for part in branches(node)
            )
        return tree.Declaration(kind, name, title, statements, self.span(node))

    def statement(self, node: Branch) -> tree.Statement:
        kind = str(node.data)
        if kind in ("stage_when", "stage_otherwise"):
            test = self.expr(branches(node)[0]) if branches(node) else None
            stage = tree.Tested(self.name(tokens(node)[0]), test, self.span(node))
            return tree.Statement("stage", (stage,), self.span(node))
        if kind == "field":
            return tree.Statement(kind, (self.field(node),), self.span(node))
        if kind == "cap":
            return tree.Statement(kind, (self.cap(node),), self.span(node))
        if kind == "campaign_cap" or kind == "policy_cap":
            return tree.Statement("cap", (self.cap(branches(node)[0]),), self.span(node))
        if kind == "policy_line":
            line, *notes = (self.statement(part) for part in branches(node))
            return replace(line, inner=(*line.inner, *notes))
        inner = [part for part in branches(node) if str(part.data).startswith(_NESTED)]
        parts = tuple(self.parts(child for child in node.children if child not in inner))
        return tree.Statement(kind, parts, self.span(node), tuple(self.statement(part) for part in inner))

    def parts(self, children: Iterator[Branch | Token]) -> Iterator[tree.Part]:
        for child in children:
            if isinstance(child, Tree):
                yield self.part(child)
            elif child.type == "NAME":
                yield self.name(child)
            elif child.type == "STRING":
                yield self.string(child)
            elif child.type == "NUMBER":
                yield expr.Literal(quantities.number(child), self.span(child))
            elif child.type == "PERCENT":
                yield expr.Literal(expr.Percent(quantities.percent(child)), self.span(child))
            elif child.type == "DATETIME":
                yield tree.Moment(datetime.fromisoformat(child), self.span(child))
            elif child.type == "DATE":
                yield expr.Literal(date.fromisoformat(child), self.span(child))
            elif child.type == "TIMERANGE":
                yield self.hours(child)
            elif child.type == "CODE" or child.type in _CHOICES:
                yield tree.Keyword(str(child) if child.type == "CODE" else child.type, self.span(child))

    def part(self, node: Branch) -> tree.Part:
        kind, span = str(node.data), self.span(node)
        if kind in _LITERALS:
            return self.literal(node)
        if kind in ("window", "hours"):
            return self.window(node)
        if kind == "window_before":
            length, name = self.literal(branches(node)[0]), next(t for t in tokens(node) if t.type == "NAME")
            return tree.WindowBefore(length, self.name(name), _skips(node), span)
        if kind == "window_best":
            return tree.WindowBest(
                self.hours(next(t for t in tokens(node) if t.type == "TIMERANGE")), _skips(node), span
            )
        if kind in _CLAUSES:
            return tree.Clause(kind, tuple(self.parts(iter(node.children))), span)  # type: ignore[arg-type]
        if kind in _WORDS:
            return tree.Keyword(tokens(node)[0].type, span)
        if kind == "yearly":
            first, last = tokens(node)
            return tree.Yearly(str(first), str(last), span)
        if kind == "names":
            return tree.Names(tuple(self.name(token) for token in tokens(node)), span)
        if kind == "weekday":
            return tree.Weekday(_WEEKDAYS.index(tokens(node)[0].type), span)
        if kind in ("selection", "followed"):
            return self.pattern(node)
        if kind == "date_range":
            low, high = (expr.Literal(date.fromisoformat(end), self.span(end)) for end in tokens(node))
            return tree.Range(low, high, span)
        if kind in ("percent_range", "money_range"):
            low, high = (self.literal(end) for end in branches(node))
            return tree.Range(low, high, span)
        if kind in ("strings", "phrases"):
            return tree.Texts(tuple(self.string(text) for text in tokens(node) if text.type == "STRING"), span)
        if kind == "earlier":
            return self.part(branches(node)[0])
        if kind == "quiet_days":
            days = sorted({_WEEKDAYS.index(tokens(day)[0].type) for day in branches(node)})
            return tree.Days(tuple(days), not days, span)
        if kind == "aggregate":
            return self.aggregate(node)
        return self.expr(node)

    def field(self, node: Branch) -> tree.Field:
        name, *marks = tokens(node)
        kind = branches(node)[0]
        word, *arguments = tokens(kind)
        values = tuple(
            self.string(text) if text.type == "STRING" else expr.Literal(quantities.number(text), self.span(text))
            for text in arguments
        )
        types = {mark.type for mark in marks}
        return tree.Field(
            self.name(name), word.type, values, "OPTIONAL" in types, "SENSITIVE" in types, self.span(node)
        )

    def cap(self, node: Branch) -> tree.Cap:
        count = next(token for token in tokens(node) if token.type == "NUMBER")
        named = next((part for part in branches(node) if part.data == "names"), None)
        length = next((part for part in branches(node) if part.data == "duration"), None)
        period: tree.Keyword | expr.Literal
        if length is None:
            word = next(token for token in reversed(tokens(node)) if token.type in ("DAY", "WEEK", "MONTH"))
            period = tree.Keyword(word.type, self.span(word))
        else:
            period = self.literal(length)
        kinds = tuple(self.name(token) for token in tokens(named) if token.type == "NAME") if named else ()
        test = next((self.expr(part) for part in branches(node) if part.data not in ("names", "duration")), None)
        many = expr.Literal(quantities.number(count), self.span(count))
        return tree.Cap(many, kinds, period, self.span(node), test)

    def window(self, node: Branch) -> tree.Window:
        listed = next((part for part in branches(node) if part.data == "weekdays"), None)
        names = {part.data for part in branches(node)}
        days = tuple(_WEEKDAYS.index(tokens(day)[0].type) for day in branches(listed)) if listed else ()
        hours = self.hours(next(token for token in tokens(node) if token.type == "TIMERANGE"))
        on = "workdays" if "workdays" in names else "days" if listed else "every"
        return tree.Window(on, days, hours, "skip" in names, self.span(node))  # type: ignore[arg-type]

    def hours(self, token: Token) -> tree.Hours:
        hours = quantities.time_range(token)
        assert hours is not None, "literals.py refuses hours that no clock shows"
        return tree.Hours(*hours, self.span(token))

    def string(self, token: Token) -> expr.Literal:
        return expr.Literal(unquote(token), self.span(token))


def _skips(node: Branch) -> bool:
    return any(part.data == "skip" for part in branches(node))
