"""Which events a run looks at, without what matching takes to say so: numpy alone would be a tenth of the command's time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

from dsl.behaviour import Selection
from dsl.catalog import CLICK_EVENT, DERIVED, OPT_OUT_EVENT, REPLY_EVENT
from dsl.program.ir import Part, Program
from dsl.program.parts import parts

_LATEST, _PLAN = re.compile(r"\blatest\.(\w+)"), re.compile(r"\bplan\b")


def used(program: Program) -> set[str]:
    """The events that audiences, starts, steps, refusals, answers, windows and copy ask for."""
    found, calculators = {OPT_OUT_EVENT}, {one.name: one.calculator for one in program.products}
    for root in (*program.campaigns, *program.policies):
        for held in _inside(root):
            if isinstance(held, Selection):
                found.add(held.event)
            elif isinstance(held, str) and "{" in held:
                found |= set(_LATEST.findall(held))
                asked = calculators.get(getattr(root, "product", None) or "")
                if asked is not None and _PLAN.search(held):
                    found.add(asked.event)
    if any(campaign.replies for campaign in program.campaigns):
        found.add(REPLY_EVENT)
    if "ignored" in found or any(part.window and part.window.best for part in parts(program)):
        found.add(CLICK_EVENT)
    return found - DERIVED.keys()


def _inside(root: Any) -> Iterator[Any]:
    """Everything that a part of the program holds, in no order; a goal is looked at after a run."""
    held = [root]
    while held:
        value = held.pop()
        yield value
        if isinstance(value, (tuple, list)):
            held += value
        elif isinstance(value, dict):
            held += value.values()
        else:
            held += [getattr(value, name) for name in _names(value.__class__)]


@cache
def _names(kind: Any) -> tuple[str, ...]:
    if issubclass(kind, Part):
        return tuple(name for name in kind.model_fields if name != "goal")
    return tuple(one.name for one in fields(kind)) if is_dataclass(kind) else ()
