"""`camp plan`: run a program over a bank's data and write who gets which words, when, and for everyone else why not."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from runtime import stopping
from runtime.cli.engines import engine_options, opened
from runtime.cli.inputs import LEDGER, MEMORY, Data, Instant, Length, program_and_data
from runtime.cli.language import headed, say, told, word
from runtime.cli.manners import FORMAT, QUIET, show_json, unusable, without_collecting
from runtime.cli.progress import Watched, status
from runtime.errors import InputError
from runtime.place import Place
from runtime.profile.stages import FILES, KEEPING, Stages, expected

if TYPE_CHECKING:
    from dsl.program.ir import Program
    from runtime.execute import Run
    from runtime.profile.report import Profile
    from runtime.summary import Summary


@dataclass(frozen=True)
class _Target:
    """Where a run is written and as what, if at all, and what would be too much."""

    output: Path
    output_format: str
    dry_run: bool
    max_sends: int | None
    allow_growth: bool
    ledger: Path | None
    profile: bool
    memory: int | None
    engine: str | None = None
    spark_url: str | None = None
    spark_scratch: str | None = None
    silent: bool = False


@click.command()
@click.argument("program", type=click.Path(path_type=Path), default=Path())
@click.option(
    "--data",
    type=Data(),
    help="A folder, a DuckDB file or an address (docs/inputs.md); by default the `path` of camp.toml.",
)
@click.option("--at", type=Instant(), required=True, help="The instant the run speaks for, as 2026-03-04T09:00+08:00.")
@click.option(
    "--for", "horizon", type=Length(), default="7d", show_default=True, help="How far it plans: 7d, 12h, 30m."
)
@click.option("-o", "--output", type=click.Path(path_type=Path), default=Path("out/plan"), show_default=True)
@click.option(
    "--output-format",
    type=click.Choice(["parquet", "csv"]),
    default="parquet",
    show_default=True,
    help="What the tables are written as.",
)
@LEDGER
@MEMORY
@click.option("--dry-run", is_flag=True, help="Decide and show everything, and write nothing.")
@click.option("--max-sends", type=click.IntRange(0), metavar="N", help="Refuse a run that would send more than N.")
@click.option("--allow-growth", is_flag=True, help="Send more than the `growth` of camp.toml allows, this once.")
@click.option("--without", multiple=True, metavar="CAMPAIGN", help="Leave this campaign out of the run. Repeatable.")
@click.option("--profile", is_flag=True, help="Print where the time went, by stage and by campaign.")
@engine_options
@FORMAT
@QUIET
@click.option("--show", type=click.IntRange(0, 100), default=0, help="Print that many of the messages.")
def plan(
    program: Path,
    data: Place | None,
    at: datetime,
    horizon: timedelta,
    without: tuple[str, ...],
    form: str,
    quiet: bool,
    show: int,
    **target: Any,
) -> None:
    """Run PROGRAM (a program.json, or a project's folder) over a data folder and write a send plan.

    With a ledger the decisions are kept there, and count in the runs that follow. The same run again writes the same again.

    Writes the tables sends, outcomes, rejects and links, and summary.json, readable by their owner only.

    Exit code 0: written. 1: the project has errors. 2: something that was named cannot be used, or too much would be sent.
    """
    to, stages = _Target(**target, silent=quiet or form == "json"), Stages()
    stopping.says(lambda: _stopped(stages))
    try:
        compiled, folder = program_and_data(program, data)
        left = _left(compiled, without)
        if without and form == "text" and not quiet:
            say(f"left out: {', '.join(sorted({*without}))}")
        run, summary, profile = _run(left, folder, at, horizon, to, stages)
        if form == "json":
            _as_json(run, summary, to, without, profile)
        else:
            _tell(run, summary, to, quiet, show, profile)
    except InputError as error:
        unusable(error)
        raise SystemExit(2) from error


def _stopped(stages: Stages) -> str:
    """What is kept is kept and written in one piece, for which a signal waits."""
    nothing = f"stopped while {told(stages.stage)}: nothing was written"
    return "stopped, but the run is whole and written" if stages.kept else nothing


def _left(program: Program, without: tuple[str, ...]) -> Program:
    """The program without some campaigns; InputError where there is no such campaign."""
    from dsl.program.leave import leave_out
    from dsl.suggest import nearest

    names = [campaign.name for campaign in program.campaigns]
    for name in without:
        if name not in names:
            guess = nearest(name, names)
            raise InputError(f"There is no campaign called {name}", f"Did you mean {guess}?" if guess else "")
    return leave_out(program, without)


def _run(
    program: Program, folder: Place, at: datetime, horizon: timedelta, to: _Target, stages: Stages
) -> tuple[Run, Summary, Profile | None]:
    from runtime import safeguards
    from runtime.profile.recording import Recorded
    from runtime.profile.report import profile
    from runtime.publish import publish, refuse
    from runtime.runs import Runs
    from runtime.summary import summarise

    if not to.dry_run:
        refuse(to.output)
    growth = None if to.allow_growth else program.growth
    before = None if growth is None else safeguards.last_sent(to.output)

    def keep(run: Run, summary: Summary) -> None:
        stages.kept = True
        if to.ledger is not None:
            stages.tell(KEEPING)
        runs.commit(run, summary)

    recorded = Recorded(stages) if to.profile else None
    around = recorded.around if recorded else None
    engine = opened(to.engine, to.spark_url, to.spark_scratch, to.ledger, to.memory)
    with closing(Runs(program, folder, to.ledger, not to.dry_run, around, engine)) as runs:
        for campaign in runs.paused if not to.silent else ():
            say(f"paused, and left out: {campaign}")
        names = expected(runs.session.program, not to.dry_run, to.ledger is not None)
        watched = Watched(stages, program.hash, names, lambda: runs.session.customers)
        with status(watched) as tell, without_collecting():
            run, committed = runs.run(at.astimezone(UTC), horizon, tell)
            summary = summarise(run)
            if not committed:
                if to.max_sends is not None:
                    safeguards.at_most(summary, to.max_sends)
                if growth is not None:
                    safeguards.grown(summary, before, growth)
            if not to.dry_run:
                # Staged, committed, shown: stopped before the commit it was no run, after it the same run writes the same again.
                tell(FILES)
                publish(run, summary, to.output, to.output_format, keep, runs.made_with)
    if committed and not to.silent:
        say("this run is in the ledger already: its rows are written again")
    for warning in run.warnings:
        click.echo(headed("warning", warning), err=True)
    return run, summary, profile(recorded, run.program, summary) if recorded else None


def _as_json(run: Run, summary: Summary, to: _Target, without: tuple[str, ...], found: Profile | None) -> None:
    """What summary.json says, and where it lies: nowhere after a dry run."""
    from runtime.profile import report
    from runtime.summary import as_json

    show_json(
        {
            "output": None if to.dry_run else str(to.output),
            "left_out": sorted({*without}),
            "warnings": [told(one) for one in run.warnings],
            "summary": as_json(run, summary),
            **({"profile": report.as_json(found)} if found else {}),
        }
    )


def _tell(run: Run, summary: Summary, to: _Target, quiet: bool, show: int, found: Profile | None) -> None:
    from runtime.profile.show import lines as profiled
    from runtime.publish import files
    from runtime.summary import lines

    if quiet:
        return
    for line in lines(summary, run.program.brand.currency, word):
        click.echo(line)
    total = summary.total
    click.echo("\n" + told(f"{total.audience:,} candidates = {total.ended:,} outcomes, of which {total.sent:,} sends"))
    refused, customers, rejects = run.loaded.refused, run.loaded.customers, files(to.output_format)[2]
    if refused and to.dry_run:
        say(f"{refused:,} of {customers:,} customer rows were refused")
    elif refused:
        say(f"{refused:,} of {customers:,} customer rows were refused: see {rejects}")
    others = Counter[str]()
    for source, _, count in summary.rejects:
        others[source] += count if source != "customers" else 0
    for source, count in sorted(others.items()):
        if count:
            say(f"{source}: {count:,} refused" if to.dry_run else f"{source}: {count:,} refused, see {rejects}")
    if show:
        _show(run, show)
    if found:
        click.echo("\n" + "\n".join(profiled(found, told, word)) + "\n")
    if to.dry_run:
        say("a dry run: nothing was written")
        return
    end = to.output_format
    say(f"written to {to.output}: sends.{end}, outcomes.{end}, rejects.{end}, links.{end}, summary.json")


def _show(run: Run, count: int) -> None:
    """One message of as many campaigns as there are, then more of them."""
    from runtime.samples import samples

    click.echo("\n" + told(f"{count} of the messages:"))
    for instant, recipient, campaign, text in samples(run, count):
        click.echo(f"  {instant}  {recipient}  {campaign}\n    {text}")
    click.echo()
