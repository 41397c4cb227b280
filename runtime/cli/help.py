"""`camp help`: the language tour, topic by topic, out of docs/language.md and its translation."""

from __future__ import annotations

import re
from pathlib import Path

import click

from dsl.suggest import nearest
from runtime.cli.language import language, told

# Topic → the heading of its section.
TOPICS = {
    "text": "Text",
    "brand": "The bank",
    "customer": "What is known",
    "event": "What is known",
    "product": "Products",
    "test": "Tests",
    "segment": "Tests",
    "lifecycle": "Tests",
    "calendar": "Tests",
    "policy": "A policy",
    "campaign": "A campaign",
    "start": "A campaign",
    "window": "A campaign",
    "step": "What follows",
    "reply": "What follows",
    "copy": "Copy",
    "message": "Copy",
    "filters": "Copy",
    "tests": "Tests of campaigns",
    "allow": "Allowing a finding",
    "project": "The project",
}


@click.command("help")
@click.argument("topic", required=False)
@click.pass_context
def help_(ctx: click.Context, topic: str | None) -> None:
    """Show the part of the language tour about TOPIC; without one, the topics. A command's name shows its options.

    Exit code 0: shown. 2: there is no such topic.
    """
    assert ctx.parent is not None
    main = ctx.parent.command
    assert isinstance(main, click.Group)
    if topic is None:
        click.echo(ctx.parent.get_help())
        click.echo("\n" + told("Topics of the language: " + ", ".join(TOPICS)))
    elif topic in TOPICS:
        click.echo(section(TOPICS[topic], language()))
    elif (command := main.get_command(ctx.parent, topic)) is not None:
        with command.context_class(command, info_name=topic, parent=ctx.parent) as inner:
            click.echo(command.get_help(inner))
    else:
        known = [*TOPICS, *main.list_commands(ctx.parent)]
        guess = nearest(topic, known)
        hint = f" Did you mean {guess}?" if guess else f" There are: {', '.join(known)}."
        raise click.UsageError(f"There is no topic called {topic}.{hint}")


def section(title: str, lang: str = "en") -> str:
    """A section of the page, from its heading to the next. A translation has the same sections in the same order."""
    written = sections()
    at = [heading for heading, _ in written].index(title)
    heading, text = written[at] if lang == "en" else sections(f".{lang}")[at]
    return f"{heading}\n\n{text.strip()}"


def sections(lang: str = "") -> list[tuple[str, str]]:
    """Heading and text of each. `lang`: what stands in the file's name."""
    here = Path(__file__).parent.parent
    pages = [here / f"language{lang}.md", here.parent / "docs" / f"language{lang}.md"]
    page = next(path for path in pages if path.is_file()).read_text(encoding="utf-8")
    return re.findall(r"^## ([^\n]*)\n(.*?)(?=^## |\Z)", page, re.DOTALL | re.MULTILINE)
