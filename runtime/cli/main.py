"""`camp`: the command line. Each command's module is imported when it is called."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import click

from runtime.cli.language import Context, language, option, say, speaking
from runtime.stopping import Stopped, stoppable

# Command → module and its object; imported only when asked for, since an engine takes longer to load than a check to run.
_COMMANDS = {
    "completion": ("runtime.cli.completion", "completion"),
    "help": ("runtime.cli.help", "help_"),
    "check": ("runtime.cli.check", "check"),
    "compile": ("runtime.cli.compile", "compile_"),
    "data": ("runtime.cli.data", "data"),
    "diff": ("runtime.cli.diff", "diff"),
    "explain": ("runtime.cli.explain", "explain"),
    "fmt": ("runtime.cli.fmt", "fmt"),
    "ingest": ("runtime.cli.ingest", "ingest"),
    "init": ("runtime.cli.init", "init"),
    "links": ("runtime.cli.links", "links"),
    "ledger": ("runtime.cli.ledger", "ledger"),
    "pause": ("runtime.cli.pause", "pause"),
    "plan": ("runtime.cli.plan", "plan"),
    "power": ("runtime.cli.power", "power"),
    "release": ("runtime.cli.release", "release"),
    "report": ("runtime.cli.report", "report"),
    "resume": ("runtime.cli.pause", "resume"),
    "suppress": ("runtime.cli.suppress", "suppress"),
    "test": ("runtime.cli.test", "test_"),
    "policy": ("runtime.cli.policy", "policy"),
    "preview": ("runtime.cli.preview", "preview"),
    "verify": ("runtime.cli.verify", "verify"),
    "rules": ("runtime.cli.rules", "rules_"),
}


class _Lazy(click.Group):
    context_class = Context

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        with _spoken(parent):
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            with stoppable(), _spoken(ctx):
                return super().invoke(ctx)
        except Stopped as stopped:
            say(stopped.said, err=True)
            raise SystemExit(stopped.exit_code) from stopped

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, name = _COMMANDS[cmd_name]
        command: click.Command = getattr(import_module(module), name)
        return speaking(command)


@contextmanager
def _spoken(ctx: click.Context | None) -> Iterator[None]:
    """Usage errors in the language that is spoken."""
    try:
        yield
    except click.exceptions.NoArgsIsHelpError:
        raise
    except click.UsageError as error:
        lang = language(ctx)
        if lang == "en":
            raise
        from runtime.cli.speaking import SpokenError

        raise SpokenError(error, lang) from error


@click.group(cls=_Lazy, params=[option()], context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="camp")
def main() -> None:
    """Camp: campaigns as text, checked before they are sent."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character gets an escape, never a traceback.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
