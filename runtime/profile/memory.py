"""The most memory that this process has held so far."""

from __future__ import annotations

import re
import sys
from pathlib import Path

_STATUS = Path("/proc/self/status")
_told = 0


def peak() -> int:
    """In bytes. Never less than before: the system adds up what threads hold only now and then, and can go back."""
    global _told
    _told = max(_told, _now())
    return _told


def _now() -> int:
    """Linux says it of this process alone; elsewhere it is what the system accounts for it."""
    try:
        found = re.search(r"VmHWM:\s+(\d+) kB", _STATUS.read_text(encoding="ascii"))
        if found:
            return int(found[1]) * 1024
    except OSError:
        pass
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024
