"""What a figure was measured on."""

from __future__ import annotations

import os
import platform
from pathlib import Path

from runtime.engines.base import Engine


def machine(engine: Engine | None = None) -> str:
    info = Path("/proc/cpuinfo")
    models = (
        [line.split(":")[1].strip() for line in info.read_text().splitlines() if "model name" in line]
        if info.exists()
        else []
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = {"python": platform.python_version(), **(engine.versions() if engine else {})}
    shown = ", ".join(f"{name} {version}" for name, version in versions.items())
    return f"{models[0] if models else platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GiB; {shown}"
