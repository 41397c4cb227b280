"""The longest text that a message can become: each variable at its longest value."""

from __future__ import annotations

from dataclasses import dataclass

from dsl.model import Campaign, Message, Model
from dsl.render.filters import NOBODY
from dsl.render.segments import units
from dsl.templates import copy
from dsl.templates.variables import Variables
from dsl.templates.ways import ways
from dsl.types import Type

# What is taken for the longest where nothing declares it: UTF-16 units. A code of a link has ten characters.
TEXT, CODE = 20, 10
_WIDEST = {
    "money": "9" * 12,
    "number": "9" * 9,
    "rate": "0.9999",
    "date": "2026-12-31",
    "phone": "9" * 14,
    "key": "9" * 20,
    "length": "999",
    "flag": "yes",
    "zone": "America/Argentina/ComodRivadavia",
}
_SHAPED = {
    "wan": "9999.99万元",
    "money": "999,999,999.99元",
    "percent": "99.99%",
    "date": "12月31日",
    "mask": "138****0001",
    "monthly_saving": "999,999.99元",
}


@dataclass(frozen=True)
class Longest:
    """`assumed`: variables that no declaration bounds, of which so much was taken as TEXT says."""

    text: str
    assumed: tuple[str, ...] = ()


def longest(model: Model, campaign: Campaign, message: Message) -> Longest | None:
    """The longest over all ways of reading it, by UTF-16 units; None where copy cannot be read."""
    known = Variables(model.brand, campaign, model.fields, model.events)
    link = model.brand.link.value.replace("{{ code }}", "x" * CODE) if model.brand.link else ""
    found: list[Longest] = []
    for way in ways(model, campaign, message):
        text, assumed = "", list[str]()
        for part in way.parts:
            if isinstance(part, copy.Text):
                text += part.text
                continue
            if part.path == ("link",):
                text += link
                continue
            shown, bounded = _widest(part, known.get(part.path), model)
            text += shown
            assumed += [] if bounded else [".".join(part.path)]
        found.append(Longest(text, tuple(dict.fromkeys(assumed))))
    return max(found, key=lambda one: units(one.text), default=None)


def _widest(show: copy.Show, type: Type | None, model: Model) -> tuple[str, bool]:
    """The longest value of a variable, and whether something bounds it."""
    names = [filter.name for filter in show.filters]
    instead = [filter.argument or "" for filter in show.filters if filter.name == "default"]
    if "salutation" in names:
        surname = model.fields.get("surname")
        size = surname.type.size if surname and surname.type.size else 2
        return max("国" * size + "先生", NOBODY, key=len), True
    shape = next((_SHAPED[name] for name in names if name in _SHAPED), None)
    if shape is not None:
        value, bounded = shape, True
    elif type is not None and type.base == "choice":
        value, bounded = max(type.options, key=units), True
    elif type is None or type.base == "text":
        size = (type.size or 0) if type else 0
        value, bounded = "国" * (size or TEXT), size > 0
    else:
        value, bounded = _WIDEST.get(type.base, "国" * TEXT), type.base in _WIDEST
    return max([value, *instead], key=units), bounded
