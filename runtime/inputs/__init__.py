"""Where data come from: one file for each kind. `open_source` finds the kind of a place."""

from __future__ import annotations

from runtime.engines.base import Engine
from runtime.errors import InputError
from runtime.inputs.base import Source
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
        there = place.is_file()
    except OSError:  # a name that no file can have
        there = False
    if there:
        from runtime.inputs.database import Database

        return Database(engine, place)
    raise InputError(f"There is no folder {place}", "Name the data folder with --data, or as `path` in camp.toml.")
