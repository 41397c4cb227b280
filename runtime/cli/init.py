"""`camp init`: a first project from a data folder, whole or not at all."""

from __future__ import annotations

import os
import re
import shutil
from datetime import date
from pathlib import Path

import click

from runtime.cli.inputs import Data
from runtime.cli.language import headed, say, told
from runtime.cli.manners import unusable
from runtime.errors import InputError
from runtime.place import Place

# What a file of the project says to its reader: comments, and titles of tests.
_SAID = re.compile(r'(?<=# ).+$|(?<=^test ").+(?=" \{$)', re.MULTILINE)


@click.command()
@click.argument("data", type=Data())
@click.option("-o", "--output", type=click.Path(path_type=Path), default=Path("campaigns"), show_default=True)
def init(data: Place, output: Path) -> None:
    """Look at the data folder DATA and write a first project: a schema, a policy, a campaign, a test, a camp.toml.

    What only the bank knows is marked FILL IN. Nothing is ever overwritten.

    Exit code 0: written. 2: the data cannot be read, or the folder to write is not empty.
    """
    try:
        notes = _init(data, output)
    except InputError as error:
        unusable(error)
        raise SystemExit(2) from error
    for note in notes:
        click.echo(headed("note", note), err=True)
    say(f"Next: fill in what says FILL IN, then `camp check {output}`, `camp test {output}`.")


def _init(data: Place, output: Path) -> list[str]:
    from runtime.engines import open_engine
    from runtime.scaffold import project
    from runtime.survey import survey

    _refuse(output)
    engine = open_engine("duckdb")
    try:
        found = survey(engine, data)
    finally:
        engine.close()
    path = data if isinstance(data, str) else Path(os.path.relpath(data.resolve(), output.resolve())).as_posix()
    files = {
        name: _SAID.sub(lambda said: told(said[0]), text)
        for name, text in project(found, path, date.today().year).items()
    }
    _write(files, output)
    events = ", ".join(event.name for event in found.events) or "none"
    click.echo(f"{output}: {', '.join(files)}")
    say(f"{len(found.customers)} customer fields; events: {events}")
    return found.notes


def _refuse(output: Path) -> None:
    try:
        full = output.is_symlink() or (output.exists() and (not output.is_dir() or any(output.iterdir())))
    except OSError as error:
        raise InputError(f"{output} cannot be read: {error.strerror}") from error
    if full:
        raise InputError(f"{output} is there and not empty", "Name a new folder with -o: nothing is overwritten.")


def _write(files: dict[str, str], output: Path) -> None:
    """All of them into a folder beside, which then takes the name."""
    beside = output.resolve().with_name(f".{output.resolve().name}.{os.getpid()}")
    try:
        beside.mkdir(parents=True)
        for name, text in files.items():
            (beside / name).write_text(text, encoding="utf-8")
        beside.replace(output.resolve())  # over an empty folder; another's files since then make it fail
    except OSError as error:
        shutil.rmtree(beside, ignore_errors=True)
        raise InputError(f"{output} cannot be written: {error.strerror}", "Name another folder with -o.") from error
