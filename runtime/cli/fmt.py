"""`camp fmt`: .camp files in their canonical form (docs/formatting.md)."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from runtime.cli.closing import many
from runtime.cli.language import headed, language, say

if TYPE_CHECKING:
    from dsl.diagnostics import Diagnostic
    from dsl.format.words import Language

STDIN = Path("-")


class _Unwell(Exception):
    """A file that cannot be read or written, or that the formatter itself fails at, in words for the command line."""


@dataclass(frozen=True)
class _Result:
    """What a file held, what it is to hold, and what keeps it from being read."""

    before: bytes
    after: bytes
    found: tuple[Diagnostic, ...] = ()

    @property
    def changes(self) -> bool:
        return self.before != self.after


@click.command("fmt")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, allow_dash=True))
@click.option("--check", "mode", flag_value="check", help="Write nothing; exit code 1 if a file would change.")
@click.option("--diff", "mode", flag_value="diff", help="Show what would change, and write nothing; exit code 1 if so.")
@click.option("--stdin", is_flag=True, help="Format what comes in and write it to stdout, as the path - does.")
@click.option("--keywords", type=click.Choice(["en", "zh"]), help="Write every keyword in English, or in Chinese.")
def fmt(paths: tuple[Path, ...], mode: str | None, stdin: bool, keywords: Literal["en", "zh"] | None) -> None:
    """Bring PATHS (files or folders; this folder by default) into their canonical form, in place.

    What a file means is never changed, nor a comment lost. A file that cannot be parsed is left as it is.

    Exit code 0: done. 1: a file cannot be parsed, or would change with --check or --diff. 2: a path cannot be read or written.
    """
    if stdin or STDIN in paths:
        if set(paths) - {STDIN}:
            raise click.UsageError("Either files or -, not both")
        raise SystemExit(_pass_through(mode, keywords))
    raise SystemExit(_all(list(_named(paths or (Path(),))), mode, keywords))


def _pass_through(mode: str | None, language: Language | None) -> int:
    name = "<stdin>"
    try:
        result = _result(name, sys.stdin.buffer.read(), language)
    except _Unwell as error:
        click.echo(headed("error", str(error)), err=True)
        return 2
    _tell(result.found, to_stderr=True)
    if mode == "diff":
        _show(name, result)
    if mode:
        return int(result.changes or bool(result.found))
    if not result.found:
        click.echo(result.after, nl=False)
    return int(bool(result.found))


def _all(paths: list[Path], mode: str | None, language: Language | None) -> int:
    changed, unread, unwell = 0, 0, 0
    for path in paths:
        try:
            result = _result(str(path), _bytes(path), language)
            if result.changes and not mode:
                _write(path, result.after)
        except _Unwell as error:
            click.echo(headed("error", str(error)), err=True)
            unwell += 1
            continue
        _tell(result.found, to_stderr=mode == "diff")
        unread += bool(result.found)
        changed += result.changes
        if mode == "diff":
            _show(str(path), result)
        elif result.changes:
            say(f"{'would format' if mode else 'formatted'} {path}")
    did = "would be formatted" if mode else "formatted"
    left = [f"{unread} cannot be parsed"] * bool(unread) + [f"{unwell} failed"] * bool(unwell)
    unchanged = f"{len(paths) - changed - unread - unwell} unchanged"
    say(", ".join([f"{many(changed, 'file')} {did}", unchanged, *left]), err=mode == "diff")
    return 2 if unwell else int(bool(unread or (mode and changed)))


def _named(paths: Iterable[Path]) -> Iterator[Path]:
    """Each file once; of a folder the .camp files below it, but for hidden ones."""
    seen: set[Path] = set()
    for path in paths:
        if not path.is_dir() and not path.is_file():
            raise click.UsageError(f"There is no file or folder {path}")
        for file in sorted(_below(path)) if path.is_dir() else [path]:
            if file.resolve() not in seen:
                seen.add(file.resolve())
                yield file
    if not seen:
        raise click.UsageError("No .camp file here: name a file, or a folder that holds some")


def _below(folder: Path) -> Iterator[Path]:
    def refuse(error: OSError) -> None:
        raise click.UsageError(f"{error.filename} cannot be read: {error.strerror}")

    for where, folders, files in os.walk(folder, onerror=refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(where, name) for name in files if name.endswith(".camp") and not name.startswith("."))


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _Unwell(f"{path} cannot be read: {error.strerror}") from error


def _result(name: str, raw: bytes, language: Language | None) -> _Result:
    from dsl.diagnostics import Place
    from dsl.format import MeaningChanged, formatted
    from dsl.rules import text as rules
    from dsl.source import Source, Span

    try:
        source = Source(name, raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        source = Source(name, raw.decode("utf-8-sig", errors="replace"))
        at = len(raw[: error.start].decode("utf-8-sig", errors="replace"))
        return _Result(raw, raw, (rules.not_utf8(Place(source, Span(at, at + 1))),))
    try:
        text, found = formatted(source, language)
    except MeaningChanged as error:
        raise _Unwell(f"{name} is left as it is: a mistake of `camp fmt` would change its meaning ({error})") from error
    return _Result(raw, raw if found else text.encode(), tuple(found))


def _tell(found: Iterable[Diagnostic], to_stderr: bool) -> None:
    from dsl.diagnostics import render

    for problem in found:
        click.echo(render(problem, lang=language()) + "\n", err=to_stderr)


def _show(name: str, result: _Result) -> None:
    """The change as a unified diff, in the file's own bytes."""
    from difflib import diff_bytes, unified_diff

    before, after = (_lines(text) for text in (result.before, result.after))
    path = os.fsencode(name)
    for line in diff_bytes(unified_diff, before, after, path, path):
        click.echo(line + (b"" if line.endswith(b"\n") else b"\n\\ No newline at end of file\n"), nl=False)


def _lines(text: bytes) -> list[bytes]:
    """With their ends: a file may hold other line ends than \\n inside a line."""
    lines = [line + b"\n" for line in text.split(b"\n")]
    return [*lines[:-1], lines[-1][:-1]] if lines[-1] != b"\n" else lines[:-1]


def _write(path: Path, content: bytes) -> None:
    """The file as a whole or not at all, with the permissions that it has; through a link, the file it leads to."""
    target = path.resolve()
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        mode = stat.S_IMODE(target.stat().st_mode)
        if not mode & 0o222 or not os.access(target, os.W_OK):
            raise PermissionError(13, "it is read-only")
        with beside.open("xb") as file:
            file.write(content)
        beside.chmod(mode)
        beside.replace(target)
    except OSError as error:
        with suppress(OSError):
            beside.unlink()
        raise _Unwell(f"{path} cannot be written: {error.strerror}") from error
