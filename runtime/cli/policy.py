"""`camp policy`: the effective rules of a campaign, for whoever has to sign them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dsl.suggest import nearest
from runtime.cli.language import say, word

if TYPE_CHECKING:
    from dsl.model import Model, Policy
    from runtime.project import Project

_DAY = click.DateTime(["%Y-%m-%d"])
_FOLDER = click.option(
    "--in", "folder", type=click.Path(path_type=Path), default=Path(), help="The project's folder; this one by default."
)


@click.group("policy")
def policy() -> None:
    """Show, compare and sign the rules that bind a campaign: its policy with everything that it extends, packs included."""


@policy.command()
@click.argument("name")
@click.option("--at", type=_DAY, help="The day on which they are in force; today by default.")
@_FOLDER
def show(name: str, at: datetime | None, folder: Path) -> None:
    """Show the effective rules of NAME (a policy, a pack or a campaign) as Markdown.

    Exit code 0: shown. 1: the project has errors of language. 2: usage.
    """
    from runtime.policies.show import shown
    from runtime.policies.worst import worst

    _, model = _opened(folder, name)
    found = _named(model, name)
    for line in shown(found, _day(at), word, list(worst(model, found))):
        click.echo(line)


@policy.command()
@click.argument("old")
@click.argument("new", required=False)
@click.option("--from", "then", type=_DAY, help="The day of the old rules; today by default.")
@click.option("--to", "now", type=_DAY, help="The day of the new rules; today by default.")
@_FOLDER
def diff(old: str, new: str | None, then: datetime | None, now: datetime | None, folder: Path) -> None:
    """Show in what the rules of OLD and NEW (policies, packs or campaigns) differ; or those of OLD on two days.

    Exit code 0: shown. 1: the project has errors of language. 2: usage.
    """
    from runtime.policies.compare import compared

    if new is None and then is None and now is None:
        raise click.UsageError("Name two policies, or two days with --from and --to.")
    _, model = _opened(folder, old, new or old)
    pair = (_named(model, old), _day(then)), (_named(model, new or old), _day(now))
    for line in compared(*pair, word):
        click.echo(line)


@policy.command()
@click.argument("name")
@click.option("--by", required=True, help="Who has read the rules.")
@click.option("--on", type=_DAY, help="The day of the signature; today by default.")
@_FOLDER
def sign(name: str, by: str, on: datetime | None, folder: Path) -> None:
    """Write beside the policy NAME that BY has read its effective rules. It is a record, not proof of identity.

    From then on `camp check` tells of every campaign whose policy says other things.

    Exit code 0: written. 1: the project has errors of language. 2: usage.
    """
    from runtime.cli.writing import write_whole
    from runtime.policies.signing import beside, read, sign, written

    if not by.strip():
        raise click.UsageError('Say who signs, as --by "王合规".')
    project, model = _opened(folder, name)
    found = _named(model, name)
    path = beside(found, project.root)
    try:
        before = path.read_text(encoding="utf-8") if path.is_file() else ""
        read(before)
    except ValueError as error:
        raise click.UsageError(f"{path} cannot be read: {error}. Restore it from version control.") from error
    one = sign(found, by.strip(), _day(on))
    write_whole(path, written(before, one))
    say(f"{path}: {found.name}, {one.count} rules, sha256:{one.rules[:12]}, signed by {one.by} on {one.on}")


def _opened(folder: Path, *names: str) -> tuple[Project, Model]:
    """The project, with the packs that are asked for by name read too."""
    from dsl.compiler import model_with
    from runtime.cli.check import open_project

    project = open_project((folder,))
    model = model_with(project.analysis.files, names)
    if model is None:
        say("The project has no brand or no customer, or its declarations cannot be read: see `camp check`.", err=True)
        raise SystemExit(1)
    return project, model


def _named(model: Model, name: str) -> Policy:
    if name in model.policies:
        return model.policies[name]
    if name in model.campaigns:
        return model.policies[model.campaigns[name].policy.name]
    from dsl import packs

    known = [*model.policies, *model.campaigns, *packs.policies()]
    guess = nearest(name, known)
    hint = (
        f" Did you mean {guess}?"
        if guess
        else f" There are: {', '.join(sorted({*model.policies, *packs.policies()}))}."
    )
    raise click.UsageError(f"There is no policy or campaign called {name}.{hint}")


def _day(given: datetime | None) -> date:
    return given.date() if given else datetime.now(UTC).astimezone().date()
