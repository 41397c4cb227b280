"""One run: data in, one outcome for each candidate out. Composes the steps of runtime/relational; decides nothing itself."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sqlglot import exp

from dsl.catalog import OPT_OUT_EVENT
from dsl.daysoff import estimated
from dsl.identity import digest
from dsl.program.ir import Program
from runtime.engines import open_engine
from runtime.engines.base import Engine
from runtime.errors import InputError
from runtime.openings import Openings
from runtime.relational import derived, zones
from runtime.relational.decide import decide
from runtime.relational.load import load
from runtime.relational.loading import Loaded
from runtime.relational.match import Matching
from runtime.relational.sql import col, micros, table, text

Progress = Callable[[str], None]


@dataclass
class Run:
    """A decided run. Its engine holds the tables `outcomes` (the columns of runtime/outcomes.py) and `rejects`."""

    program: Program
    engine: Engine
    at: datetime
    horizon: timedelta
    run_id: str
    loaded: Loaded
    warnings: list[str] = field(default_factory=list)


def execute(
    program: Program, folder: Path, at: datetime, horizon: timedelta, progress: Progress = lambda stage: None
) -> Run:
    """Decide everything for [at, at + horizon). InputError where the data cannot be used; nothing is written."""
    engine = open_engine(program.engine)
    now, until = micros(at), micros(at + horizon)
    matching = Matching(program)
    progress("reading the data")
    loaded = load(engine, program, folder, matching.used, now)
    _all_refusals_read(engine)
    derived.make(engine, matching.used, now, loaded)
    progress("matching audiences")
    decide(engine, matching, Openings(program), zones.today(engine, at), loaded.events, now, until, progress)
    progress("writing down")
    run_id = digest(
        program.hash, _fingerprint(loaded.files, folder), str(now), str(until), str(sorted(engine.versions().items()))
    )
    return Run(program, engine, at, horizon, run_id[:32], loaded, _warnings(program, at, horizon))


def _all_refusals_read(engine: Engine) -> None:
    """Fail closed: an opt-out that cannot be read is somebody who must not be written to, and nobody knows who."""
    source = f"events/{OPT_OUT_EVENT}"
    unread = exp.select("count(*)").from_(table("rejects")).where(exp.EQ(this=col("source"), expression=text(source)))
    ((count,),) = engine.rows(unread)
    if count:
        help = "Mend them first (`camp data check` lists them): nothing is sent while it is not known who refused."
        raise InputError(f"{count:,} rows of {source} cannot be used", help)


def _fingerprint(files: list[Path], folder: Path) -> str:
    """Of the data's bytes, file by file."""
    parts = []
    for file in sorted(files):
        try:
            with file.open("rb") as opened:
                parts += [str(file.relative_to(folder)), hashlib.file_digest(opened, "sha256").hexdigest()]
        except OSError as error:
            raise InputError(
                f"{file} was there and is gone: {error.strerror}", "Run again once it is whole."
            ) from error
    return digest(*parts)


def _warnings(program: Program, at: datetime, horizon: timedelta) -> list[str]:
    """Years whose holidays are only estimated, where a window that can open in this run asks about them."""
    asks = [
        one for one in program.campaigns if one.window and (one.window.skip_holidays or one.window.on == "workdays")
    ]
    years = range(at.year, (at + horizon + timedelta(days=1)).year + 1)
    guessed = [str(year) for year in years if asks and estimated(year, program.brand.holidays)]
    return (
        [f"The holidays of {', '.join(guessed)} are not published yet: windows of {asks[0].name} rest on an estimate"]
        if guessed
        else []
    )
