"""Stable identities: the same in every engine and on every day. SHA-256 (FIPS 180-4) of length-prefixed UTF-8.

A part is framed as its length in bytes, a colon, and itself, so that no two lists of parts give one text.
"""

from __future__ import annotations

import base64
import hashlib

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


def link_code(send: str) -> str:
    """Ten characters of base64url: the first 60 bits of the digest."""
    return base64.urlsafe_b64encode(bytes.fromhex(digest("link", send))[:9])[:10].decode()
