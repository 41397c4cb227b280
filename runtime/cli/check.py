"""`camp check`: read a project and say what is wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from runtime.cli.language import headed, language, say, told
from runtime.cli.manners import FORMAT, QUIET, findings, painter, show_json, without_collecting

if TYPE_CHECKING:
    from runtime.project import Project


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@FORMAT
@QUIET
@click.option("--fix", is_flag=True, help="Write the safe fixes into the files, and show the others.")
def check(paths: tuple[Path, ...], form: str, quiet: bool, fix: bool) -> None:
    """Check the project of PATHS (files or folders; this folder by default) and show what is wrong in them.

    The project is the nearest folder upwards with a camp.toml; its .camp files share one namespace.

    Exit code 0: no errors. 1: errors found. 2: a path cannot be read.
    """
    places = _fix(paths) if fix else None
    if places and form == "text" and not quiet:
        click.echo(told(places) + "\n")
    with without_collecting():
        errors = _check(paths, form, quiet, fix)
    if errors:
        raise SystemExit(1)


def _fix(paths: tuple[Path, ...]) -> str:
    from runtime.cli.fixing import safe, write

    places = files = 0
    for path, fixes in safe(open_project(paths).found).items():
        write(Path(path), fixes)
        places, files = places + len(fixes), files + 1
    return f"{many(places, 'place')} fixed in {many(files, 'file')}"


def _check(paths: tuple[Path, ...], form: str, quiet: bool, review: bool) -> int:
    from dsl.diagnostics import render

    project = open_project(paths, again=True)
    found = project.found
    if form == "json":
        return _as_json(project)
    paint, lang = painter(), language()
    for problem in found:
        click.echo(render(problem, paint, lang))
        if review and problem.fix:
            from runtime.cli.fixing import shown

            click.echo(f"  = {headed('to look at', shown(problem) or '')}")
        click.echo()
    if quiet:
        return project.errors
    files = {path: count for path, count in project.declarations.items() if not project.named or path in project.named}
    declarations = sum(files.values())
    warnings = len(found) - project.errors
    say(
        f"{many(len(files), 'file')}, {many(declarations, 'declaration')} read, {many(project.errors, 'error')}"
        + (f", {many(warnings, 'warning')}" if warnings else "")
    )
    return project.errors


def _as_json(project: Project) -> int:
    counts = [count for path, count in project.declarations.items() if not project.named or path in project.named]
    warnings = sum(one.severity == "warning" for one in project.found)
    totals = {"files": len(counts), "declarations": sum(counts), "errors": project.errors, "warnings": warnings}
    show_json({"findings": findings(project.found), **totals})
    return project.errors


def open_project(paths: tuple[Path, ...], again: bool = False) -> Project:
    """The project, or a usage error."""
    from runtime import project as projects

    try:
        return projects.read(paths, again)
    except projects.NoProject as error:
        raise click.UsageError(str(error)) from error


def many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
