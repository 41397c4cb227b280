"""Every rule, imported so that the registry knows it."""

from __future__ import annotations

from collections.abc import Iterator

from dsl.diagnostics import Diagnostic
from dsl.model import Model
from dsl.rules import (
    allows,
    caps,
    copy,
    demands,
    facts,
    layers,
    lengths,
    links,
    names,
    offers,
    pages,
    refusals,
    schedule,
    sender,
    signatures,
    text,
    values,
    words,
)
from dsl.rules.registry import ENTRIES

__all__ = [
    "allows",
    "caps",
    "copy",
    "demands",
    "facts",
    "layers",
    "lengths",
    "links",
    "names",
    "offers",
    "pages",
    "refusals",
    "run",
    "schedule",
    "sender",
    "signatures",
    "text",
    "values",
    "words",
]


def run(model: Model) -> Iterator[Diagnostic]:
    """What every rule has to say about a model, in the order of codes."""
    for code in sorted(ENTRIES):
        check = ENTRIES[code].check
        if check is not None:
            yield from check(model)
