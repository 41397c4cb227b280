"""How a limit on memory is shared out: to the engine, to what Python holds beside it, and to what neither counts."""

from __future__ import annotations

from dataclasses import dataclass

from runtime.errors import InputError

MB = 1_000_000
# The interpreter and its libraries (110 MB as measured), and what an engine takes without counting it (up to 130 MB of which
# a part is the share's).
_BESIDE = 200 * MB
_THREAD = 128 * MB  # with less than that for each, threads wait for one another's spilling
LEAST = 400 * MB


@dataclass(frozen=True)
class Memory:
    """engine: how much it may count. share: how much Python may hold of its rows at a time. threads: as many as that feeds."""

    engine: int
    share: int
    threads: int


def shared_out(limit: int, processors: int) -> Memory:
    """InputError where a limit is too small for anything."""
    if limit < LEAST:
        raise InputError(f"{limit // MB:,} MB of memory are too little for any run", f"Allow at least {LEAST // MB}MB.")
    share = limit // 10
    engine = limit - _BESIDE - share
    return Memory(engine, share, max(1, min(processors, engine // _THREAD)))
