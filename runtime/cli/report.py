"""`camp report`: what became of the messages of a period, and what they were worth."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import click

from runtime.cli.days import Day
from runtime.cli.inputs import LEDGER, Data, Instant, program_and_data
from runtime.cli.language import language, say
from runtime.cli.ledger import opened
from runtime.cli.manners import FORMAT, QUIET
from runtime.place import Place


@click.command()
@click.argument("program", type=click.Path(path_type=Path))
@click.option("--data", type=Data(), help="The data folder; by default the `path` of the project's camp.toml.")
@LEDGER
@click.option("--since", type=Day(), help="The first day, by the brand's clock; by default the first that has sends.")
@click.option("--until", type=Instant(), help="The end, itself out; by default as far as the ledger knows.")
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Write report.html, report.json and tables there.")
@FORMAT
@QUIET
def report(
    program: Path,
    data: Place | None,
    ledger: Path | None,
    since: date | None,
    until: datetime | None,
    out: Path | None,
    form: str,
    quiet: bool,
) -> None:
    """Report on the campaigns of PROGRAM (a program.json, or a project's folder): funnels, goals, measures, experiments, hours.

    It counts the messages whose instant lies in the period, and what has been heard of them before its end. An event that comes
    late belongs where it happened: the same report says more tomorrow.

    Exit code 0: reported. 2: something that was named cannot be used.
    """
    from runtime.openings import midnight
    from runtime.results.report import report as made
    from runtime.results.text import lines
    from runtime.results.written import as_json, write
    from runtime.spoken import Speaker

    speaker = Speaker(language())
    with opened(ledger) as book:
        compiled, place = program_and_data(program, data)
        first = midnight(since, compiled.brand.zone) if since else None
        found = made(book, compiled, place, first, until, speaker)
        if out is not None:
            from runtime.page import page

            write(found, out, page(found, language()))
    if form == "json":
        click.echo(as_json(found), nl=False)
    elif not quiet:
        for line in lines(found, speaker):
            click.echo(line)
        if out is not None:
            say(f"written to {out}")
