"""In which language the command line speaks: --lang, else CAMP_LANG, else the locale."""

from __future__ import annotations

import os
from typing import Literal

import click

Lang = Literal["en", "zh"]
_CHOSEN = "camp.lang"
# As POSIX orders them: the first that is set counts.
_USUAL = ("CAMP_LANG", "LC_ALL", "LC_MESSAGES", "LANG")


def language(ctx: click.Context | None = None) -> Lang:
    ctx = ctx or click.get_current_context(silent=True)
    chosen = ctx.meta.get(_CHOSEN) if ctx else None
    if chosen is None:
        chosen = next((said for name in _USUAL if (said := os.environ.get(name))), "")
    return "zh" if chosen.lower().startswith("zh") else "en"


def told(text: str) -> str:
    """A sentence in the language that is spoken."""
    lang = language()
    if lang == "en":
        return text
    from dsl.lang import translate

    return translate(text, lang)


def say(text: str, err: bool = False) -> None:
    click.echo(told(text), err=err)


def word(text: str) -> str:
    """A single word at the head of a line."""
    lang = language()
    if lang == "en":
        return text
    from dsl.lang import label

    return label(text, lang)


def headed(head: str, text: str) -> str:
    """`error: …`, `help: …`; both are translated."""
    return stated(word(head), told(text))


def stated(head: str, text: str) -> str:
    """The same of what is in its language already, or is the user's."""
    return f"{head}: {text}" if language() == "en" else f"{head}：{text}"


def option(hidden: bool = False) -> click.Option:
    """`--lang zh` before or behind the command's name."""

    def choose(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
        if value is not None:
            ctx.meta[_CHOSEN] = value

    return click.Option(
        ["--lang"],
        type=click.Choice(["zh", "en"]),
        help="The language of findings and help: zh or en.",
        callback=choose,
        is_eager=True,
        expose_value=False,
        hidden=hidden,
    )


class Context(click.Context):
    """A command's context whose help is in the language that is spoken."""

    def make_formatter(self) -> click.HelpFormatter:
        lang = language(self)
        if lang == "en":
            return super().make_formatter()
        from runtime.cli.speaking import Formatter

        return Formatter(self, lang)


def speaking(command: click.Command) -> click.Command:
    """The command, with --lang, and with its help in every language."""
    if command.context_class is not Context:
        command.context_class = Context
        command.params.append(option(hidden=True))
        for inner in command.commands.values() if isinstance(command, click.Group) else ():
            speaking(inner)
    return command
