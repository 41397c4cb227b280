"""`camp verify`: hold what a run wrote against what its program promises, in plain SQL."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from runtime.cli.inputs import Data
from runtime.cli.language import say, stated, told, word
from runtime.cli.manners import FORMAT, QUIET, show_json, unusable
from runtime.errors import InputError
from runtime.place import Place

_NAME = "Name the program.json that the run was made with."


@click.command()
@click.argument("out", type=click.Path(path_type=Path))
@click.argument("program", type=click.Path(path_type=Path))
@click.option("--data", type=Data(), required=True, help="The data folder that the run read.")
@FORMAT
@QUIET
def verify(out: Path, program: Path, data: Place, form: str, quiet: bool) -> None:
    """Check the folder OUT that `camp plan` wrote for PROGRAM: caps, quiet hours, opt-outs, consent, and that nothing goes twice.

    Exit code 0: every promise is kept. 1: some is not. 2: something that was named cannot be read.
    """
    from dsl.program.load import BrokenProgram, load
    from runtime.verify import verify as checks

    try:
        try:
            compiled = load(program.read_text(encoding="utf-8"))
        except OSError as error:
            raise InputError(f"{program} cannot be read: {error.strerror}", _NAME) from error
        except UnicodeDecodeError as error:
            raise InputError(f"{program} is no JSON text", _NAME) from error
        except BrokenProgram as error:
            raise InputError(f"{program}: {error}", _NAME) from error
        found = checks(compiled, out, data)
    except InputError as error:
        unusable(error)
        raise SystemExit(2) from error
    broken = [one for one in found if one.broken]
    if form == "json":
        show_json({"checks": [asdict(one) | {"promise": told(one.promise)} for one in found], "broken": len(broken)})
    else:
        for one in [one for one in found if one.looked] if not quiet else broken:
            mark = word("FAIL" if one.broken else "ok")
            example = f", as {one.example}" if one.broken else ""
            count = told(f"{one.broken:,} of {one.looked:,} sends{example}")
            click.echo(f"{mark:<4} {stated(told(one.promise), count)}")
        if not quiet:
            say(f"{len(found) - len(broken)} promises kept, {len(broken)} broken")
    if broken:
        raise SystemExit(1)
