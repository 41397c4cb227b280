"""What two sets of effective rules have not in common, as Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from dsl.effective import GROUPS, Stated, effective
from dsl.model import Policy

Say = Callable[[str], str]


def compared(old: tuple[Policy, date], new: tuple[Policy, date], say: Say) -> Iterator[str]:
    """Statements that went (-) and came (+), by group; nothing where both bind alike."""
    (before, then), (after, now) = old, new
    yield f"# {before.name} ({then}) → {after.name} ({now})"
    gone, come = (
        _only(effective(before, then), effective(after, now)),
        _only(effective(after, now), effective(before, then)),
    )
    if not gone and not come:
        yield from ("", say("The same rules."))
    for group in GROUPS:
        lines = [f"- − `{one.text}`{_source(one)}" for one in gone if one.group == group]
        lines += [f"- + `{one.text}`{_source(one)}" for one in come if one.group == group]
        if lines:
            yield from ("", f"## {say(group).capitalize()}", "", *lines)


def _only(mine: list[Stated], others: list[Stated]) -> list[Stated]:
    """By what they mean and how much they weigh: another source alone is no other rule."""
    there = {(one.group, one.meaning, one.note.severity) for one in others}
    return [one for one in mine if (one.group, one.meaning, one.note.severity) not in there]


def _source(one: Stated) -> str:
    return f" ({one.note.source})" if one.note.source else ""
