"""A baseline: the findings that a project had when it began to be checked, kept in a file so that only new ones are told.

One line for each, sorted, so that a pull request shows what it adds and takes away. What cannot be compiled is never kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import get_args

from dsl.diagnostics import Severity
from runtime.errors import InputError
from runtime.report.compare import Compared, Entry, compared, entries, keepable
from runtime.report.fingerprints import Known

VERSION = 1
MOST = 1_000_000  # of one kind; more is no count


def written(found: Iterable[Known]) -> tuple[str, int, int]:
    """The file of these findings, how many it holds, and how many cannot be kept."""
    every = list(found)
    kept = [one for one in every if keepable(one)]
    lines = [json.dumps(asdict(entry), ensure_ascii=False) for entry in entries(kept)]
    body = ",\n".join(f"  {line}" for line in lines)
    text = f'{{\n "version": {VERSION},\n "findings": [' + (f"\n{body}\n ]" if lines else "]") + "\n}\n"
    return text, len(kept), len(every) - len(kept)


def against(found: Iterable[Known], before: Iterable[Entry]) -> Compared:
    """What the baseline does not know, and what it could never know."""
    every = list(found)
    done = compared([one for one in every if keepable(one)], before)
    new = {id(one) for one in done.new}
    shown = tuple(one for one in every if id(one) in new or not keepable(one))
    return Compared(shown, done.hidden, done.gone)


def read(path: Path) -> list[Entry]:
    again = f"Write it with `camp check --baseline {path} --write-baseline`."
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}", again) from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} is no baseline", again) from error
    if not isinstance(raw, dict) or raw.get("version") != VERSION or not isinstance(raw.get("findings"), list):
        raise InputError(f"{path} is no baseline", again)
    try:
        return [_entry(**line) for line in raw["findings"]]
    except (TypeError, ValueError) as error:
        raise InputError(f"{path} is no baseline", again) from error


def _entry(code: str, declaration: str, severity: Severity, identity: str, count: int) -> Entry:
    if severity not in get_args(Severity) or not isinstance(identity, str):
        raise ValueError("severity or identity")
    if not isinstance(count, int) or not 0 < count <= MOST:
        raise ValueError("count")
    return Entry(code, declaration, severity, identity, count)
