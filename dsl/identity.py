"""Stable identities: the same in every engine and on every day. SHA-256 (FIPS 180-4) of length-prefixed UTF-8.

A part is framed as its length in bytes, a colon, and itself, so that no two lists of parts give one text.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import count

BUCKETS = 10_000
CONTROL_SALT = "control"


def framed(*parts: str) -> str:
    return "".join(f"{len(part.encode())}:{part}" for part in parts)


def digest(*parts: str) -> str:
    """64 hexadecimal digits."""
    return hashlib.sha256(framed(*parts).encode()).hexdigest()


def bucket(salt: str, customer: str) -> int:
    """0 to 9,999, uniform; the first 60 bits of the digest, modulo."""
    return int(digest(salt, customer)[:15], 16) % BUCKETS


def holdout_salt(campaign: str) -> str:
    return f"holdout/{campaign}"


def arm_salt(campaign: str) -> str:
    return f"arms/{campaign}"


def send_id(campaign: str, step: str, customer: str, occurrence: str, channel: str, role: str = "message") -> str:
    """32 hexadecimal digits."""
    return digest(campaign, step, customer, occurrence, channel, role)[:32]


@dataclass(frozen=True)
class LinkKey:
    """What the codes of links are made with. secret: 64 hexadecimal digits. characters: of a code, of six bits each."""

    secret: str = field(repr=False)
    characters: int = 10

    @classmethod
    def of(cls, key: str) -> LinkKey:
        """Of a key as a bank writes it: its text goes nowhere from here."""
        return cls(digest("link key", key))

    @property
    def fingerprint(self) -> str:
        """Tells keys apart, and nothing of them: 48 bits of a digest."""
        return digest("link key fingerprint", self.secret)[:12]

    @property
    def head(self) -> str:
        """What is digested before a code's own parts."""
        return framed("link", self.secret)


# What examples, previews and tests are shown with. A run takes it only where its links lead to no real host.
DEVELOPMENT = LinkKey.of("camp development key")


def link_code(send: str, key: LinkKey, attempt: int = 0) -> str:
    """Base64url of a keyed digest's first bits: 60 of them. attempt: counts on where the code before is another send's.

    A hash of key and message can be lengthened by whoever knows all of it. Here nobody does: 196 bits of it stay inside. Nor is
    a longer message one of ours: every part says its length.
    """
    made = hashlib.sha256((key.head + framed(str(attempt), send)).encode()).digest()
    return base64.urlsafe_b64encode(made[:9])[: key.characters].decode()


def links_settled(sends: Iterable[str], key: LinkKey, taken: Mapping[str, str]) -> dict[str, str]:
    """Send → code: in the order of their ids each takes the first of its codes that is free. taken: code → send, earlier ones."""
    held, found = dict(taken), {}
    for send in sorted(sends):
        codes = (link_code(send, key, attempt) for attempt in count())
        found[send] = next(code for code in codes if held.setdefault(code, send) == send)
    return found
