"""What all commands share at a terminal: colour only where it belongs, findings as text and as JSON."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from dsl.diagnostics import Diagnostic, Place, Related
from runtime import stopping
from runtime.cli.language import headed, told
from runtime.errors import InputError

FORMAT = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="For people or programs.",
)
QUIET = click.option("-q", "--quiet", is_flag=True, help="Say only what is wrong.")

_COLOURS = {"error": "red", "warning": "yellow", "info": "cyan", "help": "green"}


def painter() -> Callable[[str, str], str] | None:
    """How parts of a finding are coloured; None where they are not: no terminal, or NO_COLOR (no-color.org) is set."""
    if os.environ.get("NO_COLOR") or not sys.stdout.isatty() or os.environ.get("TERM") == "dumb":
        return None
    return lambda part, text: click.style(text, fg=_COLOURS.get(part), bold=part in ("error", "warning", "code"))


def finding(one: Diagnostic) -> dict[str, Any]:
    """Lines and columns are told from 1; ends are behind the last character."""
    found: dict[str, Any] = {"code": one.code, "severity": one.severity, "message": told(one.message)}
    found["help"] = told(one.help)
    found |= place(one.place)
    found["related"] = [_related(other) for other in one.related]
    if one.fix:
        found["fix"] = place(Place(one.source, one.fix.span)) | {"text": one.fix.text, "safe": one.fix.safe}
    return found


def findings(found: Iterable[Diagnostic]) -> list[dict[str, Any]]:
    return [finding(one) for one in found]


def _related(other: Related) -> dict[str, Any]:
    return {"label": told(other.label), **place(other.place)}


def place(at: Place) -> dict[str, Any]:
    line, column = at.source.line_and_column(at.span.start)
    end_line, end_column = at.source.line_and_column(at.span.end)
    return {"path": at.source.path, "line": line, "column": column, "end_line": end_line, "end_column": end_column}


def unusable(error: InputError) -> None:
    """Why a command cannot go on, and what to do about it."""
    stopping.check()  # a query that was stopped may look like a file that cannot be read
    click.echo(headed("error", error.message), err=True)
    if error.help:
        click.echo(f"  = {headed('help', error.help)}", err=True)


def show_json(value: Any) -> None:
    import json

    click.echo(json.dumps(value, ensure_ascii=False, indent=1))


@contextmanager
def without_collecting() -> Iterator[None]:
    """No search for garbage, neither now nor at the process's end: a short command needs to its end nearly all that it makes.

    The search would take a tenth of the time of a small check.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
