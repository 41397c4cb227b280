"""`camp explain`: why a customer gets what they get, or nothing."""

from __future__ import annotations

from pathlib import Path

import click

from runtime.cli.inputs import Data, program_and_data
from runtime.cli.language import language
from runtime.cli.manners import FORMAT, show_json, unusable, without_collecting
from runtime.errors import InputError
from runtime.place import Place


@click.command()
@click.argument("out", type=click.Path(path_type=Path))
@click.argument("program", type=click.Path(path_type=Path))
@click.option("--data", type=Data(), help="The data folder that the run read.")
@click.option("--customer", required=True, metavar="ID", help="The customer's key.")
@click.option("--campaign", metavar="NAME", help="Only this campaign.")
@FORMAT
def explain(out: Path, program: Path, data: Place | None, customer: str, campaign: str | None, form: str) -> None:
    """Say why a customer gets what they get, or nothing, in the folder OUT that `camp plan` wrote for PROGRAM.

    Of each campaign, the gates that the customer met with the values found there, the line that decided, and the smallest
    change that would have changed it. What comes out now is held against what the run wrote.

    Exit code 0: explained. 1: the project has errors. 2: something that was named cannot be used.
    """
    try:
        with without_collecting():
            _explain(out, program, data, customer, campaign, form)
    except InputError as error:
        unusable(error)
        raise SystemExit(2) from error


def _explain(out: Path, path: Path, data: Place | None, customer: str, campaign: str | None, form: str) -> None:
    from runtime.explain import shown
    from runtime.explain.explain import explain as explained
    from runtime.spoken import Speaker

    speaker = Speaker(language())
    program, folder = program_and_data(path, data)
    found = explained(program, out, folder, customer, campaign, speaker)
    if form == "json":
        show_json(shown.as_json(found))
        return
    for line in shown.lines(found, speaker):
        click.echo(line)
