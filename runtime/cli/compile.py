"""`camp compile`: a project without errors → program.json."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dsl.diagnostics import Diagnostic, render
from runtime.cli.check import open_project
from runtime.cli.closing import decided, many
from runtime.cli.days import TODAY
from runtime.cli.language import language, say
from runtime.cli.manners import FORMAT, QUIET, findings, painter, show_json
from runtime.cli.writing import write_whole

if TYPE_CHECKING:
    from dsl.program.ir import Program


@click.command("compile")
@click.argument("folder", type=click.Path(path_type=Path), default=Path())
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Where to write it; - for stdout."
)
@FORMAT
@QUIET
@click.option("--schema", is_flag=True, help="Print the JSON Schema of programs instead.")
@click.option("--diff", type=click.Path(path_type=Path), help="Say what changed since this program instead.")
@TODAY
def compile_(
    folder: Path, output: Path | None, form: str, quiet: bool, schema: bool, diff: Path | None, today: date | None
) -> None:
    """Compile the project of FOLDER (this folder by default) to a program.

    What a comment allows, or camp.toml lowers, is judged as `camp check` does, and told.

    With --diff nothing is written unless -o is given too.

    Exit code 0: compiled. 1: the project has errors. 2: a path cannot be read or written.
    """
    if schema:
        import json

        from dsl.program.ir import Program

        click.echo(json.dumps(Program.model_json_schema(), ensure_ascii=False, indent=1))
        return
    old = _old(diff) if diff else None
    program, found = compiled_with(folder, form, today)
    from dsl.program.load import dump

    if old:
        from runtime.changes import changes
        from runtime.spoken import Speaker

        for line in changes(old, program, Speaker(language())):
            click.echo(line, err=str(output) == "-")  # the program alone goes to stdout where it is asked for
        if output is None:
            return

    target = output or Path("program.json")
    if str(target) == "-":
        click.echo(dump(program), nl=False)
        return
    write_whole(target, dump(program))
    if form == "json":
        show_json(
            {
                "program": str(target),
                "campaigns": len(program.campaigns),
                "hash": program.hash,
                "findings": findings(found),
            }
        )
    elif not quiet:
        say(f"{target}: {many(len(program.campaigns), 'campaign')}, hash {program.hash[:12]}")


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


def compiled(folder: Path, form: str = "text") -> Program:
    """The program of a project; its errors are shown and end the command with exit code 1."""
    return compiled_with(folder, form)[0]


def compiled_with(folder: Path, form: str, today: date | None = None) -> tuple[Program, tuple[Diagnostic, ...]]:
    """The same with the warnings. As JSON, errors go to stdout as they do from `camp check`."""
    project = open_project((folder,), today=today)
    found = project.analysis.found
    errors = sum(one.severity == "error" for one in found)
    failed = bool(errors) or project.analysis.model is None
    if form == "json" and failed:
        show_json({"findings": findings(found), "errors": errors})
    elif form == "text":
        for problem in found:
            click.echo(render(problem, painter(), language()) + "\n", err=True)
    for line in decided(project.allowed, project.overrides):
        say(line, err=True)
    if failed or project.analysis.model is None:
        say(f"{many(errors, 'error')}: nothing compiled", err=True)
        raise SystemExit(1)
    from dsl.program.lower import lower

    return lower(project.analysis.model, project.settings), found
