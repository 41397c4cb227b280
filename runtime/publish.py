"""A run's files. They hold phone numbers: only their owner may read them, and they appear all at once or not at all."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from sqlglot import exp

from runtime.errors import InputError
from runtime.execute import Run
from runtime.folders import replace
from runtime.outcomes import COLUMNS, KEY, LINKS, TEXTS
from runtime.place import Place
from runtime.relational.loading import REJECTS
from runtime.relational.sql import table
from runtime.stopping import whole
from runtime.summary import Summary, as_json
from runtime.tables import FORMATS, cells

SUMMARY = "summary.json"


def files(form: str = "parquet") -> tuple[str, ...]:
    """The names of a run's files in a format."""
    return (*(f"{name}.{form}" for name in ("sends", "outcomes", "rejects", "links")), SUMMARY)


FILES = files()
_OURS = {name for form in FORMATS for name in files(form)}


def publish(
    run: Run,
    summary: Summary,
    out: Path,
    form: str = "parquet",
    decide: Callable[[Run, Summary], None] | None = None,
    made_with: Mapping[str, Place] | None = None,
) -> None:
    """Write a folder beside `out` and move it there. An earlier run's folder is replaced; any other is left alone.

    decide: what makes the run count, once all is written and before it is shown. made_with: the ledger and the data, for
    whoever releases what is written.
    """
    refuse(out)
    out = out.resolve()  # a link's target is replaced, not the link
    beside, old = (out.with_name(f".{out.name}.{os.getpid()}{end}") for end in ("", ".old"))
    try:
        beside.mkdir(parents=True, mode=0o700)
        _write(run, summary, beside, form, _relative(made_with or {}, out))
        for file in beside.iterdir():
            file.chmod(0o600)
        with whole():
            if decide is not None:
                decide(run, summary)
            replace(out, beside, old)
    except OSError as error:
        raise InputError(f"{out} cannot be written: {error.strerror}", "Nothing was changed there.") from error
    finally:
        with whole():
            shutil.rmtree(beside, ignore_errors=True)


def _relative(places: Mapping[str, Place], out: Path) -> dict[str, str]:
    """Paths as seen from the run's folder: the same on every machine where they lie alike. Addresses as they are."""
    return {
        name: place if isinstance(place, str) else os.path.relpath(place.resolve(), out)
        for name, place in places.items()
    }


def refuse(out: Path) -> None:
    """Before any work: a folder that holds something else is not ours to replace."""
    try:
        if out.exists() and not out.is_dir():
            raise InputError(f"{out} is a file, and a run writes a folder", "Name another place with -o.")
        held = {file.name for file in out.iterdir()} if out.is_dir() else set()
    except OSError as error:
        raise InputError(f"{out} cannot be written: {error.strerror}", "Name another place with -o.") from error
    if held and not (SUMMARY in held and held <= _OURS):
        strange = min(held - _OURS, default=f"no {SUMMARY}")
        message = f"{out} holds what no run wrote: {strange}"
        raise InputError(message, "A run replaces its whole folder: name an empty or a new one with -o.")


def _write(run: Run, summary: Summary, folder: Path, form: str, made_with: Mapping[str, str]) -> None:
    sends, outcomes, rejects, links, _ = (folder / name for name in files(form))
    sent = exp.select(*cells(COLUMNS, form)).from_(table("outcomes", "t")).where("t.outcome = 'send'")
    run.engine.write(sent.order_by("t.at", "t.send_id"), sends)
    plain = {name: type for name, type in COLUMNS.items() if name not in TEXTS}
    decided = exp.select(*cells(plain, form)).from_(table("outcomes", "t"))
    run.engine.write(decided.order_by(*(f"t.{name}" for name in KEY)), outcomes)
    refused = exp.select(*cells(REJECTS, form)).from_(table("rejects", "t"))
    run.engine.write(refused.order_by("t.source", "t.row", "t.field", "t.reason", "t.value"), rejects)
    linked = exp.select(*cells(LINKS, form)).from_(table("links", "t"))
    run.engine.write(linked.order_by("t.send_id"), links)
    about = as_json(run, summary) | ({"made_with": made_with} if made_with else {})
    text = json.dumps(about, ensure_ascii=False, indent=1) + "\n"
    (folder / SUMMARY).write_text(text, encoding="utf-8")
