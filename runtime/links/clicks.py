"""Clicks, in one SQLite file: the code, the instant, the kind of client. Nobody's number, name or address.

A click is committed before whoever clicked is answered. One thread writes: what comes while it commits goes into the next commit,
so that a thousand clicks at once cost one write to the disk. `instance` is the file's own name, which ids of events begin with.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from uuid import uuid4

from runtime.errors import InputError
from runtime.links.kinds import HUMAN, Kind

SUFFIX = ".sqlite"
_TOGETHER = 1_000
_TABLES = """
CREATE TABLE IF NOT EXISTS about (instance TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS clicks (id INTEGER PRIMARY KEY AUTOINCREMENT, code TEXT NOT NULL, at INTEGER NOT NULL, kind TEXT);
"""
_Click = tuple[str, int, Kind, "asyncio.Future[None]"]


class Clicks:
    """The writer. InputError where the file cannot be opened, or is something else."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._waiting: SimpleQueue[_Click | None] = SimpleQueue()
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # SQLite gives what lies beside it the same mode
            path.chmod(0o600)
            self._db = sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False)
            self._begin()
        except (OSError, sqlite3.Error) as error:
            raise _unusable(path, error) from error
        self._thread = threading.Thread(target=self._write, name="clicks", daemon=True)
        self._thread.start()

    def _begin(self) -> None:
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")  # a commit outlives a loss of power too
        self._db.executescript(_TABLES)
        self._db.execute("INSERT INTO about SELECT ? WHERE NOT EXISTS (SELECT 1 FROM about)", [uuid4().hex])

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    async def record(self, code: str, kind: Kind) -> None:
        """Returns once the click is kept; sqlite3.Error where it cannot be."""
        done = asyncio.get_running_loop().create_future()
        self._waiting.put((code, time.time_ns() // 1_000, kind, done))
        await done

    def close(self) -> None:
        """After all that is waiting has been written."""
        self._waiting.put(None)
        self._thread.join()
        self._db.close()

    def _write(self) -> None:
        while (click := self._waiting.get()) is not None:
            batch, over = [click], False
            with suppress(Empty):
                while len(batch) < _TOGETHER and not over:
                    more = self._waiting.get_nowait()
                    over = more is None
                    batch += [] if more is None else [more]
            error = self._commit(batch)
            for loop in {one[3].get_loop() for one in batch}:
                with suppress(RuntimeError):  # the server is gone
                    loop.call_soon_threadsafe(_answer, [one[3] for one in batch if one[3].get_loop() is loop], error)
            if over:
                return

    def _commit(self, batch: list[_Click]) -> sqlite3.Error | None:
        try:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany("INSERT INTO clicks (code, at, kind) VALUES (?, ?, ?)", [one[:3] for one in batch])
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            with suppress(sqlite3.Error):
                self._db.execute("ROLLBACK")
            return error
        return None


def _answer(waiting: list[asyncio.Future[None]], error: sqlite3.Error | None) -> None:
    for one in waiting:
        if one.done():  # who asked has gone
            continue
        if error is None:
            one.set_result(None)
        else:
            one.set_exception(error)


def read(path: Path) -> Iterator[tuple[int, str, str, int]]:
    """Of each click of a human: its number, its id as an event, its code and its instant. A server may be writing meanwhile."""
    if not path.is_file():
        raise InputError(f"There is no file {path}", "`camp links serve --clicks FILE` makes one.")
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=10)) as db:
            ((instance,),) = db.execute("SELECT instance FROM about")
            for number, code, at in db.execute("SELECT id, code, at FROM clicks WHERE kind = ? ORDER BY id", [HUMAN]):
                yield number, f"{instance}-{number}", code, at
    except (sqlite3.Error, ValueError) as error:
        raise _unusable(path, error) from error


def _unusable(path: Path, error: Exception) -> InputError:
    why = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return InputError(f"The clicks {path} cannot be used: {why}", "Name a file that `camp links serve` may write.")
