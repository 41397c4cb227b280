"""An engine that is listened to: each call with its stage, its table and its time, and what the tables come to.

What it asks by itself is left out of the stages' time. Without a profile there is no such engine, and nothing is paid for one.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from sqlglot import exp

from runtime.engines.base import Engine
from runtime.profile import memory
from runtime.profile.stages import Stages
from runtime.relational.sql import table

_MADE = ("attach", "create", "append", "insert", "keep", "grouped", "mapped")
_ASKED = ("rows", "arrays")
# What is counted by campaign: the table, and its column that says whose a row is (runtime/relational/candidates.py, render.py).
CANDIDATES, TEXTS = "candidates", "rendered"
_WHOSE = {CANDIDATES: "n", TEXTS: "p"}


@dataclass
class Step:
    """The calls of a stage about one table. made: it was made or added to; else its rows were brought over, or written.

    bytes: what the engine holds of it, or the file's; None where nobody knows.
    """

    stage: str
    name: str
    made: bool
    seconds: float = 0.0
    rows: int | None = None
    bytes: int | None = None


@dataclass
class Recorded:
    """By (stage, name, made) the steps; by table and number whose rows they are; by stage the peak of memory at its end."""

    stages: Stages
    steps: dict[tuple[str, str, bool], Step] = field(default_factory=dict)
    whose: dict[str, Counter[int]] = field(default_factory=dict)
    peaks: dict[str, int] = field(default_factory=dict)

    def around(self, engine: Engine) -> Engine:
        """From here on the engine's calls are noted."""
        self.stages.ending = self._ends
        return cast(Engine, _Recording(engine, self))

    def _ends(self, stage: str) -> None:
        self.peaks[stage] = memory.peak()

    def note(self, name: str, made: bool, seconds: float, rows: int | None, bytes: int | None) -> None:
        key = self.stages.stage, name, made
        step = self.steps.setdefault(key, Step(*key))
        step.seconds += seconds
        step.rows = step.rows if rows is None else (step.rows or 0) + rows
        step.bytes = step.bytes if bytes is None else (step.bytes or 0) + bytes


class _Recording:
    """Whatever an engine can do, by delegation."""

    def __init__(self, engine: Engine, recorded: Recorded) -> None:
        self._engine, self._recorded = engine, recorded
        self._sizes: dict[str, tuple[int, int]] = {}  # rows and bytes of the tables that there are

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._engine, name)
        return self._listening(name, found) if name in (*_MADE, *_ASKED, "write") else found

    def rename(self, name: str, to: str) -> None:
        self._engine.rename(name, to)
        self._sizes[to] = self._sizes.pop(name, (0, 0))

    def drop(self, *names: str) -> None:
        self._engine.drop(*names)
        for name in names:
            self._sizes.pop(name, None)

    def _listening(self, call: str, made: Callable[..., Any]) -> Callable[..., Any]:
        def listened(*arguments: Any) -> Any:
            about = _about(call, arguments)  # before the call, which may take the query apart
            held = self._spared(self._engine.held) if call in _MADE else None
            begun = time.perf_counter()
            found = made(*arguments)
            seconds = time.perf_counter() - begun
            rows, bytes = self._spared(lambda: self._size(call, about, arguments, found, held))
            self._recorded.note(about, call in _MADE, seconds, rows, bytes)
            return found

        return listened

    def _spared(self, ask: Callable[[], Any]) -> Any:
        begun = time.perf_counter()
        found = ask()
        self._recorded.stages.spare(time.perf_counter() - begun)
        return found

    def _size(
        self, call: str, name: str, arguments: tuple[Any, ...], found: Any, held: int | None
    ) -> tuple[int | None, int | None]:
        """The rows and bytes that a call has made, or brought over."""
        if call == "write":
            return None, Path(arguments[1]).stat().st_size
        if call in _ASKED:
            return len(found) if call == "rows" else max(map(len, found.values()), default=0), None
        rows, now = self._engine.count(name), self._engine.held()
        if rows is None or held is None or now is None:
            return rows, None
        before = self._sizes.get(name, (0, 0))
        added = now - held + (0 if call == "append" else before[1])  # what had that name is gone
        self._sizes[name] = rows, added + (before[1] if call == "append" else 0)
        if name in _WHOSE and call in ("create", "insert"):
            number = _WHOSE[name]
            query = exp.select(number, "count(*)").from_(table(name)).group_by(number)
            self._recorded.whose.setdefault(name, Counter()).update(dict(self._engine.rows(query)))
        return rows - (before[0] if call == "append" else 0), max(0, added)


def _about(call: str, arguments: tuple[Any, ...]) -> str:
    """The name of the table or of the file."""
    if call in _MADE:
        return str(arguments[0])
    if call == "write":
        return Path(arguments[1]).name
    found = arguments[0].find(exp.Table)
    return found.name if found is not None else ""
