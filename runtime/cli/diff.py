"""`camp diff`: what a change to a program changes for customers, before anything is sent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from runtime.cli.inputs import Data, Instant, Length, program_and_data
from runtime.cli.language import headed, told, word
from runtime.cli.manners import show_json, unusable
from runtime.cli.progress import status
from runtime.errors import InputError
from runtime.place import Place

if TYPE_CHECKING:
    from dsl.program.ir import Program
    from runtime.difference.model import Difference


@click.command()
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option("--data", type=Data(), help="The data folder; by default the `path` of NEW's camp.toml.")
@click.option("--at", type=Instant(), help="The instant the runs speak for, as 2026-03-04T09:00+08:00.")
@click.option(
    "--for", "horizon", type=Length(), default="7d", show_default=True, help="How far it plans: 7d, 12h, 30m."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    show_default=True,
    help="For people, programs or a pull request.",
)
@click.option(
    "--samples", type=click.IntRange(0, 100), default=0, help="Show that many messages of each campaign that change."
)
def diff(
    old: Path, new: Path, data: Place | None, at: datetime | None, horizon: timedelta, form: str, samples: int
) -> None:
    """Plan OLD and NEW (a program.json or a project's folder each) over the same data, and say what changes for customers.

    Two folders that `camp plan` wrote are compared as they are, without --data and --at. Nothing is written.

    Exit code 0: compared. 2: something that was named cannot be used.
    """
    try:
        found = _compared(old, new, data, at, horizon, samples)
    except InputError as error:
        unusable(error)
        raise SystemExit(2) from error
    from runtime.difference import show

    if form == "json":
        show_json(show.as_json(found))
        return
    for line in (show.markdown if form == "markdown" else show.lines)(found, told, word):
        click.echo(line)


def _compared(
    old: Path, new: Path, data: Place | None, at: datetime | None, horizon: timedelta, samples: int
) -> Difference:
    from runtime.difference.compare import compare
    from runtime.difference.plans import is_plan, planned, read

    written = [path for path in (old, new) if is_plan(path)]
    if len(written) == 2:
        if data or at:
            raise InputError("Both are plans that are written, and are not run again", "Leave out --data and --at.")
        return compare(read(old), read(new), samples)
    if written:
        help = "Name two programs, or two folders that `camp plan` wrote."
        raise InputError(f"{written[0]} is a plan that is written, and the other is none", help)
    if at is None:
        raise InputError("No instant is named that the runs speak for", "Name it with --at 2026-03-04T09:00+08:00.")
    programs, folder = _programs(old, new, data)
    # The plans hold phone numbers: the folder is its owner's alone, and goes with the comparison.
    with TemporaryDirectory(prefix="camp-") as room, status() as tell:
        plans, warnings = [], []
        for name, program in zip(("old", "new"), programs, strict=True):
            plan, warned = planned(program, folder, at.astimezone(UTC), horizon, Path(room) / name, tell)
            plans.append(plan)
            warnings += warned
        found = compare(plans[0], plans[1], samples)
    for warning in dict.fromkeys(warnings):
        click.echo(headed("warning", warning), err=True)
    return found


def _programs(old: Path, new: Path, data: Place | None) -> tuple[tuple[Program, Program], Place]:
    try:
        after, folder = program_and_data(new, data)
        return (program_and_data(old, folder)[0], after), folder
    except SystemExit as error:
        raise SystemExit(2) from error  # a project with errors, which are shown, is nothing to compare
