"""Days that a command is given."""

from __future__ import annotations

from datetime import date

import click


class Day(click.ParamType[date]):
    name = "DATE"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value} is no day. Write it as 2026-03-01.", param, ctx)


TODAY = click.option(
    "--today", type=Day(), help="The day for which comments that allow something are asked; by default this one."
)
