"""The key that the codes of links are made with: from the environment, and nowhere written."""

from __future__ import annotations

import os
from collections.abc import Mapping
from urllib.parse import urlsplit

from dsl.identity import DEVELOPMENT, LinkKey
from dsl.program.ir import Program
from runtime.errors import InputError

VARIABLE = "CAMP_LINK_KEY"
LEAST, DIFFERENT = (
    32,
    10,
)  # characters, and different ones among them: of 32 random hexadecimal digits there are fewer once in 5,000
# RFC 2606 and 6761: names that never lead to a host of anybody's.
_RESERVED = (".example", ".test", ".invalid", ".localhost")
_MAKE = (
    f"`camp links key` makes one; put it into {VARIABLE}, and keep it: with another one the same run gets other codes."
)


def link_key(program: Program, environ: Mapping[str, str] = os.environ) -> LinkKey:
    """InputError where there is none, and one is needed: only links to a host that cannot be do without."""
    written = environ.get(VARIABLE, "").strip()
    if written:
        if len(written) < LEAST or len({*written}) < DIFFERENT:
            raise InputError(f"The key in {VARIABLE} is too short to be secret", _MAKE)
        return LinkKey.of(written)
    if program.brand.link is None or reserved(program.brand.link):
        return DEVELOPMENT
    message = f"The codes of links need a key, and {VARIABLE} holds none"
    raise InputError(message, _MAKE)


def shown_key(program: Program) -> LinkKey:
    """For who looks at texts and sends none: the development key where there is no other."""
    return link_key(program) if os.environ.get(VARIABLE) else DEVELOPMENT


def reserved(link: str) -> bool:
    """Whether a brand's link leads to a name that is kept for examples."""
    host = f".{(urlsplit(link.replace('{{ code }}', 'x')).hostname or '').rstrip('.')}"
    return host.endswith(_RESERVED)
