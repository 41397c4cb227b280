"""What commands that run a program are given: instants, lengths of time, a program and its data."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from runtime.errors import InputError
from runtime.place import Place, placed

if TYPE_CHECKING:
    from dsl.program.ir import Program

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class Instant(click.ParamType[datetime]):
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


class Length(click.ParamType[timedelta]):
    name = "LENGTH"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        found = re.fullmatch(r"(\d{1,5})([mhdw])", str(value))
        if found is None or int(found[1]) == 0 or timedelta(**{_UNITS[found[2]]: int(found[1])}) > timedelta(days=366):
            self.fail(f"{value} is no length up to a year. Write it as 7d, 12h or 30m.", param, ctx)
        return timedelta(**{_UNITS[found[2]]: int(found[1])})


class Data(click.ParamType[Place]):
    name = "PLACE"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Place:
        from runtime.cli.manners import unusable

        if isinstance(value, Path):
            return value
        try:
            return placed(str(value))
        except InputError as error:
            unusable(error)
            raise SystemExit(2) from error


class Size(click.ParamType[int]):
    name = "SIZE"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        found = re.fullmatch(r"(\d{1,6}(?:\.\d{1,3})?) ?([KMGT]B)", str(value).upper())
        if found is None:
            self.fail(f"{value} is no amount of memory. Write it as 4GB or 800MB.", param, ctx)
        return int(float(found[1]) * 1000 ** ("KMGT".index(found[2][0]) + 1))


MEMORY = click.option(
    "--memory",
    type=Size(),
    help="How much memory the run may take, as 4GB or 800MB: what does not fit waits on the disk, in $TMPDIR.",
)
LEDGER = click.option(
    "--ledger",
    type=click.Path(path_type=Path),
    envvar="CAMP_LEDGER",
    help="What was decided before, and where this is kept: a file NAME.duckdb, or a folder. Else $CAMP_LEDGER.",
)


def program_and_data(path: Path, data: Place | None) -> tuple[Program, Place]:
    """The program of a program.json or a project's folder, and its data: those that are named, else camp.toml's."""
    program = program_of(path)
    if data is not None:
        return program, data
    if not path.is_dir():
        raise InputError("No data folder is named", "Name it with --data.")
    return program, _declared(path)


def program_of(path: Path) -> Program:
    """The program of a program.json or a project's folder."""
    from dsl.program.load import BrokenProgram, load

    try:
        if path.is_dir():
            from runtime.cli.compile import compiled

            return compiled(path)
        return load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(
            f"{path} cannot be read: {error.strerror}", "Make one with `camp compile DIR -o program.json`."
        ) from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is no JSON text", "Make one with `camp compile DIR -o program.json`.") from error
    except BrokenProgram as error:
        raise InputError(f"{path}: {error}") from error


def _declared(path: Path) -> Place:
    """The data that a project's camp.toml names."""
    from runtime.cli.check import open_project

    project = open_project((path,))
    if project.settings.path is None:
        raise InputError("No data folder is named", "Name it with --data, or as `path` under [data] in camp.toml.")
    return placed(str(project.settings.path), project.root)
