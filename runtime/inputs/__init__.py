"""Where data come from: one file for each kind. `open_source` finds the kind of a place."""

from __future__ import annotations

from pathlib import Path

from runtime.engines.base import Engine
from runtime.inputs.base import Source, unusable
from runtime.place import Place, scheme


def open_source(engine: Engine, place: Place) -> Source:
    """InputError where there is nothing of that name, or it does not answer."""
    if isinstance(place, str):
        if scheme(place) == "s3":
            from runtime.inputs.s3 import S3

            return S3(engine, place)
        from runtime.inputs.postgres import Postgres

        return Postgres(engine, place)
    from runtime.inputs.folder import Folder

    try:
        if place.is_dir():
            return Folder(engine, place)
        there = place.is_file() and _is_database(place)
    except OSError:  # a name that no file can have
        there = False
    if there:
        from runtime.inputs.database import Database

        return Database(engine, place)
    raise unusable(f"There is no folder {place}", "Name the data folder with --data, or as `path` in camp.toml.")


def _is_database(path: Path) -> bool:
    """By its name, or by what such a file begins with."""
    if path.suffix in (".duckdb", ".db"):
        return True
    with path.open("rb") as opened:
        return opened.read(12)[8:] == b"DUCK"
