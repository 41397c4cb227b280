"""`camp power`: how many people an experiment needs, before it starts."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from runtime.cli.inputs import program_of
from runtime.cli.language import language
from runtime.cli.manners import FORMAT, show_json, unusable
from runtime.errors import InputError

if TYPE_CHECKING:
    from runtime.experiments.power import Needed, Wanted
    from runtime.spoken import Speaker

_ONE, _DAY = Decimal(1), 86_400_000_000


class Share(click.ParamType[Decimal]):
    name = "SHARE"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Decimal:
        if isinstance(value, Decimal):
            return value
        found = re.fullmatch(r"([+-]?\d{1,3}(?:\.\d{1,6})?)[%％]", str(value).strip())
        if found is None:
            self.fail(f"{value} is no share. Write it with a percent sign, as 2% or 0.5%.", param, ctx)
        return Decimal(found[1]) / 100


@click.command()
@click.argument("program", type=click.Path(path_type=Path), required=False)
@click.argument("campaign", required=False)
@click.option("--base", type=Share(), required=True, help="The share that reaches the goal anyway, as 2%.")
@click.option("--lift", type=Share(), required=True, help="What should be found, in points: 0.5% over 2% is 2.5%.")
@click.option("--power", type=Share(), default="80%", show_default=True, help="How surely it should be found.")
@click.option(
    "--error", type=Share(), default="5%", show_default=True, help="How often nothing may be taken for a lift."
)
@click.option("--arms", type=click.IntRange(2, 20), help="That many equal arms; two by default.")
@click.option("--holdout", type=Share(), help="Everyone treated against a holdout of that share, in place of arms.")
@click.option("--per-day", type=click.IntRange(1, 1_000_000_000), help="How many people enter a day; says the days.")
@FORMAT
def power(
    program: Path | None,
    campaign: str | None,
    base: Decimal,
    lift: Decimal,
    power: Decimal,
    error: Decimal,
    arms: int | None,
    holdout: Decimal | None,
    per_day: int | None,
    form: str,
) -> None:
    """Say how many people an experiment needs until a lift is found: that of CAMPAIGN in PROGRAM (a program.json or a
    project's folder), or any other by --arms or --holdout.

    First as `camp report` judges, which may be looked at every day; then, to compare, as a test that is looked at once.

    Exit code 0: said. 1: the project has errors. 2: something that was named cannot be used.
    """
    try:
        wanted = _wanted(base, lift, power, error)
        found, wait = _asked(program, campaign, arms, holdout)
        _show(campaign, [_needed(*one, wanted, per_day) for one in found.items()], wanted, wait, form)
    except InputError as error_:
        unusable(error_)
        raise SystemExit(2) from error_


def _wanted(base: Decimal, lift: Decimal, power: Decimal, error: Decimal) -> Wanted:
    from runtime.experiments.power import Wanted

    if not 0 < base < 1 or not 0 < base + lift < 1:
        raise InputError(
            f"A lift of {_percent(lift)} over {_percent(base)} leads out of what a share can be",
            "Let --base, and --base with --lift, lie between 0% and 100%.",
        )
    if lift == 0:
        raise InputError("No number of people finds a lift of 0%", "Say the smallest lift that is worth knowing.")
    if not 0 < power < 1 or not 0 < error < Decimal("0.5"):
        raise InputError(
            f"No test has a power of {_percent(power)} at an error of {_percent(error)}",
            "Let --power lie between 0% and 100%, and --error between 0% and 50%.",
        )
    return Wanted(base=base, lift=lift, power=power, error=error)


def _asked(
    program: Path | None, campaign: str | None, arms: int | None, holdout: Decimal | None
) -> tuple[dict[str, dict[str, Decimal]], int]:
    """The groups of each experiment as shares, and the days that a goal has time."""
    if program is not None and campaign is not None:
        if arms is not None or holdout is not None:
            raise InputError("The campaign says its groups itself", "Leave out --arms and --holdout, or the campaign.")
        return _of_campaign(program, campaign)
    if program is not None:
        raise InputError("No campaign is named", "Name it behind the program: `camp power PROGRAM CAMPAIGN`.")
    if arms is not None and holdout is not None:
        raise InputError("--arms and --holdout are two experiments", "Ask for one after the other.")
    if holdout is not None:
        if not 0 < holdout < 1:
            raise InputError(f"{_percent(holdout)} is no holdout", "Let it lie between 0% and 100%.")
        return {"holdout": {"treated": 1 - holdout, "holdout": holdout}}, 0
    count = arms or 2
    return {"arms": {chr(ord("A") + at): round(_ONE / count, 4) for at in range(count)}}, 0


def _of_campaign(path: Path, name: str) -> tuple[dict[str, dict[str, Decimal]], int]:
    from dsl.suggest import nearest
    from runtime.experiments.power import experiments

    program = program_of(path)
    names = {one.name: one for one in program.campaigns}
    if name not in names:
        guess = nearest(name, names)
        hint = f"Did you mean {guess}?" if guess else f"There are: {', '.join(names)}."
        raise InputError(f"There is no campaign called {name}", hint)
    found = experiments(names[name], program.brand)
    if not found:
        raise InputError(
            f"{name} has neither arms nor a holdout, and the brand no control group",
            "Add `holdout 5%` or `arms { a 50%; b 50% }` to it, or leave it out and use --arms or --holdout.",
        )
    goal = names[name].goal
    return {str(kind): shares for kind, shares in found.items()}, -(-goal.within // _DAY) if goal else 0


def _needed(kind: str, shares: dict[str, Decimal], wanted: Wanted, per_day: int | None) -> Needed:
    from runtime.experiments.power import needed

    found = needed(kind, shares, wanted, per_day)  # type: ignore[arg-type]
    if found is None:
        raise InputError(
            f"A lift of {_percent(wanted.lift)} over {_percent(wanted.base)} needs more people than there are",
            "Ask for a larger lift, or a larger holdout.",
        )
    return found


def _show(campaign: str | None, found: list[Needed], wanted: Wanted, wait: int, form: str) -> None:
    if form == "json":
        each = [one.model_dump(mode="json") for one in found]
        show_json({"campaign": campaign, **wanted.model_dump(mode="json"), "goal_days": wait, "experiments": each})
        return
    from runtime.spoken import Speaker

    speaker = Speaker(language())
    for one in found:
        for line in _lines(campaign, one, wanted, wait, speaker):
            click.echo(line)


def _lines(campaign: str | None, one: Needed, wanted: Wanted, wait: int, speaker: Speaker) -> list[str]:
    kind = speaker.name({"arms": "arms", "holdout": "holdout", "control": "control group"}[one.kind])
    head = f"{campaign} · {kind}" if campaign else kind
    shown = {name: _percent(value) for name, value in wanted.model_dump().items()}
    shown["other"] = _percent(wanted.base + wanted.lift)
    said = speaker.phrase("from {base} to {other}, found with {power} at an error of {error}", **shown)
    lines = [f"{head}{speaker.name(': ')}{said}"]
    for title, crowd in (("looked at every day", one.daily), ("looked at once, at the end", one.once)):
        parts = [
            f"{name if one.kind == 'arms' else speaker.name(name)} {count:,}" for name, count in crowd.groups.items()
        ]
        parts.append(speaker.phrase("{count} people enter", count=f"{crowd.people:,}"))
        if crowd.days is not None:
            parts.append(speaker.many(crowd.days, "day"))
        lines.append(f"  {speaker.name(title)}{speaker.name(': ')}{speaker.name('; ').join(parts)}")
    if len(one.shares) > 2:
        count = len(one.shares) * (len(one.shares) - 1) // 2
        lines.append("  " + speaker.phrase("{count} comparisons share the error", count=count))
    if wait:
        days = speaker.many(wait, "day")
        lines.append(
            "  " + speaker.phrase("and {days} more, until everyone's time to reach the goal is over", days=days)
        )
    return lines


def _percent(share: Decimal) -> str:
    return f"{(share * 100).normalize():f}%"
