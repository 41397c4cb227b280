"""`camp rules`: everything that Camp can find, and the page of each."""

from __future__ import annotations

import click

from dsl.rules import all as rules
from dsl.rules.registry import ENTRIES, Entry
from dsl.suggest import nearest

assert rules


@click.command("rules")
@click.argument("code", required=False)
def rules_(code: str | None) -> None:
    """List every rule, or show the page of CODE (as CAMP401, or its name)."""
    if code is None:
        for entry in sorted(ENTRIES.values(), key=lambda one: one.code):
            click.echo(f"{entry.code}  {entry.severity:<8} {entry.name:<26} {_first(entry)}")
        return
    found = next((entry for entry in ENTRIES.values() if code.upper() == entry.code or code == entry.name), None)
    if found is None:
        names = [*ENTRIES, *(entry.name for entry in ENTRIES.values())]
        guess = nearest(code, names)
        raise click.UsageError(f"There is no rule called {code}." + (f" Did you mean {guess}?" if guess else ""))
    click.echo(f"{found.code} {found.name} ({found.severity})\n\n{found.page}")


def _first(entry: Entry) -> str:
    words = " ".join(entry.section("What").split())
    return words.split(". ")[0].rstrip(".")
