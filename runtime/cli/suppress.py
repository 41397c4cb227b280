"""`camp suppress`: phones that nobody may write to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from runtime.cli.inputs import LEDGER
from runtime.cli.language import say, told
from runtime.cli.ledger import opened
from runtime.cli.manners import FORMAT, show_json
from runtime.errors import InputError

if TYPE_CHECKING:
    from runtime.ledger.ledger import Ledger

_PHONES = click.argument("phones", nargs=-1, metavar="PHONE...")
_FILE = click.option("--file", type=click.Path(path_type=Path), help="A phone a line, or a CSV with a column `phone`.")
_REGION = click.option("--region", help="Whose numbers need no +prefix; by default those of the last run's brand.")


@click.group("suppress")
def suppress() -> None:
    """Phones that nobody may write to, whatever was agreed. They bind at once, in runs and releases."""


@suppress.command()
@_PHONES
@_FILE
@_REGION
@click.option("--why", default="", help="The reason, for whoever looks later.")
@LEDGER
def add(phones: tuple[str, ...], file: Path | None, region: str | None, why: str, ledger: Path | None) -> None:
    """Suppress phones. Those that cannot be read are told, and the others are suppressed all the same.

    Exit code 0: all of them are suppressed. 1: some are no phones. 2: something that was named cannot be read.
    """
    from runtime.ledger import suppression

    with opened(ledger, make=True) as book:
        found = suppression.add(book, _named(phones, file), _region(book, region), why)
    _tell(found.refused)
    say(f"{len(found.changed):,} phones are suppressed now, {found.known:,} were already")
    if found.refused:
        raise SystemExit(1)


@suppress.command()
@_PHONES
@_FILE
@_REGION
@LEDGER
def remove(phones: tuple[str, ...], file: Path | None, region: str | None, ledger: Path | None) -> None:
    """Take phones off the list."""
    from runtime.ledger import suppression

    with opened(ledger) as book:
        found = suppression.remove(book, _named(phones, file), _region(book, region))
    _tell(found.refused)
    say(f"{len(found.changed):,} phones are off the list, {found.known:,} were not on it")
    if found.refused:
        raise SystemExit(1)


@suppress.command("list")
@FORMAT
@LEDGER
def list_(form: str, ledger: Path | None) -> None:
    """Show the list."""
    from runtime.ledger import suppression

    with opened(ledger) as book:
        found = suppression.listed(book)
    if form == "json":
        show_json([{"phone": phone, "why": why} for phone, why in found.items()])
        return
    for phone, why in found.items():
        click.echo(f"{phone}  {why}".rstrip())
    say(f"{len(found):,} phones are suppressed")


def _region(book: Ledger, asked: str | None) -> str:
    last = book.last()
    return asked if asked is not None else book.program(last.program).brand.phones if last else ""


def _named(phones: tuple[str, ...], file: Path | None) -> list[tuple[int | None, str]]:
    from runtime.ledger.suppression import from_file

    if not phones and file is None:
        raise InputError("No phone is named", "Name some, or a file with --file.")
    return [(None, phone) for phone in phones] + (from_file(file) if file else [])


def _tell(refused: list[tuple[int | None, str, str]]) -> None:
    for line, raw, why in refused:
        place = f"line {line}: {raw}" if line is not None else raw
        click.echo(told(f"{place} {why}"), err=True)
