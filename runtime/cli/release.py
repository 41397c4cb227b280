"""`camp release`: give what is due to whoever sends it, if it is still right."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from runtime.cli.inputs import LEDGER, Data, Instant
from runtime.cli.language import told, word
from runtime.cli.ledger import opened
from runtime.cli.manners import QUIET, without_collecting
from runtime.errors import InputError
from runtime.place import Place, seen_from

if TYPE_CHECKING:
    from runtime.release.outlets import Outlet
    from runtime.release.release import Released

_LEFT = 3


@click.command()
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--at", type=Instant(), required=True, help="The instant it is for, as 2026-03-04T16:00+08:00.")
@click.option("--command", metavar="COMMAND", help="Give the messages to this command's input, a line of JSON each.")
@click.option("--post", metavar="URL", help="Give each message to a gateway, as a POST of JSON.")
@click.option("--tries", type=click.IntRange(1, 20), default=6, show_default=True, help="How often a POST is tried.")
@click.option(
    "--wait", type=click.FloatRange(0, 60), default=0.5, show_default=True, help="Seconds before the second try."
)
@click.option("--data", type=Data(), help="The newest data; by default what the run in OUT read.")
@LEDGER
@QUIET
def release(
    out: Path,
    at: datetime,
    command: str | None,
    post: str | None,
    tries: int,
    wait: float,
    data: Place | None,
    ledger: Path | None,
    quiet: bool,
) -> None:
    """Release what is due by an instant of the plan in OUT, and of the plans before it in its ledger.

    Everything is asked once more on the newest data: exits, `if` and `unless`, refusals, suppressed phones, consent, addresses,
    expiry, the window. What may not go any more is cancelled, and leaves the caps; what a pause holds back waits.
    Replies that were ingested since the last run are answered at once, as a run would answer them.
    Messages are lines of JSON on standard output, unless --command or --post says otherwise. Each has its send_id: after a
    failure the same messages come again under the same ids. A token for the gateway is taken from $CAMP_GATEWAY_TOKEN.

    Exit code 0: all that may go has gone. 2: something cannot be used, and nothing has gone. 3: some could not be given away
    yet; the same command tries them again.
    """
    from runtime.release.release import release as give

    planned, read = _made(out)
    with opened(ledger or planned) as book, without_collecting():
        if command and post:
            raise InputError("Messages go to a command or to a gateway", "Name one of --command and --post.")
        folder = data or read
        found = give(book, folder, at.astimezone(UTC), _outlet(command, post, tries, wait))
    if not quiet:
        _tell(found)
    if found.left:
        raise SystemExit(_LEFT)


def _made(out: Path) -> tuple[Path | None, Place]:
    """The ledger and the data that the run in a folder was made with."""
    from runtime.publish import SUMMARY

    try:
        found = json.loads((out / SUMMARY).read_text(encoding="utf-8"))
        made = found.get("made_with") or {}
        ledger, data = made.get("ledger"), made.get("data")
        return (out / ledger if ledger else None), seen_from(data or ".", out)
    except (OSError, ValueError, AttributeError, TypeError):
        from runtime.cli.manners import unusable

        unusable(InputError(f"{out} holds no plan that can be read", "Name a folder that `camp plan --ledger` wrote."))
        raise SystemExit(2) from None


def _outlet(command: str | None, post: str | None, tries: int, wait: float) -> Outlet:
    import os

    from runtime.release.outlets import Command, Gateway, Lines

    if command:
        return Command(command)
    if post:
        return Gateway(post, tries, wait, token=os.environ.get("CAMP_GATEWAY_TOKEN", ""))
    return Lines()


def _tell(found: Released) -> None:
    """On standard error: standard output may hold the messages."""
    cancelled = sum(found.cancelled.values())
    if found.answers:
        click.echo(told(f"{found.answers:,} replies answered that no run had seen"), err=True)
    click.echo(told(f"{found.due:,} due: {found.released:,} released, {cancelled:,} cancelled"), err=True)
    if found.confirmations:
        click.echo(told(f"with {found.confirmations:,} confirmations beside them"), err=True)
    for why, count in sorted(found.cancelled.items()):
        click.echo(f"  {count:>8,}  {word(why)}", err=True)
    for campaign, count in found.waiting.items():
        click.echo(told(f"{campaign} is paused: {count:,} wait"), err=True)
    if found.left:
        click.echo(told(f"{found.left:,} could not be given away yet: {found.why}"), err=True)
