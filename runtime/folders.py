"""A folder that is written beside another, and takes its place whole."""

from __future__ import annotations

import shutil
from pathlib import Path


def replace(out: Path, new: Path, old: Path) -> None:
    """`new` stands where `out` stood, or `out` stands there as before. old: where that lies meanwhile."""
    if out.exists():
        out.rename(old)
    try:
        new.rename(out)
    except BaseException:
        if old.exists():
            old.rename(out)
        raise
    shutil.rmtree(old, ignore_errors=True)
