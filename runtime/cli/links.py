"""`camp links`: the key of short links, what they lead to, and the server that counts clicks."""

from __future__ import annotations

from pathlib import Path

import click

from runtime import stopping
from runtime.cli.inputs import LEDGER
from runtime.cli.language import say
from runtime.cli.ledger import opened
from runtime.cli.manners import QUIET, unusable
from runtime.errors import InputError


@click.group("links")
def links() -> None:
    """Short links: make their key, give them out, and serve them."""


@links.command()
def key() -> None:
    """Print a new key for CAMP_LINK_KEY. It is kept nowhere."""
    import secrets

    click.echo(secrets.token_urlsafe(32))


@links.command()
@click.argument("to", type=click.Path(path_type=Path, dir_okay=False))
@LEDGER
def export(to: Path, ledger: Path | None) -> None:
    """Write the links of every run of the ledger to TO (.parquet or .csv), for the server: it reads the file again by itself."""
    from runtime.ledger.links import export as write

    with opened(ledger) as book:
        count = write(book, to)
    say(f"{count:,} links written to {to}")


@links.command()
@click.option(
    "--links",
    "places",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE|FOLDER",
    default=("out/plan",),
    show_default=True,
    help="A file of links, a run's folder, or a folder of such folders. Repeatable; looked at every second.",
)
@click.option("--clicks", type=click.Path(path_type=Path, dir_okay=False), default="clicks.sqlite", show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0: any that is free.")
@click.option(
    "--proxy",
    "proxies",
    multiple=True,
    metavar="ADDRESS",
    default=("127.0.0.1", "::1"),
    show_default=True,
    help="Whose X-Forwarded-For is believed. Repeatable.",
)
@QUIET
def serve(places: tuple[Path, ...], clicks: Path, host: str, port: int, proxies: tuple[str, ...], quiet: bool) -> None:
    """Lead whoever follows a link to its page, and count clicks in a SQLite file, which `camp ingest PROGRAM clicked FILE` takes.

    A click is kept before it is answered. No phone number, no name and no address is stored. Put a proxy with TLS before it.
    """
    from runtime.links.serve import serve as run

    def listening(address: str, count: int) -> None:
        if not quiet:
            say(f"{count:,} links are served on {address}")

    stopping.says(lambda: "stopped: every click that was answered is kept")
    try:
        run(places, clicks, host, port, proxies, listening, unusable)
    except InputError as error:
        unusable(error)
        raise SystemExit(2) from error
