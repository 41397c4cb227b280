"""`camp check`: read a project and say what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import click

from dsl.diagnostics import render
from runtime import project as projects


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
def check(paths: tuple[Path, ...]) -> None:
    """Check the project of PATHS (files or folders; this folder by default) and show what is wrong in them.

    The project is the nearest folder upwards with a camp.toml; its .camp files share one namespace.

    Exit code 0: no errors. 1: errors found. 2: a path cannot be read.
    """
    project = open_project(paths)
    found = project.found
    for problem in found:
        click.echo(render(problem) + "\n")
    files = len(project.named) or len(project.analysis.files)
    read = sum(
        len(file.declarations)
        for file in project.analysis.files
        if not project.named or file.source.path in project.named
    )
    warnings = len(found) - project.errors
    click.echo(
        f"{_many(files, 'file')}, {_many(read, 'declaration')} read, {_many(project.errors, 'error')}"
        + (f", {_many(warnings, 'warning')}" if warnings else "")
    )
    if project.errors:
        raise SystemExit(1)


def open_project(paths: tuple[Path, ...]) -> projects.Project:
    """The project, or a usage error."""
    try:
        return projects.read(paths)
    except projects.NoProject as error:
        raise click.UsageError(str(error)) from error


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
