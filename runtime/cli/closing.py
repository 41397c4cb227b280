"""The lines that end a check: how much was read, what was found, and what was decided not to count."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dsl.allowing import Allowed
    from dsl.severities import Override


def many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def counted(files: int, declarations: int, errors: int, warnings: int) -> str:
    return f"{many(files, 'file')}, {many(declarations, 'declaration')} read, {many(errors, 'error')}" + (
        f", {many(warnings, 'warning')}" if warnings else ""
    )


def decided(allowed: Sequence[Allowed], overrides: Iterable[Override]) -> Iterator[str]:
    """What comments allow and camp.toml weighs otherwise: never silently."""
    if allowed:
        first = min(one.until for one in allowed)
        yield f"{many(len(allowed), 'finding')} allowed by comments: the first until {first}"
    changed = list(overrides)
    lowered = [_changed(one) for one in changed if one.lowers]
    raised = [_changed(one) for one in changed if not one.lowers]
    if lowered:
        yield f"{many(len(lowered), 'rule')} lowered by camp.toml: {', '.join(lowered)}"
    if raised:
        yield f"{many(len(raised), 'rule')} raised by camp.toml: {', '.join(raised)}"


def _changed(one: Override) -> str:
    return f"{one.code} {one.default} → {one.severity}"
