"""Copy in which filters and variables are written in Chinese → the same in English, as programs keep it."""

from __future__ import annotations

import grammar
from dsl.templates.read import environment


def in_english(template: str) -> str:
    """A template that can be read, with `客户 | 称呼` as `customer | salutation`. Its words stay as they are."""
    if template.isascii() or "{" not in template:
        return template
    out: list[str] = []
    last = ""  # the operator before a name: `|` before a filter, `.` before what is reached into
    for _, kind, text in environment().lex(template):
        if kind == "name" and last != ".":
            text = grammar.in_english("filters" if last == "|" else "copy", text)
        if kind != "whitespace":
            last = text if kind == "operator" else ""
        out.append(text)
    return "".join(out)
