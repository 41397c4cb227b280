"""What stands behind a policy's statement: `source "…" confidence verified severity warning from 2026-05-01 until 2026-12-31`."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from dsl import behaviour as b
from dsl.model import Note
from dsl.resolve.scope import Scope
from dsl.rules import names, values
from dsl.syntax import expr as ast
from dsl.syntax import tree


def note(scope: Scope, statement: tree.Statement, binds: bool = True) -> Note:
    """`binds`: whether the statement can be weighed and dated; the others say how the rest is meant."""
    found = Note()
    seen: dict[str, tree.Statement] = {}
    for written in statement.inner:
        if not written.kind.startswith("note_"):
            continue
        key, place = written.kind.removeprefix("note_"), scope.place(written.span)
        if key in seen:
            scope.tell(names.stated_twice(place, key, scope.place(seen[key].span)))
            continue
        seen[key] = written
        if key not in ("source", "confidence") and not binds:
            scope.tell(values.note_does_not_fit(place, key))
            continue
        found = replace(found, **_value(key, written))
    # What is only remembered cannot bind anybody until somebody has read it.
    if found.confidence == "memory" and found.severity == "error":
        found = replace(found, severity="warning")
    if found.since and found.until and found.since > found.until:
        why = "This would end before it begins"
        place = scope.place(seen["until"].span)
        scope.tell(values.number_does_not_fit(place, why, "Swap the dates; both are in."))
    return found


def _value(key: str, written: tree.Statement) -> dict[str, Any]:
    (part,) = written.parts
    if isinstance(part, tree.Keyword):
        return {key: part.terminal.lower()}
    assert isinstance(part, ast.Literal) and isinstance(part.value, (str, date))
    return {"since" if key == "from" else key: part.value}


def dated(test: b.Condition | None, of: Note) -> b.Condition | None:
    """The test, on the days on which the statement is in force."""
    if of.since is None and of.until is None:
        return test
    days = b.OnDates(of.since, of.until)
    return days if test is None else b.All((days, test))
