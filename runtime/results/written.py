"""A report's folder: report.html, report.json, and a CSV for each table. All at once or not at all, for its owner only."""

from __future__ import annotations

import csv
import io
import os
import shutil
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from runtime.errors import InputError
from runtime.folders import replace
from runtime.results.model import Report
from runtime.stopping import whole
from runtime.tables import defused

JSON, HTML = "report.json", "report.html"
_Table = tuple[tuple[str, ...], Iterator[Sequence[Any]]]


def write(report: Report, out: Path, html: str) -> None:
    """html: its page. An earlier report is replaced. InputError where the folder holds anything else, or cannot be written."""
    files = {HTML: html, JSON: as_json(report)}
    files |= {f"{name}.csv": _csv(*table) for name, table in tables(report).items()}
    refuse(out, files)
    out = out.resolve()
    beside, old = (out.with_name(f".{out.name}.{os.getpid()}{end}") for end in ("", ".old"))
    try:
        beside.mkdir(parents=True, mode=0o700)
        for name, text in files.items():
            with (beside / name).open("x", encoding="utf-8", newline="") as file:
                file.write(text)
            (beside / name).chmod(0o600)
        with whole():
            replace(out, beside, old)
    except OSError as error:
        raise InputError(f"{out} cannot be written: {error.strerror}", "Nothing was changed there.") from error
    finally:
        with whole():
            shutil.rmtree(beside, ignore_errors=True)


def as_json(report: Report) -> str:
    return report.model_dump_json(indent=1) + "\n"


def refuse(out: Path, files: Any) -> None:
    try:
        if out.exists() and not out.is_dir():
            raise InputError(f"{out} is a file, and a report is a folder", "Name another place with -o.")
        held = {file.name for file in out.iterdir()} if out.is_dir() else set()
    except OSError as error:
        raise InputError(f"{out} cannot be written: {error.strerror}", "Name another place with -o.") from error
    if held and not (JSON in held and held <= set(files)):
        strange = min(held - set(files), default=f"no {JSON}")
        raise InputError(f"{out} holds what no report wrote: {strange}", "Name an empty folder or a new one with -o.")


def tables(report: Report) -> dict[str, _Table]:
    """Name → heads and rows. Every number of the report that stands in a list stands in one of these."""
    totals = tuple(type(report.totals).model_fields)
    return {
        "campaigns": (("campaign", "title", "product", *totals), _campaigns(report)),
        "funnels": (
            ("campaign", "funnel", "by", "group", "stage", "reached", "of", "low", "high", "drop"),
            _funnels(report),
        ),
        "measures": (("campaign", "measure", "title", "count", "of", "low", "high", "cost_each"), _measures(report)),
        "experiments": (("campaign", "kind", "group", "share", "people", "reached"), _groups(report)),
        "comparisons": (
            ("campaign", "kind", "group", "against", "lift", "low", "high", "level", "relative", "verdict", "more"),
            _comparisons(report),
        ),
        "hours": (("product", "weekday", "hour", "sent", "clicked"), _hours(report)),
        "touched": (("event", "page", "row", "column", "count"), _touched(report)),
        "calendar": (("day", "hour", "sends", "quiet"), _calendar(report)),
        "caps": (("policy", "rule", "said", "most", "messages", "people", "refused"), _caps(report)),
    }


def _campaigns(report: Report) -> Iterator[Sequence[Any]]:
    for one in report.campaigns:
        yield (one.name, one.title, one.product, *(value for _, value in one.totals))


def _funnels(report: Report) -> Iterator[Sequence[Any]]:
    for one in report.campaigns:
        for way in one.ways:
            for at, stage in enumerate(way.stages):
                kept = (stage.kept.of, stage.kept.low, stage.kept.high) if stage.kept else (None, None, None)
                yield (one.name, way.funnel, way.by, way.group, stage.name, stage.reached, *kept, at == way.drop)


def _measures(report: Report) -> Iterator[Sequence[Any]]:
    for one in report.campaigns:
        for each in one.measures:
            bounds = (each.share.of, each.share.low, each.share.high) if each.share else (None, None, None)
            yield (one.name, each.name, each.title, each.count, *bounds, each.cost_each)


def _groups(report: Report) -> Iterator[Sequence[Any]]:
    for one in report.campaigns:
        for tried in one.experiments:
            for group in tried.groups:
                yield (one.name, tried.kind, *(value for _, value in group))


def _comparisons(report: Report) -> Iterator[Sequence[Any]]:
    for one in report.campaigns:
        for tried in one.experiments:
            for compared in tried.comparisons:
                yield (one.name, tried.kind, *(value for _, value in compared))


def _hours(report: Report) -> Iterator[Sequence[Any]]:
    for one in report.hours:
        for day in range(7):
            for hour in range(24):
                yield one.product, day, hour, one.sent[day][hour], one.clicked[day][hour]


def _touched(report: Report) -> Iterator[Sequence[Any]]:
    for one in report.touched:
        for row, cells in enumerate(one.cells):
            yield from ((one.event, one.page, row, column, count) for column, count in enumerate(cells))
        yield one.event, one.page, None, None, one.outside


def _calendar(report: Report) -> Iterator[Sequence[Any]]:
    for one in report.calendar:
        yield from ((one.day, hour, one.sends[hour], one.quiet[hour]) for hour in range(24))


def _caps(report: Report) -> Iterator[Sequence[Any]]:
    for one in report.caps:
        for messages, people in enumerate(one.people):
            yield one.policy, one.rule, one.said, one.most, messages, people, one.refused


def _csv(heads: Sequence[str], rows: Iterator[Sequence[Any]]) -> str:
    """As docs/outputs.md says of runs' CSV files: no text starts a formula."""
    held = io.StringIO()
    writer = csv.writer(held, lineterminator="\n")
    writer.writerow(heads)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return held.getvalue()


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return defused(value)
        case Decimal():
            return f"{value:f}"
    return str(value)
