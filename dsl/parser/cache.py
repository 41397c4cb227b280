"""The built parser, kept between runs: building it takes longer than checking a small project.

It is kept as JSON, which can run no code, and only in a folder that is this user's alone: never in a project, never in
a shared temporary folder. Whatever is odd about the folder or the file, the parser is built anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import sys
from pathlib import Path
from typing import Any

import lark
from lark import Lark
from lark.grammar import Rule
from lark.lexer import TerminalDef

from dsl.parser.lexing import DropSeparators, WordLexer

FORMAT = 1  # of the file: to be raised when _tables writes it otherwise
OPTIONS: dict[str, Any] = {"parser": "lalr", "propagate_positions": True, "maybe_placeholders": False}


def kept(source: str) -> Lark:
    """The parser of the grammar `source`, from the cache where it is there and sound."""
    folder = _folder()
    if folder is None:
        return _build(source)
    made_of = f"{FORMAT} {OPTIONS} {lark.__version__} {sys.version} {source}"
    path = folder / f"grammar-{hashlib.sha256(made_of.encode()).hexdigest()[:32]}.json"
    tables = _read(path)
    if tables is not None:
        return Lark.load(_with_objects(tables, DropSeparators(), WordLexer))
    built = _build(source)
    data, memo = built.memo_serialize([TerminalDef, Rule])
    _write(path, _with_objects({"data": data, "memo": memo}, None, None))
    return built


def _build(source: str) -> Lark:
    return Lark(source, **OPTIONS, lexer=WordLexer, postlex=DropSeparators())


def _with_objects(tables: dict[str, Any], postlex: object, lexer: object) -> dict[str, Any]:
    """Lark's tables with the two things in them that are no data."""
    data = tables["data"]
    data["options"] |= {"postlex": postlex, "lexer": lexer}
    data["parser"]["lexer_conf"] |= {"lexer_type": lexer}
    return tables


def _folder() -> Path | None:
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


def _read(path: Path) -> dict[str, Any] | None:
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
            if not _is_mine(os.fstat(file.fileno())):
                return None
            digest, _, content = file.read().partition(b"\n")
    except OSError:
        return None
    if digest.decode("ascii", "replace") != hashlib.sha256(content).hexdigest():
        return None
    found: dict[str, Any] = json.loads(content, object_hook=_with_numbers)
    return found


def _write(path: Path, tables: dict[str, Any]) -> None:
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


def _with_numbers(table: dict[str, Any]) -> dict[Any, Any]:
    """JSON has no numbers as keys; Lark's tables have, and no names made of digits."""
    if next(iter(table), "").isdigit():
        return {int(key): value for key, value in table.items()}
    return table
