"""Loops that numba makes machine code of, where the extra `fast` is there; each has a form beside it for where it is not."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache


@cache
def compiled(loop: Callable[..., None]) -> Callable[..., None] | None:
    """The machine code of a loop over arrays, None without numba. It is kept for the next run where there is a place for it, and
    lets go of the interpreter while it runs."""
    try:
        from numba import njit
    except ImportError:
        return None
    made: Callable[..., None]
    try:
        made = njit(cache=True, nogil=True)(loop)
    except RuntimeError:  # neither beside the source nor in the user's cache may be written
        made = njit(nogil=True)(loop)
    return made
