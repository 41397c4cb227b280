"""`camp plan`: run a program over a bank's data and write who gets which words, when, and for everyone else why not."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from runtime.cli.language import headed, say, told, word
from runtime.cli.manners import FORMAT, QUIET, show_json, unusable
from runtime.errors import InputError

if TYPE_CHECKING:
    from dsl.program.ir import Program
    from runtime.execute import Run
    from runtime.summary import Summary

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class _Instant(click.ParamType[datetime]):
    name = "INSTANT"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        try:
            found = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value} is no instant. Write it as 2026-03-04T09:00+08:00.", param, ctx)
        if found.tzinfo is None:
            written = f"{found.isoformat(timespec='minutes')}+08:00"
            self.fail(f"{value} says no offset, so it is no instant yet. Write it as {written}.", param, ctx)
        if not 1971 <= found.year < 2100:
            self.fail(f"{value} lies outside of the years 1971 to 2099.", param, ctx)
        return found


class _Length(click.ParamType[timedelta]):
    name = "LENGTH"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        found = re.fullmatch(r"(\d{1,5})([mhdw])", str(value))
        if found is None or int(found[1]) == 0 or timedelta(**{_UNITS[found[2]]: int(found[1])}) > timedelta(days=366):
            self.fail(f"{value} is no length up to a year. Write it as 7d, 12h or 30m.", param, ctx)
        return timedelta(**{_UNITS[found[2]]: int(found[1])})


@click.command()
@click.argument("program", type=click.Path(path_type=Path), default=Path())
@click.option("--data", type=click.Path(path_type=Path), help="The data folder; by default the `path` of camp.toml.")
@click.option("--at", type=_Instant(), required=True, help="The instant the run speaks for, as 2026-03-04T09:00+08:00.")
@click.option(
    "--for", "horizon", type=_Length(), default="7d", show_default=True, help="How far it plans: 7d, 12h, 30m."
)
@click.option("-o", "--output", type=click.Path(path_type=Path), default=Path("out/plan"), show_default=True)
@click.option("--without", multiple=True, metavar="CAMPAIGN", help="Leave this campaign out of the run. Repeatable.")
@FORMAT
@QUIET
@click.option("--show", type=click.IntRange(0, 100), default=0, help="Print that many of the messages.")
def plan(
    program: Path,
    data: Path | None,
    at: datetime,
    horizon: timedelta,
    output: Path,
    without: tuple[str, ...],
    form: str,
    quiet: bool,
    show: int,
) -> None:
    """Run PROGRAM (a program.json, or a project's folder) over a data folder and write a send plan.

    Writes sends.parquet, outcomes.parquet, rejects.parquet and summary.json, readable by their owner only.

    Exit code 0: written. 1: the project has errors. 2: something that was named cannot be used.
    """
    try:
        compiled, folder = _program(program, data)
        left = _left(compiled, without)
        if without and form == "text" and not quiet:
            say(f"left out: {', '.join(sorted({*without}))}")
        run, summary = _run(left, folder, at, horizon, output)
        if form == "json":
            _as_json(run, summary, output, without)
        else:
            _tell(run, summary, output, quiet, show)
    except InputError as error:
        unusable(error)
        raise SystemExit(2) from error


def _left(program: Program, without: tuple[str, ...]) -> Program:
    """The program without some campaigns; InputError where there is no such campaign."""
    from dsl.program.leave import leave_out
    from dsl.suggest import nearest

    names = [campaign.name for campaign in program.campaigns]
    for name in without:
        if name not in names:
            guess = nearest(name, names)
            raise InputError(f"There is no campaign called {name}", f"Did you mean {guess}?" if guess else "")
    return leave_out(program, without)


def _program(path: Path, data: Path | None) -> tuple[Program, Path]:
    from dsl.program.load import BrokenProgram, load

    try:
        if path.is_dir():
            return _project(path, data)
        program = load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(
            f"{path} cannot be read: {error.strerror}", "Make one with `camp compile DIR -o program.json`."
        ) from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is no JSON text", "Make one with `camp compile DIR -o program.json`.") from error
    except BrokenProgram as error:
        raise InputError(f"{path}: {error}") from error
    if data is None:
        raise InputError("No data folder is named", "Name it with --data.")
    return program, data


def _project(path: Path, data: Path | None) -> tuple[Program, Path]:
    from runtime.cli.check import open_project
    from runtime.cli.compile import compiled

    program, project = compiled(path), open_project((path,))
    if data is None and project.settings.path is None:
        raise InputError("No data folder is named", "Name it with --data, or as `path` under [data] in camp.toml.")
    return program, data or (project.root / str(project.settings.path)).resolve()


def _run(program: Program, folder: Path, at: datetime, horizon: timedelta, output: Path) -> tuple[Run, Summary]:
    from runtime.execute import execute
    from runtime.publish import publish, refuse
    from runtime.summary import summarise

    refuse(output)
    with _progress() as tell:
        run = execute(program, folder, at.astimezone(UTC), horizon, tell)
        summary = summarise(run)
        publish(run, summary, output)
    for warning in run.warnings:
        click.echo(headed("warning", warning), err=True)
    return run, summary


def _as_json(run: Run, summary: Summary, output: Path, without: tuple[str, ...]) -> None:
    """What summary.json says, and where it lies."""
    import json

    said = json.loads((output / "summary.json").read_text(encoding="utf-8"))
    show_json(
        {
            "output": str(output),
            "left_out": sorted({*without}),
            "warnings": [told(one) for one in run.warnings],
            "summary": said,
        }
    )


def _tell(run: Run, summary: Summary, output: Path, quiet: bool, show: int) -> None:
    from runtime.summary import lines

    if quiet:
        return
    for line in lines(summary, run.program.brand.currency, word):
        click.echo(line)
    total = summary.total
    click.echo("\n" + told(f"{total.audience:,} candidates = {total.ended:,} outcomes, of which {total.sent:,} sends"))
    if run.loaded.refused:
        say(f"{run.loaded.refused:,} of {run.loaded.customers:,} customer rows were refused: see rejects.parquet")
    others = Counter[str]()
    for source, _, count in summary.rejects:
        others[source] += count if source != "customers" else 0
    for source, count in sorted(others.items()):
        if count:
            say(f"{source}: {count:,} refused, see rejects.parquet")
    if show:
        _show(run, show)
    say(f"written to {output}: sends.parquet, outcomes.parquet, rejects.parquet, summary.json")


def _show(run: Run, count: int) -> None:
    """One message of as many campaigns as there are, then more of them."""
    from runtime.samples import samples

    click.echo("\n" + told(f"{count} of the messages:"))
    for instant, recipient, campaign, text in samples(run, count):
        click.echo(f"  {instant}  {recipient}  {campaign}\n    {text}")
    click.echo()


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """What the run is doing, on a terminal only."""
    if not sys.stderr.isatty():
        yield lambda stage: None
        return
    from rich.console import Console

    with Console(stderr=True).status(told("starting")) as status:
        yield lambda stage: status.update(told(stage))
