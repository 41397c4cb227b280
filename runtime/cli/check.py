"""`camp check`: read a project and say what is wrong with it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from runtime.cli.closing import many
from runtime.cli.days import TODAY
from runtime.cli.language import told
from runtime.cli.manners import QUIET, unusable, without_collecting
from runtime.errors import InputError

if TYPE_CHECKING:
    from runtime.project import Project


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "sarif", "github", "junit"]),
    default="text",
    show_default=True,
    help="For people, or for programs: docs/ci.md says which.",
)
@QUIET
@click.option("--fix", is_flag=True, help="Write the safe fixes into the files, and show the others.")
@click.option(
    "--baseline", type=click.Path(path_type=Path, dir_okay=False), help="Tell only what this file does not know yet."
)
@click.option("--write-baseline", "keep", is_flag=True, help="Write into the baseline all that is found now.")
@click.option(
    "--changed-since", "revision", metavar="REVISION", help="Tell only what was not found at this revision of git."
)
@TODAY
def check(
    paths: tuple[Path, ...],
    form: str,
    quiet: bool,
    fix: bool,
    baseline: Path | None,
    keep: bool,
    revision: str | None,
    today: date | None,
) -> None:
    """Check the project of PATHS (files or folders; this folder by default) and show what is wrong in them.

    The project is the nearest folder upwards with a camp.toml; its .camp files share one namespace.

    Exit code 0: no errors. 1: errors found. 2: something that was named cannot be read.
    """
    if keep and baseline is None:
        raise click.UsageError("--write-baseline needs --baseline, which names the file.")
    places = _fix(paths) if fix else None
    if places and form == "text" and not quiet:
        click.echo(told(places) + "\n")
    from runtime.cli.reporting import Asked, reported

    try:
        with without_collecting():
            project = open_project(paths, again=True, today=today)
            errors = reported(project, Asked(form, quiet, fix, baseline, keep, revision, today))
    except InputError as error:
        unusable(error)
        raise SystemExit(2) from error
    if errors:
        raise SystemExit(1)


def _fix(paths: tuple[Path, ...]) -> str:
    from runtime.cli.fixing import safe, write

    places = files = 0
    for path, fixes in safe(open_project(paths).found).items():
        write(Path(path), fixes)
        places, files = places + len(fixes), files + 1
    return f"{many(places, 'place')} fixed in {many(files, 'file')}"


def open_project(paths: tuple[Path, ...], again: bool = False, today: date | None = None) -> Project:
    """The project, or a usage error."""
    from runtime import project as projects

    try:
        return projects.read(paths, again, today)
    except projects.NoProject as error:
        raise click.UsageError(str(error)) from error
