"""The two sides of a comparison: folders that a run wrote, by this comparison or before it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from dsl.program.ir import Program
from runtime.errors import InputError
from runtime.execute import Progress, execute
from runtime.place import Place
from runtime.publish import SUMMARY, publish
from runtime.summary import summarise


@dataclass(frozen=True)
class Plan:
    """A folder that a run wrote, and what its summary says. formerly: campaign → the name that it had before."""

    folder: Path
    program: str
    at: str
    until: str
    currency: str
    campaigns: tuple[str, ...]
    formerly: Mapping[str, str]


def planned(
    program: Program, data: Place, at: datetime, horizon: timedelta, folder: Path, progress: Progress
) -> tuple[Plan, list[str]]:
    """A run of the program, written to that folder, and what it warns of. One engine at a time holds the customers."""
    run = execute(program, data, at, horizon, progress)
    try:
        publish(run, summarise(run), folder)
        return read(folder), run.warnings
    finally:
        run.engine.close()


def is_plan(path: Path) -> bool:
    return (path / SUMMARY).is_file()


def read(folder: Path) -> Plan:
    """What a folder's summary says. InputError where no run wrote it."""
    path = folder / SUMMARY
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        texts = {name: str(said[name]) for name in ("program", "at", "until", "currency")}
        names = tuple(str(funnel["campaign"]) for funnel in said["campaigns"])
        formerly = {str(name): str(before) for name, before in said.get("formerly", {}).items()}
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}", "Name a folder that `camp plan` wrote.") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(f"{path} is no summary of a run", "Name a folder that `camp plan` wrote.") from error
    return Plan(folder=folder, campaigns=names, formerly=formerly, **texts)
