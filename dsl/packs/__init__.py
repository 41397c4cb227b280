"""Compliance packs: policies that come with Camp, written in the language itself. A project's policies extend them by name.

A pack is read only where a project names one of its policies and declares none of that name itself. Facts and sources:
docs/compliance.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from dsl.source import Source

# Under this name packs' lines are told, wherever Camp is installed.
SHOWN = "camp/packs"
_HERE = Path(__file__).parent
_POLICY = re.compile(r"^policy[ \t]+(\w+)", re.MULTILINE)


@cache
def policies() -> dict[str, Source]:
    """Each policy that comes with Camp, with the text that declares it."""
    found: dict[str, Source] = {}
    for path in sorted(_HERE.glob("*.camp")):
        source = Source(f"{SHOWN}/{path.name}", path.read_text(encoding="utf-8"))
        found |= dict.fromkeys(_POLICY.findall(source.text), source)
    return found


def sources(named: Iterable[str]) -> list[Source]:
    """The texts that declare some policies, without those that are no packs."""
    known = policies()
    return list({known[name].path: known[name] for name in named if name in known}.values())
