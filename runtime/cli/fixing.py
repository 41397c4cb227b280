"""What `camp check --fix` does: safe fixes are written into the files, the others are shown."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from dsl.diagnostics import Diagnostic, Fix
from dsl.source import Source


def safe(found: Iterable[Diagnostic]) -> dict[str, list[Fix]]:
    """Path → its safe fixes that do not overlap, in the order of places."""
    by_path: dict[str, list[Fix]] = {}
    for one in sorted(found, key=lambda one: (one.source.path, one.span.start)):
        if one.fix is None or not one.fix.safe:
            continue
        fixes = by_path.setdefault(one.source.path, [])
        if not fixes or fixes[-1].span.end <= one.fix.span.start:
            fixes.append(one.fix)
    return by_path


def fixed(text: str, fixes: Iterable[Fix]) -> str:
    for fix in sorted(fixes, key=lambda one: one.span.start, reverse=True):
        text = text[: fix.span.start] + fix.text + text[fix.span.end :]
    return text


def write(path: Path, fixes: list[Fix]) -> None:
    """The file with its fixes, whole or not at all; a byte order mark stays."""
    from runtime.cli.writing import write_whole

    raw = path.read_bytes()
    mark = "\ufeff" if raw.startswith(b"\xef\xbb\xbf") else ""
    write_whole(path, mark + fixed(raw.decode("utf-8-sig"), fixes))


def shown(one: Diagnostic) -> str | None:
    """The line as a fix that somebody has to look at would make it."""
    if one.fix is None or one.fix.safe:
        return None
    source = Source(one.source.path, fixed(one.source.text, [one.fix]))
    line, _ = source.line_and_column(one.fix.span.start)
    lines = [source.line(number) for number in range(line, line + one.fix.text.count("\n") + 1)]
    return "\n".join(lines).strip()
