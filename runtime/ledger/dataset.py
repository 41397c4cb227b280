"""A ledger as a folder of Parquet files, for engines that share nothing but a file system.

MANIFEST names the files that count. A change writes new files beside the old ones and then renames a new manifest over the old:
that is the commit. What no manifest names any more was written by a process that was killed, or is from before, and is removed.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlglot import exp

from runtime.engines.base import BadFile, Engine
from runtime.errors import InputError
from runtime.ledger.store import CHANGED, among, broken, in_use, unwritable
from runtime.ledger.tables import FORMAT, TABLES
from runtime.relational.sql import cast, col, named, negated, sure, table

MANIFEST = "manifest.json"
_LOCK = "lock"
_MANY = 50  # a table of so many files becomes one: a run opens each of them


class Dataset:
    def __init__(self, engine: Engine, path: Path, name: str) -> None:
        self.engine, self.path, self.name = engine, path, name
        try:
            self._ours()
            path.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._lock = (path / _LOCK).open("a")
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise in_use(path) from error
        except OSError as error:
            raise InputError(f"The ledger {path} cannot be opened: {error.strerror}") from error
        try:
            self.manifest = self._read()
            self._sweep()
            self.show()
        except BaseException:
            self.close()
            raise

    @property
    def tables(self) -> Mapping[str, Mapping[str, str]]:
        return {name: one["columns"] for name, one in self.manifest["tables"].items()}

    def _read(self) -> dict[str, Any]:
        try:
            text = (self.path / MANIFEST).read_text(encoding="utf-8")
        except FileNotFoundError:
            tables = {name: {"columns": of, "files": {}} for name, of in TABLES.items()}
            self._commit({"format": FORMAT, "tables": tables})
            return self.manifest
        except OSError as error:
            raise InputError(f"The ledger {self.path} cannot be opened: {error.strerror}") from error
        try:
            found: dict[str, Any] = json.loads(text)
            if found["format"] != FORMAT:
                message = f"The ledger {self.path} was made by a later version of camp"
                raise InputError(message, "Use that version, or a later one.")
            for one in found["tables"].values():
                for name, size in one["files"].items():
                    self._whole(self.path / name, size)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise broken(self.path, f"{MANIFEST} cannot be read") from error
        return found

    def _ours(self) -> None:
        """InputError, and nothing touched, where a folder without a manifest holds anything: it is somebody's, or broken.

        A manifest that was never finished is a ledger that never began.
        """
        if self.path.exists() and not (self.path / MANIFEST).exists():
            there = (one.name for one in self.path.iterdir())
            if strange := sorted(name for name in there if name != _LOCK and not name.startswith(f"{MANIFEST}.")):
                raise broken(self.path, f"it holds {strange[0]}, and no {MANIFEST}")

    def _whole(self, file: Path, size: int) -> None:
        try:
            there = file.stat().st_size
        except OSError as error:
            raise broken(self.path, f"{file.name} is gone") from error
        if there != size:
            raise broken(self.path, f"{file.name} holds {there:,} bytes of {size:,}")

    def _sweep(self) -> None:
        kept = {name for one in self.manifest["tables"].values() for name in one["files"]}
        for file in self.path.iterdir():
            if file.name not in kept and (file.suffix == ".parquet" or file.name.startswith(f"{MANIFEST}.")):
                with suppress(OSError):  # it takes room, and harms nobody
                    file.unlink()

    def show(self) -> None:
        for name, one in self.manifest["tables"].items():
            self.engine.gather(f"{self.name}_{name}", one["columns"], [self.path / file for file in one["files"]])

    @contextmanager
    def change(self) -> Iterator[_Change]:
        change = _Change(self)
        try:
            yield change
            self._commit(change.manifest)
        except (BadFile, OSError) as error:
            raise unwritable(self.path, error) from error
        self._sweep()  # only after a commit: what a change that failed has left is removed when the ledger is opened again
        self.show()

    def _commit(self, manifest: dict[str, Any]) -> None:
        text = json.dumps(manifest, indent=1)
        beside = self.path / f"{MANIFEST}.{uuid4().hex}"
        with beside.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        beside.rename(self.path / MANIFEST)
        self.manifest = manifest  # from here on it counts, whatever fails
        folder = os.open(self.path, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def close(self) -> None:
        self._lock.close()


class _Change:
    def __init__(self, store: Dataset) -> None:
        self.store, self.engine = store, store.engine
        self.manifest: dict[str, Any] = json.loads(json.dumps(store.manifest))

    def prepare(self, name: str, columns: Mapping[str, str]) -> None:
        made = self.manifest["tables"].setdefault(name, {"columns": {}, "files": {}})
        if name not in self.store.manifest["tables"]:
            self.engine.gather(f"{self.store.name}_{name}", columns, [])
        made["columns"] = {**made["columns"], **{one: of for one, of in columns.items() if one not in made["columns"]}}

    def append(self, name: str, query: exp.Query) -> None:
        made = self.manifest["tables"][name]
        if len(made["files"]) >= _MANY:
            known = self.store.tables.get(name, {})
            shown = (
                col(one) if one in known else named(cast(exp.null(), type), one)
                for one, type in made["columns"].items()
            )
            there = exp.select(*shown).from_(table(f"{self.store.name}_{name}"))
            query, made["files"] = (
                exp.union(there, exp.select("*").from_(query.subquery("q")), distinct=False),
                self._new(name),
            )
        made["files"] |= self._write(name, query)

    def replace(self, name: str, query: exp.Query, key: Sequence[str]) -> None:
        self.engine.create(CHANGED, query)
        self.remove(name, among(name, key))
        self.append(name, exp.select("*").from_(table(CHANGED)))

    def remove(self, name: str, rows: exp.Expr) -> None:
        kept = exp.select("*").from_(table(f"{self.store.name}_{name}", name)).where(negated(sure(rows)))
        self.manifest["tables"][name]["files"] = {**self._write(name, kept), **self._new(name)}

    def _new(self, name: str) -> dict[str, int]:
        """The files of a table that this change has written so far."""
        before = self.store.manifest["tables"].get(name, {"files": {}})["files"]
        return {file: size for file, size in self.manifest["tables"][name]["files"].items() if file not in before}

    def _write(self, name: str, query: exp.Query) -> dict[str, int]:
        file = self.store.path / f"{name}-{uuid4().hex}.parquet"
        self.engine.write(query, file)
        file.chmod(0o600)
        with file.open("rb") as written:
            os.fsync(written.fileno())
        return {file.name: file.stat().st_size}
