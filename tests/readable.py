"""Stages of the compiler as short text, for snapshots."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from dsl.model import Brand, Campaign
from dsl.syntax.tree import Declaration, Statement
from dsl.templates.constants import constants
from dsl.templates.read import environment


def bare(value: object) -> str:
    """A value without its places: `Compare('>=', assets, 5 CNY)`; what is empty is left out."""
    match value:
        case tuple():
            return "[" + ", ".join(bare(item) for item in value) + "]"
        case str():
            return json.dumps(value, ensure_ascii=False)
        case Decimal() | date() | bool() | int():
            return str(value)
    assert is_dataclass(value)
    kind = type(value).__name__
    parts = [getattr(value, f.name) for f in fields(value) if f.name not in ("span", "op")]
    if kind == "Literal":
        return bare(parts[0])
    if len(parts) == 1 and isinstance(parts[0], str):
        return parts[0]
    said = [bare(part) for part in parts if not (part is None or part is False or part == ())]
    return f"{kind}({', '.join(said)})"


def declaration(one: Declaration) -> str:
    head = " ".join([one.kind, *([one.name.text] if one.name else []), *([bare(one.title)] if one.title else [])])
    return "\n".join([head, *(_statement(statement, "  ") for statement in one.statements)])


def _statement(statement: Statement, indent: str) -> str:
    line = f"{indent}{statement.kind} {' '.join(bare(part) for part in statement.parts)}".rstrip()
    return "\n".join([line, *(_statement(inner, indent + "  ") for inner in statement.inner)])


def rendered(template: str, brand: Brand, campaign: Campaign, customer: Mapping[str, Any]) -> str:
    """The message that a customer would get, its link with the code `abc`."""
    known: dict[str, Any] = {"customer": customer}
    for (head, *rest), value in constants(brand, campaign).items():
        known.setdefault(head, {})[rest[0]] = value
    if brand.link:
        known["link"] = brand.link.value.replace("{{ code }}", "abc")
    return environment().from_string(template).render(known)
