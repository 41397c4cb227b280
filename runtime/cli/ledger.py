"""`camp ledger`: look at what was decided, and look after it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING, Any

import click

from dsl.source import display_width
from runtime.cli.inputs import LEDGER
from runtime.cli.language import say, stated, told, word
from runtime.cli.manners import FORMAT, QUIET, show_json, unusable
from runtime.errors import InputError

if TYPE_CHECKING:
    from runtime.ledger.ledger import Ledger


@contextmanager
def opened(path: Path | None, make: bool = False) -> Iterator[Ledger]:
    """The ledger that is named; ends the command with exit code 2 where it cannot be used."""
    from runtime.engines import open_engine
    from runtime.engines.base import BadFile
    from runtime.ledger.ledger import Ledger
    from runtime.ledger.open import open_store
    from runtime.ledger.store import broken

    try:
        if path is None:
            raise InputError("No ledger is named", "Name it with --ledger, or in the environment as CAMP_LEDGER.")
        engine = open_engine("duckdb")
        try:
            store = open_store(engine, path, make)
            try:
                yield Ledger(store)
            finally:
                store.close()
        finally:
            engine.close()
    except BadFile as error:  # found on the way: a block whose checksum does not fit
        assert path is not None
        unusable(broken(path, str(error)))
        raise SystemExit(2) from error
    except InputError as error:
        unusable(error)
        raise SystemExit(2) from error


@click.group("ledger")
def ledger() -> None:
    """What was decided, sent and heard: look at it, and look after it."""


@ledger.command()
@LEDGER
@click.option("--last", type=click.IntRange(1), default=20, show_default=True, help="So many of the latest changes.")
@FORMAT
def show(ledger: Path | None, last: int, form: str) -> None:
    """What the ledger holds, and its latest changes."""
    from runtime.ledger.showing import changes, numbers

    with opened(ledger) as book:
        found, latest = numbers(book), changes(book, last)
    if form == "json":
        show_json({"holds": found, "changes": latest})
        return
    for name, count in found.items():
        kind, _, of = name.partition(" ") if name.startswith("events ") else (name, "", "")
        click.echo(f"{count:>12,}  {word(kind)}{of and ' '}{of}")
    click.echo()
    for one in latest:
        detail = ", ".join(f"{word(name)} {_shown(value)}" for name, value in one["detail"].items())
        kind = word(one["kind"])
        blanks = " " * (10 - display_width(kind))
        click.echo(f"{one['number']:>6}  {kind}{blanks}  {one['at'] or '':<25}  {detail}")


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(map(str, value))
    return f"{value:,}" if isinstance(value, int) else str(value)


@ledger.command()
@LEDGER
@FORMAT
@QUIET
def check(ledger: Path | None, form: str, quiet: bool) -> None:
    """Whether the ledger is whole: its history, its counts, and that every decision stands once.

    Exit code 0: it is. 1: it is not. 2: it cannot be read.
    """
    from runtime.ledger.check import check as laws

    with opened(ledger) as book:
        found = laws(book)
    broken = [one for one in found if one.broken]
    if form == "json":
        show_json({"laws": [asdict(one) | {"law": told(one.law)} for one in found], "broken": len(broken)})
    else:
        for one in found if not quiet else broken:
            example = f", as {one.example}" if one.broken and one.example else ""
            count = told(f"{one.broken:,} of {one.looked:,} rows{example}")
            click.echo(f"{word('FAIL' if one.broken else 'ok'):<4} {stated(told(one.law), count)}")
        if not quiet:
            say(f"{len(found) - len(broken)} laws hold, {len(broken)} are broken")
    if broken:
        raise SystemExit(1)


@ledger.command()
@LEDGER
@click.option("--yes", is_flag=True, help="Do not ask.")
def rollback(ledger: Path | None, yes: bool) -> None:
    """Take the last run back, as if it had never been: as long as none of its messages has been released."""
    from runtime.ledger.upkeep import rollback as take_back

    with opened(ledger) as book:
        last = book.last()
        if last is not None and not yes:
            sends = last.about["total"]["sent"]
            question = f"Take back run {last.number} of {last.at.astimezone(UTC).isoformat()} with its {sends:,} sends?"
            click.confirm(told(question), abort=True)
        taken = take_back(book)
    say(f"run {taken.number} is taken back: the ledger stands as before it")


@ledger.command()
@click.argument("to", type=click.Path(path_type=Path))
@LEDGER
def export(to: Path, ledger: Path | None) -> None:
    """Copy the ledger to TO, a file NAME.duckdb or a new folder of Parquet files. A copy is a ledger itself."""
    from runtime.ledger.open import open_store
    from runtime.ledger.upkeep import copy

    with opened(ledger) as book:
        if to.exists() and (to.is_file() or any(to.iterdir())):
            raise InputError(f"{to} is there already", "A copy replaces nothing: name another place.")
        store = open_store(book.engine, to, name="copied")
        try:
            rows = copy(book, store)
        except BaseException:
            store.close()
            _remove(to)
            raise
        store.close()
    say(f"{rows:,} rows copied to {to}")


def _remove(path: Path) -> None:
    """A copy that is not whole."""
    if path.is_dir():
        rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


@ledger.command()
@LEDGER
@click.option("--customer", required=True, help="The customer's key.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def forget(ledger: Path | None, customer: str, yes: bool) -> None:
    """Take a person out of the ledger: what was decided about them stays in the counts and budgets, and names nobody.

    Take them out of the data first: a run that meets them again takes them for new. A phone that is suppressed stays so.
    """
    from runtime.ledger.upkeep import forget as drop

    with opened(ledger) as book:
        if not yes:
            click.confirm(told(f"Forget customer {customer}? It cannot be undone."), abort=True)
        found = drop(book, customer)
    say(f"forgotten: {found.decisions:,} decisions and {found.events:,} events")
