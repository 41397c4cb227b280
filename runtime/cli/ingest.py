"""`camp ingest`: take in what has happened: receipts, replies, refusals, business events."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from runtime.cli.inputs import LEDGER, Data, program_and_data
from runtime.cli.language import say, stated, told
from runtime.cli.ledger import opened
from runtime.cli.manners import FORMAT, QUIET, show_json, without_collecting
from runtime.errors import InputError
from runtime.place import Place


@click.command()
@click.argument("program", type=click.Path(path_type=Path))
@click.argument("event", metavar="[EVENT|FOLDER]", required=False)
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE]...")
@click.option("--data", type=Data(), help="The data folder, for files that name phones only.")
@click.option("--settle", metavar="EVENT", help="Say that what could not be read of an event need not be known.")
@click.option(
    "--rejects", type=click.Path(path_type=Path), help="Write every row that is not in there: .csv or .parquet."
)
@LEDGER
@FORMAT
@QUIET
def ingest(
    program: Path,
    event: str | None,
    files: tuple[Path, ...],
    data: Place | None,
    settle: str | None,
    rejects: Path | None,
    ledger: Path | None,
    form: str,
    quiet: bool,
) -> None:
    """Take events from FILES (.csv, .parquet or .jsonl) into the ledger, as PROGRAM declares EVENT; of a FOLDER every file, which
    is called as its event is. A .sqlite file of `camp links serve` holds clicks.

    Each counts once, by its id or else by its content, however often and late it comes. Rows name the customer, or the message by
    its `send_id`, or the `phone`. A reply that is one of the policies' opt-out words is a refusal, and a refusal by phone
    suppresses the phone.

    Exit code 0: all of it is in. 1: some rows were refused, and the others are in. 2: something cannot be used.
    """
    from runtime.ledger import ingest as taking
    from runtime.ledger import unheard

    if settle is not None:
        with opened(ledger) as book:
            count = unheard.settle(book, settle)
        say(f"{count:,} rows of {settle} need not be known any more")
        return
    told_of, refused = [], 0
    with opened(ledger, make=True) as book, without_collecting():
        given = _given(event, files)
        compiled, folder = program_and_data(program, data or Path())
        for name, file in given:
            found = taking.ingest(book, compiled, name, file, folder)
            refused += sum(found.refused.values())
            told_of.append((file, found))
        if rejects is not None:
            unheard.write_rejects(book, rejects)
    if form == "json":
        show_json([_plain(file, found) for file, found in told_of])
    elif not quiet:
        for file, found in told_of:
            became = told(f"{found.rows:,} rows: {found.new:,} new events, {found.known:,} known already")
            click.echo(stated(str(file), became))
            if found.refusals:
                say(f"{found.refusals:,} replies are refusals")
            _reasons(found.refused)
    if refused:
        raise SystemExit(1)


def _given(event: str | None, files: tuple[Path, ...]) -> list[tuple[str, Path]]:
    """Events and their files."""
    from dsl.catalog import CLICK_EVENT
    from runtime.links.clicks import SUFFIX

    if event is not None and files:
        return [(event, file) for file in files]
    folder = Path(event) if event is not None else None
    if folder is None or not folder.is_dir():
        help = (
            "Name an event and files of it, as in camp ingest program.json clicked FILE.csv, or a folder of such files."
        )
        raise InputError("No file is named", help)
    found = sorted(file for file in folder.iterdir() if file.suffix in (".csv", ".parquet", ".jsonl", SUFFIX))
    if not found:
        raise InputError(
            f"{folder} holds no .csv, .parquet or .jsonl file", "Each is called as its event is: clicked.csv."
        )
    return [(CLICK_EVENT if file.suffix == SUFFIX else file.stem, file) for file in found]


def _reasons(refused: Counter[str]) -> None:
    for why, count in sorted(refused.items()):
        click.echo(told(f"{count:,} refused: {why}"), err=True)


def _plain(file: Path, found: object) -> dict[str, object]:
    from dataclasses import asdict

    return {"file": str(file), **asdict(found)}  # type: ignore[call-overload]
