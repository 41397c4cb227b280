"""A folder: NAME.parquet or .csv, or a folder NAME with parts of either kind, perhaps in partitions."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from runtime.engines.base import Engine
from runtime.errors import InputError
from runtime.inputs.base import EVENTS, unusable
from runtime.inputs.parts import ENDS, agreeing, parts
from runtime.place import Place


class Folder:
    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine, self.folder = engine, folder
        self.place: Place = folder
        self._files: dict[str, list[Path]] = {}  # of what was attached

    def names(self) -> set[str]:
        try:
            found = {self._name(path) for path in self.folder.iterdir()}
            events = self.folder / EVENTS
            found |= {EVENTS + self._name(path) for path in events.iterdir()} if events.is_dir() else set()
        except OSError as error:
            raise unusable(f"{self.folder} cannot be read: {error.strerror}", "Name another data folder.") from error
        return found

    def lacking(self, name: str, why: str = "") -> str:
        return missing(name, str(self.folder), why)

    def shown(self, name: str) -> str:
        return str(self._found(name).relative_to(self.folder))

    def attach(self, name: str, table: str) -> dict[str, str]:
        path = self._found(name)
        if path.is_file():
            self._files[name] = [path]
            return self.engine.attach(table, path)
        shown = str(path)
        try:
            found = parts(path, shown)
        except OSError as error:
            raise unusable(f"{shown} cannot be read: {error.strerror}", "Who may read it?") from error
        agreeing(self.engine, found, path, shown)
        self._files[name] = [one.path for one in found]
        return self.engine.attach_parts(table, found)

    def fingerprint(self, read: Mapping[str, str]) -> list[str]:
        """Of the files' bytes, file by file."""
        found = []
        for file in sorted(file for name in read for file in self._files[name]):
            try:
                with file.open("rb") as opened:
                    found += [str(file.relative_to(self.folder)), hashlib.file_digest(opened, "sha256").hexdigest()]
            except OSError as error:
                raise InputError(
                    f"{file} was there and is gone: {error.strerror}", "Run again once it is whole."
                ) from error
        return found

    def state(self, names: Iterable[str]) -> list[tuple[Path, int, int]]:
        """Names, times and sizes; nothing where a file is gone."""
        try:
            found = [(self._found(name), name) for name in names]
            files = [
                file
                for path, name in found
                for file in ([path] if path.is_file() else [one.path for one in parts(path, name)])
            ]
            return [(file, said.st_mtime_ns, said.st_size) for file in files for said in [file.stat()]]
        except (OSError, InputError):
            return []

    def close(self) -> None: ...

    def _found(self, name: str) -> Path:
        """The file or the folder of a table."""
        places = [self.folder / f"{name}{end}" for end in (*ENDS, "")]
        found = [path for path in places if path.exists()]
        if len(found) > 1:
            raise unusable(f"There are both {found[0]} and {found[1].name}", "Keep one of them.")
        if not found:
            raise InputError(f"{self.folder / name} was there and is gone", "Run again once it is whole.")
        return found[0]

    @staticmethod
    def _name(path: Path) -> str:
        return path.stem if path.suffix in ENDS else path.name


def missing(name: str, folder: str, why: str) -> str:
    if why:
        return f"There is no {folder}/{name}.parquet or .csv, and {why}"
    return f"There is no {name}.parquet or {name}.csv in {folder}"
