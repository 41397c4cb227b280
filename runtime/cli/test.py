"""`camp test`: run a project's `test` blocks."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import click

from runtime.cli.language import language, say, told, word
from runtime.cli.manners import FORMAT, QUIET, place, show_json

if TYPE_CHECKING:
    from runtime.coverage import Undecided
    from runtime.testing import Result


@click.command("test")
@click.argument("folder", type=click.Path(path_type=Path), default=Path())
@click.option("-k", "pattern", default="", help="Only tests with this in their title.")
@FORMAT
@QUIET
@click.option("--coverage", is_flag=True, help="Also list what no test has decided both ways.")
@click.option("--junit", type=click.Path(path_type=Path, dir_okay=False), help="Write a JUnit report there.")
def test_(folder: Path, pattern: str, form: str, quiet: bool, coverage: bool, junit: Path | None) -> None:
    """Run the tests of FOLDER's project through the reference interpreter.

    Exit code 0: all hold, and with --coverage everything is decided. 1: something is not so. 2: a path cannot be read.
    """
    from runtime.cli.compile import compiled
    from runtime.coverage import coverage as undecided
    from runtime.project import read
    from runtime.spoken import Speaker
    from runtime.testing import run_trials

    program = compiled(folder, form)
    model = read((folder,)).analysis.model
    assert model is not None
    trials = [trial for trial in model.trials if pattern in trial.title]
    results = run_trials(model, program, trials, Speaker(language()))
    left = undecided(model, program, trials) if coverage else []
    if junit:
        _write(results, junit)
    failed = sum(bool(result.broken) for result in results)
    if form == "json":
        show_json(_as_json(results, left, coverage))
        raise SystemExit(1 if failed or left else 0)
    for result in results:
        for broken in result.broken:
            click.echo(f"{word('FAIL')}  {result.trial.title}")
            click.echo(f"  {word('expected'):<8}  {broken.said}   ({broken.expectation.place})")
            click.echo(f"  {word('but'):<8}  {broken.instead}\n")
    for one in left:
        click.echo(f"{word('undecided')}  {one.at}: " + told(f"{one.what} of {one.campaign}, never {one.never}"))
    if quiet:
        raise SystemExit(1 if failed or left else 0)
    if coverage:
        say("everything is decided both ways" if not left else f"{len(left)} decisions no test has seen")
    if not results:
        say("no test blocks here: write one as in docs/language.md")
    say(f"{len(results) - failed} passed, {failed} failed")
    if failed or left:
        raise SystemExit(1)


def _as_json(results: list[Result], left: list[Undecided], coverage: bool) -> dict[str, Any]:
    tests = [
        {
            "title": result.trial.title,
            **place(result.trial.place),
            "passed": not result.broken,
            "broken": [
                {"expected": one.said, "instead": one.instead, **place(one.expectation.place)} for one in result.broken
            ],
        }
        for result in results
    ]
    failed = sum(bool(result.broken) for result in results)
    said: dict[str, Any] = {"tests": tests, "passed": len(results) - failed, "failed": failed}
    return said | ({"undecided": [asdict(one) for one in left]} if coverage else {})


def _write(results: list[Result], path: Path) -> None:
    from runtime.cli.writing import write_whole

    failed = sum(bool(result.broken) for result in results)
    suite = ElementTree.Element("testsuite", name="camp", tests=str(len(results)), failures=str(failed))
    for result in results:
        case = ElementTree.SubElement(
            suite, "testcase", classname=result.trial.place.source.path, name=result.trial.title
        )
        for broken in result.broken:
            text = f"{word('expected')} {broken.said}\n{word('but')} {broken.instead}"
            ElementTree.SubElement(case, "failure", message=broken.said).text = text
    write_whole(path, ElementTree.tostring(suite, encoding="unicode") + "\n")
