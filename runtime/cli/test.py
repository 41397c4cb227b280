"""`camp test`: run a project's `test` blocks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import click

if TYPE_CHECKING:
    from runtime.testing import Result


@click.command("test")
@click.argument("folder", type=click.Path(path_type=Path), default=Path())
@click.option("-k", "pattern", default="", help="Only tests with this in their title.")
@click.option("--coverage", is_flag=True, help="Also list what no test has decided both ways.")
@click.option("--junit", type=click.Path(path_type=Path, dir_okay=False), help="Write a JUnit report there.")
def test_(folder: Path, pattern: str, coverage: bool, junit: Path | None) -> None:
    """Run the tests of FOLDER's project through the reference interpreter.

    Exit code 0: all hold, and with --coverage everything is decided. 1: something is not so. 2: a path cannot be read.
    """
    from runtime.cli.compile import compiled
    from runtime.coverage import coverage as undecided
    from runtime.project import read
    from runtime.testing import run_trials

    program = compiled(folder)
    model = read((folder,)).analysis.model
    assert model is not None
    trials = [trial for trial in model.trials if pattern in trial.title]
    results = run_trials(model, program, trials)
    for result in results:
        for broken in result.broken:
            click.echo(f"FAIL  {result.trial.title}")
            click.echo(f"  expected  {broken.said}   ({broken.expectation.place})")
            click.echo(f"  but       {broken.instead}\n")
    left = undecided(model, program, trials) if coverage else []
    for one in left:
        click.echo(f"undecided  {one.at}: {one.what} of {one.campaign}, never {one.never}")
    if junit:
        _write(results, junit)
    failed = sum(bool(result.broken) for result in results)
    if coverage:
        click.echo("everything is decided both ways" if not left else f"{len(left)} decisions no test has seen")
    if not results:
        click.echo("no test blocks here: write one as in docs/language.md")
    click.echo(f"{len(results) - failed} passed, {failed} failed")
    if failed or left:
        raise SystemExit(1)


def _write(results: list[Result], path: Path) -> None:
    from runtime.cli.compile import write_whole

    failed = sum(bool(result.broken) for result in results)
    suite = ElementTree.Element("testsuite", name="camp", tests=str(len(results)), failures=str(failed))
    for result in results:
        case = ElementTree.SubElement(
            suite, "testcase", classname=result.trial.place.source.path, name=result.trial.title
        )
        for broken in result.broken:
            text = f"expected {broken.said}\nbut {broken.instead}"
            ElementTree.SubElement(case, "failure", message=broken.said).text = text
    write_whole(path, ElementTree.tostring(suite, encoding="unicode") + "\n")
