"""`camp compile`: a project without errors → program.json."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dsl.diagnostics import render
from runtime.cli.check import many, open_project

if TYPE_CHECKING:
    from dsl.program.ir import Program


@click.command("compile")
@click.argument("folder", type=click.Path(path_type=Path), default=Path())
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Where to write it; - for stdout."
)
@click.option("--schema", is_flag=True, help="Print the JSON Schema of programs instead.")
@click.option("--diff", type=click.Path(path_type=Path), help="Say what changed since this program instead.")
def compile_(folder: Path, output: Path | None, schema: bool, diff: Path | None) -> None:
    """Compile the project of FOLDER (this folder by default) to a program.

    With --diff nothing is written unless -o is given too.

    Exit code 0: compiled. 1: the project has errors. 2: a path cannot be read or written.
    """
    if schema:
        import json

        from dsl.program.ir import Program

        click.echo(json.dumps(Program.model_json_schema(), ensure_ascii=False, indent=1))
        return
    old = _old(diff) if diff else None
    program = compiled(folder)
    from dsl.program.load import dump

    if old:
        from runtime.changes import changes

        for line in changes(old, program):
            click.echo(line, err=str(output) == "-")  # the program alone goes to stdout where it is asked for
        if output is None:
            return

    target = output or Path("program.json")
    if str(target) == "-":
        click.echo(dump(program), nl=False)
        return
    write_whole(target, dump(program))
    click.echo(f"{target}: {many(len(program.campaigns), 'campaign')}, hash {program.hash[:12]}")


def _old(path: Path) -> Program:
    """An older program, or a usage error."""
    from dsl.program.load import BrokenProgram, load

    try:
        return load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise click.UsageError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise click.UsageError(f"{path} is no JSON text") from error
    except BrokenProgram as error:
        raise click.UsageError(f"{path}: {error}") from error


def compiled(folder: Path) -> Program:
    """The program of a project; its errors are shown and end the command with exit code 1."""
    project = open_project((folder,))
    for problem in project.analysis.found:
        click.echo(render(problem) + "\n", err=True)
    errors = sum(one.severity == "error" for one in project.analysis.found)
    if errors or project.analysis.model is None:
        click.echo(f"{many(errors, 'error')}: nothing compiled", err=True)
        raise SystemExit(1)
    from dsl.program.lower import lower

    return lower(project.analysis.model, project.settings)


def write_whole(target: Path, text: str) -> None:
    """The file as a whole or not at all."""
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with beside.open("x", encoding="utf-8") as file:
            file.write(text)
        beside.replace(target)
    except OSError as error:
        with suppress(OSError):
            beside.unlink()
        raise click.UsageError(f"{target} cannot be written: {error.strerror}") from error
