"""`camp check`: read a project and say what is wrong with it."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from runtime.project import Project


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
def check(paths: tuple[Path, ...]) -> None:
    """Check the project of PATHS (files or folders; this folder by default) and show what is wrong in them.

    The project is the nearest folder upwards with a camp.toml; its .camp files share one namespace.

    Exit code 0: no errors. 1: errors found. 2: a path cannot be read.
    """
    with _without_collecting():
        errors = _check(paths)
    if errors:
        raise SystemExit(1)


def _check(paths: tuple[Path, ...]) -> int:
    from dsl.diagnostics import render

    project = open_project(paths)
    found = project.found
    for problem in found:
        click.echo(render(problem) + "\n")
    files = [one for one in project.analysis.files if not project.named or one.source.path in project.named]
    declarations = sum(len(one.declarations) for one in files)
    warnings = len(found) - project.errors
    click.echo(
        f"{many(len(files), 'file')}, {many(declarations, 'declaration')} read, {many(project.errors, 'error')}"
        + (f", {many(warnings, 'warning')}" if warnings else "")
    )
    return project.errors


def open_project(paths: tuple[Path, ...]) -> Project:
    """The project, or a usage error."""
    from runtime import project as projects

    try:
        return projects.read(paths)
    except projects.NoProject as error:
        raise click.UsageError(str(error)) from error


@contextmanager
def _without_collecting() -> Iterator[None]:
    """No search for garbage, neither now nor at the process's end: a check needs to its end nearly all that it makes.

    The search would take a tenth of the whole time on a small project.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
