"""What `camp check` shows of a project: which of its findings, and in which format."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from runtime.cli.closing import counted, decided, many
from runtime.cli.language import headed, language, say, told
from runtime.cli.manners import finding, painter, place, show_json
from runtime.report.model import Report

if TYPE_CHECKING:
    from dsl.allowing import Allowed
    from runtime.project import Project
    from runtime.report.compare import Compared
    from runtime.report.fingerprints import Known


@dataclass(frozen=True)
class Asked:
    """The command's options. `review`: fixes that somebody has to look at are shown as well."""

    form: str
    quiet: bool = False
    review: bool = False
    baseline: Path | None = None
    keep: bool = False
    revision: str | None = None
    today: date | None = None


def reported(project: Project, asked: Asked) -> int:
    """Shows what was asked for, and says how many errors count."""
    files = {path: count for path, count in project.declarations.items() if not project.named or path in project.named}
    report = Report(
        project.root,
        tuple(project.found),
        tuple(project.allowed),
        tuple(project.everything),
        project.overrides,
        files,
    )
    notes: list[str] = []
    if asked.baseline is not None or asked.revision is not None:
        report = _without_known(project, report, asked, notes)
    _FORMATS[asked.form](report, asked, notes)
    return report.counts("error")


def _without_known(project: Project, report: Report, asked: Asked, notes: list[str]) -> Report:
    """Only what is new. The whole project is compared, whichever files were named: else all others would be gone."""
    standing = {*project.analysis.found}
    left = tuple(mark for one, mark in report.marks.items() if one in standing)
    if asked.baseline is not None:
        done = _against(asked.baseline, left, asked, notes)
        notes += [f"{many(done.hidden, 'finding')} known by {asked.baseline}"] if done.hidden else []
        if done.gone:
            notes.append(f"{done.gone} of {asked.baseline} not found any more: write it anew with --write-baseline")
        left = done.new
    if asked.revision is not None:
        from runtime.report.compare import compared
        from runtime.report.since import entries_at

        done = compared(left, entries_at(asked.revision, project.root, asked.today))
        notes += [f"{many(done.hidden, 'finding')} found at {asked.revision} too"] if done.hidden else []
        left = done.new
    new = {mark.finding for mark in left}
    shown = tuple(one for one in report.shown if one in new)
    return replace(report, shown=shown, hidden=len(report.shown) - len(shown))


def _against(path: Path, found: tuple[Known, ...], asked: Asked, notes: list[str]) -> Compared:
    from runtime.report import baseline

    if asked.keep:
        from runtime.cli.writing import write_whole

        text, kept, refused = baseline.written(found)
        write_whole(path, text)
        notes.append(f"{path}: {many(kept, 'finding')} written")
        if refused:
            notes.append(f"{many(refused, 'error')} not written: what cannot be compiled is never passed over")
    return baseline.against(found, baseline.read(path))


def _closing(report: Report, asked: Asked, notes: list[str], err: bool = False) -> None:
    """Quiet, too, tells of rules that were lowered."""
    said = list(decided(report.allowed, report.overrides))
    if asked.quiet:
        lines = [line for line in said if " lowered " in line]
    else:
        found = len(report.shown) - report.counts("error")
        counts = counted(len(report.files), sum(report.files.values()), report.counts("error"), found)
        lines = [counts, *notes, *said]
    for line in lines:
        say(line, err=err)


def _text(report: Report, asked: Asked, notes: list[str]) -> None:
    from dsl.diagnostics import render

    paint, lang = painter(), language()
    for problem in report.shown:
        click.echo(render(problem, paint, lang))
        if asked.review and problem.fix:
            from runtime.cli.fixing import shown

            click.echo(f"  = {headed('to look at', shown(problem) or '')}")
        click.echo()
    _closing(report, asked, notes)


def _json(report: Report, asked: Asked, notes: list[str]) -> None:
    found = [finding(one) | {"fingerprint": report.marks[one].fingerprint} for one in report.shown]
    changed = [{"code": one.code, "from": one.default, "to": one.severity} for one in report.overrides]
    show_json(
        {
            "findings": found,
            "allowed": [_allowed(report, one) for one in report.allowed],
            "severities": changed,
            "notes": [told(note) for note in notes],
            "files": len(report.files),
            "declarations": sum(report.files.values()),
            "errors": report.counts("error"),
            "warnings": report.counts("warning"),
            "hidden": report.hidden,
        }
    )


def _allowed(report: Report, one: Allowed) -> dict[str, Any]:
    said = {"until": f"{one.until}", "because": one.reason, "comment": place(one.place)}
    return finding(one.finding) | {"fingerprint": report.marks[one.finding].fingerprint} | said


def _sarif(report: Report, asked: Asked, notes: list[str]) -> None:
    import json

    from runtime.report.sarif import log

    _bytes(json.dumps(log(report, told, language()), ensure_ascii=False, indent=1).encode() + b"\n")
    _closing(report, asked, notes, err=True)


def _github(report: Report, asked: Asked, notes: list[str]) -> None:
    from runtime.report.github import lines

    _bytes("".join(f"{line}\n" for line in lines(report, told)).encode())
    _closing(report, asked, notes)


def _junit(report: Report, asked: Asked, notes: list[str]) -> None:
    from runtime.report.junit import document

    _bytes(document(report, told, language()))
    _closing(report, asked, notes, err=True)


def _bytes(content: bytes) -> None:
    """UTF-8 whatever the terminal speaks: it is for a file or a service."""
    click.echo(content, nl=False)


_FORMATS: dict[str, Callable[[Report, Asked, list[str]], None]] = {
    "text": _text,
    "json": _json,
    "sarif": _sarif,
    "github": _github,
    "junit": _junit,
}
