"""What goes beside the words as JSON, spelled as Python's json.dumps spells it: cards and buttons, and guards."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from pydantic import TypeAdapter
from sqlglot import exp

from dsl.behaviour import Condition
from dsl.program.ir import MessageSpec
from dsl.program.parts import Part
from runtime.relational.sql import call, case, cast, col, concat, num, paren, text

_CONDITION: TypeAdapter[Condition] = TypeAdapter(Condition)
Render = Callable[[str], exp.Expr]


def card_and_buttons(message: MessageSpec, render: Render, link: exp.Expr) -> exp.Expr | None:
    """The column `rich`; None where the message has neither. A button that opens something carries the address."""
    if message.card is None and not message.suggestions:
        return None
    shown: list[exp.Expr] = []
    if message.card is not None:
        card = message.card
        texts = {
            "image": text(card.image),
            "text": render(card.text),
            "title": render(card.title),
            "video": text(card.video),
        }
        pieces = [_member(name, value) for name, value in texts.items()]
        shown += [text('"card": {'), call("concat_ws", text(", "), *pieces), text("}, ")]
    buttons = []
    for button in message.suggestions:
        named: list[exp.Expr] = [text(f'{{"action": {json.dumps(button.action)}, ')]
        if button.action == "link":
            named += [text('"address": '), _json(link), text(", ")]
        buttons.append(concat([*named, text('"label": '), _json(render(button.label)), text("}")]))
    listed = [part for at, one in enumerate(buttons) for part in ((text(", "), one) if at else (one,))]
    return concat([text("{"), *shown, text('"suggestions": ['), *listed, text("]}")])


def _member(name: str, value: exp.Expr) -> exp.Expr:
    """A member of the card, or nothing where it is empty."""
    empty = exp.EQ(this=value.copy(), expression=text(""))
    return paren(case([(empty, exp.null())], concat([text(f'"{name}": '), _json(value)])))


def _json(value: exp.Expr) -> exp.Expr:
    """A text in JSON. Not the engine's own JSON, which writes the codes of control characters in capitals."""
    marks = _replaced(exp.cast(value.copy(), "VARCHAR"), [92, 34])
    odd = exp.RegexpLike(this=value.copy(), expression=text(r"[\x00-\x1f]"))
    return concat([text('"'), paren(case([(odd, _replaced(marks.copy(), range(32)))], marks)), text('"')])


def _replaced(value: exp.Expr, codes: Iterable[int]) -> exp.Expr:
    for code in codes:
        value = exp.func("REPLACE", value, call("chr", num(code)), text(json.dumps(chr(code))[1:-1]))
    return value


def guard(part: Part) -> exp.Expr | None:
    """The column `guard`, over the instants `entered` and `since`; None where nothing has to be asked again."""
    tests = [("exit", line.when, "entered") for line in part.campaign.exits]
    tests += [
        (kind, test, "since") for kind, test in (("if", part.provided), ("unless", part.unless)) if test is not None
    ]
    if not tests:
        return None
    shown: list[exp.Expr] = []
    for kind, test, since in tests:
        rest: dict[str, Any] = {"test": _CONDITION.dump_python(test, mode="json"), "when": kind}
        written = json.dumps(rest, ensure_ascii=False, sort_keys=True)
        shown += [text(", " if shown else "["), text('{"since": "'), _instant(col(since)), text('", ' + written[1:])]
    return concat([*shown, text("]")])


def _instant(micros: exp.Expr) -> exp.Expr:
    """As 2026-03-04T01:00:00+00:00, with a fraction where there is one."""
    rest = paren(exp.Mod(this=micros.copy(), expression=num(1_000_000)))
    fraction = concat([text("."), call("lpad", cast(rest, "VARCHAR"), num(6), text("0"))])
    whole = exp.EQ(this=rest.copy(), expression=num(0))
    written = call("strftime", call("make_timestamp", micros.copy()), text("%Y-%m-%dT%H:%M:%S"))
    return concat([written, paren(case([(whole, text(""))], fraction)), text("+00:00")])
