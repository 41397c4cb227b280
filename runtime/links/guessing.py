"""How many codes a client may guess: a bucket of tokens for each, of which a code that there is not takes one.

A client whose bucket is empty gets nothing at all for a while: if it still got what there is, nothing would be limited.
Addresses are kept as keyed digests under a salt of this process, and go with it.
"""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from hashlib import blake2b
from ipaddress import ip_address

BURST, PER_SECOND = 30, 1.0
_MANY = 100_000  # clients that are remembered; the one that was met longest ago is forgotten first


class Guesses:
    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now, self._salt = now, secrets.token_bytes(16)
        self._left: OrderedDict[bytes, tuple[float, float]] = OrderedDict()  # tokens, and when they were counted

    def wait(self, client: str) -> float:
        """Seconds until the client is answered again; 0: at once."""
        tokens = self._tokens(self._name(client))
        return max(0.0, (1 - tokens) / PER_SECOND)

    def missed(self, client: str) -> None:
        name = self._name(client)
        self._left[name] = self._tokens(name) - 1, self._now()
        self._left.move_to_end(name)
        if len(self._left) > _MANY:
            self._left.popitem(last=False)

    def _tokens(self, name: bytes) -> float:
        tokens, then = self._left.get(name, (float(BURST), 0.0))
        return min(float(BURST), tokens + (self._now() - then) * PER_SECOND)

    def _name(self, client: str) -> bytes:
        """Of an IPv6 address its network: a single household has 2^64 of them."""
        try:
            address = ip_address(client)
            packed = address.packed[:8] if address.version == 6 else address.packed
        except ValueError:
            packed = client.encode()
        return blake2b(packed, key=self._salt, digest_size=16).digest()
