"""`camp check`: read .camp files and say what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import click

from dsl.diagnostics import Diagnostic, render
from dsl.parser.parse import parse
from dsl.source import Source, Span


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
def check(paths: tuple[Path, ...]) -> None:
    """Read every .camp file in PATHS (files or folders; this folder by default).

    Exit code 0: nothing found. 1: mistakes found. 2: a path cannot be read.
    """
    files = _files(paths or (Path(),))
    declarations, found = 0, []
    for file in files:
        trees, problems = _check_file(file)
        declarations += trees
        found += problems
    for problem in found:
        click.echo(render(problem) + "\n")
    click.echo(f"{len(files)} files, {declarations} declarations read, {len(found)} errors")
    if found:
        raise SystemExit(1)


def _files(paths: tuple[Path, ...]) -> list[Path]:
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            files += sorted(path.rglob("*.camp"))
        elif path.is_file():
            files.append(path)
        else:
            raise click.UsageError(f"There is no file or folder {path}")
    if not files:
        raise click.UsageError("No .camp file here: name a file, or a folder that holds some")
    return files


def _check_file(path: Path) -> tuple[int, list[Diagnostic]]:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise click.UsageError(f"{path} cannot be read: {error.strerror}") from error
    try:
        source = Source(str(path), raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        read = raw[: error.start].decode("utf-8-sig", errors="replace")
        source = Source(str(path), read + "\N{REPLACEMENT CHARACTER}")
        span = Span(len(read), len(read) + 1)
        return 0, [Diagnostic("CAMP101", "The file is not UTF-8 text from here on", source, span, "Save it as UTF-8.")]
    file, found = parse(source)
    return len(file.declarations), found
