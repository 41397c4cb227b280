"""A folder of this user's alone for what is quicker read than made again. Safe to delete.

Only JSON is kept there, which can run no code, and never in a project or a shared temporary folder: CI checks strangers' pull
requests. Whatever is odd about the folder or a file, nothing is read from it. CAMP_CACHE=off keeps nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any


def folder() -> Path | None:
    """This user's cache folder, made where it is not there; None where it could be written to by anybody else."""
    if os.environ.get("CAMP_CACHE", "").lower() in ("off", "0", "no") or not hasattr(os, "getuid"):
        return None
    try:
        base = Path(os.environ.get("XDG_CACHE_HOME", ""))
        folder = (base if base.is_absolute() else Path.home() / ".cache") / "camp"
        if not folder.is_absolute():  # HOME is a relative path: this would lie in whatever folder the command runs in
            return None
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except (OSError, RuntimeError):  # no home, or none that can be written to
        return None
    return folder if stat.S_ISDIR(found.st_mode) and _is_mine(found) else None


def _is_mine(found: os.stat_result) -> bool:
    return found.st_uid == os.getuid() and not found.st_mode & 0o077


def read(path: Path, hook: Callable[[dict[str, Any]], Any] | None = None) -> Any:
    """What was kept there; None where it is not there, not this user's, or not whole."""
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
            if not _is_mine(os.fstat(file.fileno())):
                return None
            digest, _, content = file.read().partition(b"\n")
    except OSError:
        return None
    if digest.decode("ascii", "replace") != hashlib.sha256(content).hexdigest():
        return None
    return json.loads(content, object_hook=hook)


def write(path: Path, tables: Any) -> None:
    """The file as a whole or not at all; where it cannot be written, the next run builds again."""
    import tempfile

    content = json.dumps(tables, ensure_ascii=False, separators=(",", ":")).encode()
    try:
        handle, name = tempfile.mkstemp(dir=path.parent)  # readable by this user only
    except OSError:
        return
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(hashlib.sha256(content).hexdigest().encode() + b"\n" + content)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
