"""`camp`: the command line. Each command's module is imported when it is called."""

from __future__ import annotations

import sys
from importlib import import_module

import click

# Command → module and its object; imported only when asked for, since an engine takes longer to load than a check to run.
_COMMANDS = {
    "completion": ("runtime.cli.completion", "completion"),
    "help": ("runtime.cli.help", "help_"),
    "check": ("runtime.cli.check", "check"),
    "compile": ("runtime.cli.compile", "compile_"),
    "data": ("runtime.cli.data", "data"),
    "fmt": ("runtime.cli.fmt", "fmt"),
    "init": ("runtime.cli.init", "init"),
    "plan": ("runtime.cli.plan", "plan"),
    "test": ("runtime.cli.test", "test_"),
    "preview": ("runtime.cli.preview", "preview"),
    "rules": ("runtime.cli.rules", "rules_"),
}


class _Lazy(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, name = _COMMANDS[cmd_name]
        command: click.Command = getattr(import_module(module), name)
        return command


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="camp")
def main() -> None:
    """Camp: campaigns as text, checked before they are sent."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character gets an escape, never a traceback.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
