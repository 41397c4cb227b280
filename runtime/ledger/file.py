"""A ledger in one DuckDB file: its own transactions, its own lock and checksums."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlglot import exp

from runtime.engines.base import BadFile, Busy, Engine
from runtime.errors import InputError
from runtime.ledger.store import CHANGED, among, broken, in_use, unwritable
from runtime.ledger.tables import ABOUT, FORMAT, TABLES
from runtime.relational.sql import named, table, text


class File:
    def __init__(self, engine: Engine, path: Path, name: str) -> None:
        self.engine, self.path, self.name = engine, path, name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with _private():
                engine.open(name, path)
            self.tables = engine.inside(name)
        except Busy as error:
            raise in_use(path) from error
        except BadFile as error:
            raise broken(path, str(error)) from error
        except OSError as error:
            raise InputError(f"The ledger {path} cannot be opened: {error.strerror}") from error
        with suppress(OSError):  # whose it is says who may
            path.chmod(0o600)
        try:
            self._whole()
        except BaseException:
            self.close()
            raise

    def _whole(self) -> None:
        """Begun where it is new, and of a format that is known."""
        if ABOUT not in self.tables:
            if self.tables:
                raise InputError(f"{self.path} is a DuckDB file, and no ledger", "Name another file with --ledger.")
            self._begin()
        self._show()
        formats = exp.select("format").from_(table(f"{self.name}_{ABOUT}"))
        if any(row[0] != FORMAT for row in self.engine.rows(formats)):
            raise InputError(
                f"The ledger {self.path} was made by a later version of camp", "Use that version, or a later one."
            )

    def _begin(self) -> None:
        with self.change() as change:
            for name, columns in TABLES.items():
                change.prepare(name, columns)
            change.append(ABOUT, exp.select(named(text(FORMAT), "format")))

    def _show(self) -> None:
        """Each table under the name that queries have for it."""
        self.tables = self.engine.inside(self.name)
        for one in self.tables:
            self.engine.view(f"{self.name}_{one}", exp.select("*").from_(self.inside(one)))

    @contextmanager
    def change(self) -> Iterator[_Change]:
        before = self.tables
        try:
            with _private(), self.engine.together():
                change = _Change(self)
                yield change
        except BaseException as error:
            self.tables = before
            if isinstance(error, (BadFile, OSError)):
                raise unwritable(self.path, error) from error
            raise
        if change.widened:
            self._show()

    def inside(self, name: str) -> exp.Table:
        return exp.table_(name, db=self.name, quoted=True)

    def close(self) -> None:
        self.engine.shut(self.name)


class _Change:
    def __init__(self, store: File) -> None:
        self.store, self.engine, self.widened = store, store.engine, False

    def prepare(self, name: str, columns: Mapping[str, str]) -> None:
        there = self.store.tables.get(name)
        if there is None:
            made = [
                exp.ColumnDef(this=exp.to_identifier(one, quoted=True), kind=_type(of)) for one, of in columns.items()
            ]
            self.engine.run(exp.Create(this=exp.Schema(this=self.store.inside(name), expressions=made), kind="TABLE"))
        else:
            for one, of in columns.items():
                if one not in there:
                    more = exp.ColumnDef(this=exp.to_identifier(one, quoted=True), kind=_type(of))
                    self.engine.run(exp.Alter(this=self.store.inside(name), kind="TABLE", actions=[more]))
        if there is None or columns.keys() - there.keys():
            self.store.tables = {**self.store.tables, name: {**(there or {}), **columns}}
            self.widened = True

    def append(self, name: str, query: exp.Query) -> None:
        self.engine.run(exp.Insert(this=self.store.inside(name), expression=query))

    def replace(self, name: str, query: exp.Query, key: Sequence[str]) -> None:
        self.engine.create(CHANGED, query)
        self.remove(name, among(name, key))
        self.append(name, exp.select("*").from_(table(CHANGED)))

    def remove(self, name: str, rows: exp.Expr) -> None:
        self.engine.run(exp.Delete(this=self.store.inside(name), where=exp.Where(this=rows)))


@contextmanager
def _private() -> Iterator[None]:
    """What is made meanwhile is its owner's alone: phone numbers stand in the file, and in what lies beside it for a change."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def _type(name: str) -> exp.DataType:
    return exp.DataType.build(name, dialect="duckdb")
