"""`camp preview`: a campaign's messages as they will be read, with their length and cost."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from dsl.suggest import nearest
from runtime.cli.language import language, say


@click.command()
@click.argument("campaign")
@click.argument("folder", type=click.Path(path_type=Path), default=Path())
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def preview(campaign: str, folder: Path, form: str) -> None:
    """Show every message of CAMPAIGN in FOLDER's project: for someone of whom all is known, for someone of whom the least
    is, and with the longest values.

    Exit code 0: shown. 1: the project has errors, or a message takes more segments than its policy allows. 2: usage.
    """
    from dsl.render.filters import plain
    from runtime.cli.compile import compiled
    from runtime.preview import preview as shown
    from runtime.spoken import Speaker

    program = compiled(folder)
    names = {one.name: one for one in program.campaigns}
    if campaign not in names:
        guess = nearest(campaign, names)
        hint = f" Did you mean {guess}?" if guess else f" There are: {', '.join(names)}."
        raise click.UsageError(f"There is no campaign called {campaign}.{hint}")
    speaker = Speaker(language())
    found = list(shown(program, names[campaign], speaker))
    long = [one for one in found if one.limit is not None and one.segments is not None and one.segments > one.limit]
    if form == "json":
        rows = [asdict(one) | {"cost": None if one.cost is None else plain(one.cost)} for one in found]
        click.echo(json.dumps({"campaign": campaign, "messages": rows}, ensure_ascii=False, indent=1))
    else:
        for one in found:
            channel = speaker.phrase("{channel} to {who}", channel=one.channel, who=one.to) if one.to else one.channel
            click.echo(f"{one.part} · {channel} · {one.when} · {one.sample} ({one.at})\n  {one.text}")
            for line in one.rich:
                click.echo(f"    {line}")
            size = [speaker.phrase("{count} characters", count=len(one.text))]
            size += [speaker.many(one.segments, "segment")] if one.segments is not None else []
            size += [f"{plain(one.cost)} {program.brand.currency}"] if one.cost is not None else []
            size += [speaker.phrase("over the limit of {limit}", limit=one.limit)] if one in long else []
            click.echo(f"  {speaker.listed(size)}\n")
        say(f"{len(found)} texts, {len(long)} over the limit")
    if long:
        raise SystemExit(1)
