"""`camp`: the command line. Each command's module is imported when it is called."""

from __future__ import annotations

import sys

import click

from runtime.cli.check import check


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="camp")
def main() -> None:
    """Camp: campaigns as text, checked before they are sent."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character gets an escape, never a traceback.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


main.add_command(check)
