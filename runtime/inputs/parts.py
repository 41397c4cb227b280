"""A table in many files: the parts below a folder, in the order of their names, and the partitions that they belong to."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from runtime.engines.base import Engine, Part
from runtime.inputs.base import unusable

ENDS = (".parquet", ".csv")
_MISSING = "__HIVE_DEFAULT_PARTITION__"  # as Hive and Spark write a partition of no value
_OTHERS = {
    "_temporary": ("is still being written: there is {path}", "Wait until whoever writes it is done."),
    "_delta_log": ("is a Delta table, of which not every file counts", "Export it as Parquet."),
}


def parts(folder: Path, shown: str) -> list[Part]:
    """InputError where what lies there is not whole, or not of one kind. shown: how the folder is told of."""
    found = [_part(folder, path, shown) for path in _files(folder, folder, shown)]
    if not found:
        raise unusable(f"{shown} holds no .parquet and no .csv file", "Where nothing happened, an empty part says so.")
    first = found[0]
    for one in found[1:]:
        if one.path.suffix != first.path.suffix:
            there = f"{first.path.relative_to(folder)} and {one.path.relative_to(folder)}"
            raise unusable(f"{shown} mixes Parquet and CSV: {there}", "Write all parts in one form.")
        if tuple(one.keys) != tuple(first.keys):
            there = f"{first.path.relative_to(folder)} and {one.path.relative_to(folder)}"
            raise unusable(f"{shown} is partitioned in two ways: {there}", "Give all parts the same KEY=VALUE folders.")
    return found


def agreeing(engine: Engine, found: list[Part], folder: Path, shown: str) -> None:
    """InputError where the parts have not the same columns."""
    first: dict[str, str] | None = None
    for one in found:
        columns, name = engine.columns(one.path), one.path.relative_to(folder)
        if twice := sorted(one.keys.keys() & columns.keys()):
            message = f"The column `{twice[0]}` of {shown}/{name} is the key of its folder too"
            raise unusable(message, "Leave it out of the files, or name the folders otherwise.")
        if first is None:
            first, leading = columns, name
            continue
        if columns == first:
            continue
        for there, other, lacks, has in ((first, columns, name, leading), (columns, first, leading, name)):
            if lacking := [column for column in there if column not in other]:
                message = f"{shown}/{lacks} has no column `{lacking[0]}`, and {has} has"
                raise unusable(message, "Give all parts the same columns: write that part again.")
        for column, type in columns.items():
            if type != first[column]:
                message = f"The column `{column}` of {shown} holds {first[column]} in {leading} and {type} in {name}"
                raise unusable(message, "Write it in one type in all parts.")


def _files(folder: Path, top: Path, shown: str) -> Iterator[Path]:
    """Every part below, in the order of their names; what begins with a dot or a low line is no part."""
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        path = Path(entry.path)
        inside = path.relative_to(top)
        if entry.name in _OTHERS:
            why, help = _OTHERS[entry.name]
            raise unusable(f"{shown} {why.format(path=inside)}", help)
        if entry.name.startswith((".", "_")):
            continue
        if entry.is_dir():
            if "=" not in entry.name:
                help = "A folder inside is a partition, as month=2026-01."
                raise unusable(f"{shown}/{inside} is no part and no partition", help)
            yield from _files(path, top, shown)
        elif path.suffix in ENDS:
            yield path
        else:
            help = "Is it half written? Wait until its writer is done, or take it away."
            raise unusable(f"{shown}/{inside} is no .parquet and no .csv file", help)


def _part(folder: Path, path: Path, shown: str) -> Part:
    keys: dict[str, str | None] = {}
    for step in path.relative_to(folder).parent.parts:
        key, _, value = step.partition("=")
        keys[unquote(key)] = None if value == _MISSING else unquote(value)
    return Part(path, keys)
