"""`camp pause` and `camp resume`: hold a campaign back at once, and let it go on."""

from __future__ import annotations

from pathlib import Path

import click

from runtime.cli.inputs import LEDGER
from runtime.cli.language import say
from runtime.cli.ledger import opened


@click.command()
@click.argument("campaigns", nargs=-1, required=True, metavar="CAMPAIGN...")
@LEDGER
def pause(campaigns: tuple[str, ...], ledger: Path | None) -> None:
    """Hold campaigns back from now on: they enter nobody, and what is due of them is not released, until `camp resume`.

    What waits too long is not sent late: after its window it is cancelled.
    """
    from runtime.ledger import upkeep

    with opened(ledger) as book:
        new = upkeep.pause(book, campaigns, upkeep.campaigns(book))
    for name in dict.fromkeys(campaigns):
        say(f"{name} is paused" if name in new else f"{name} was paused already")


@click.command()
@click.argument("campaigns", nargs=-1, required=True, metavar="CAMPAIGN...")
@LEDGER
def resume(campaigns: tuple[str, ...], ledger: Path | None) -> None:
    """Let paused campaigns go on."""
    from runtime.ledger import upkeep

    with opened(ledger) as book:
        there = upkeep.resume(book, campaigns)
    for name in dict.fromkeys(campaigns):
        say(f"{name} goes on" if name in there else f"{name} was not paused")
