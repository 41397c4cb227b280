"""Ctrl-C and SIGTERM: a command ends where it stands, and what it was writing is whole or not there.

A signal raises `Stopped` in the main thread, between two steps of Python. A query of an engine is one step, and may look up only
after minutes: so a thread that the signal wakes stops the query (docs/decisions/stopping.md).
"""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import FrameType
    from typing import Protocol

    class Engine(Protocol):
        def interrupt(self) -> None: ...


_INT, _TERM = 2, 15  # as everywhere; `signal` is imported where something is at stake, and not by a check
_PAUSE = 0.02  # seconds between two attempts to stop a query: the first may come before it has begun
_END = b"\0"  # no signal has that number


class Stopped(BaseException):
    """Raised once, wherever the command stands. said: what is told of it."""

    def __init__(self, number: int, said: str = "") -> None:
        super().__init__(number)
        self.number, self.said = number, said

    @property
    def exit_code(self) -> int:
        """As shells have it: 130 after Ctrl-C, 143 after SIGTERM."""
        return 128 + self.number


class _Stopping:
    def __init__(self) -> None:
        self.number = 0  # of the signal that came
        self.held = 0  # blocks that it waits for
        self.said: Callable[[], str] = lambda: "stopped"
        self._engines: weakref.WeakSet[Engine] = weakref.WeakSet()
        self._thread: threading.Thread | None = None
        self._handled: dict[int, Any] = {}

    def arm(self) -> None:
        """From here on the signals come here. One that is ignored stays so."""
        import signal

        if not self._handled:
            for number in (_INT, _TERM):
                if signal.getsignal(number) is not signal.SIG_IGN:
                    self._handled[number] = signal.signal(number, self.came)

    @property
    def armed(self) -> bool:
        return bool(self._handled or self._thread)

    def came(self, number: int, frame: FrameType | None) -> None:
        """The handler. What comes after the first is on its way already: cleaning up is not stopped."""
        if not self.number:
            self.number = number
            if not self.held:
                raise Stopped(number)

    def watch(self, engine: Engine) -> None:
        import signal

        self.arm()
        self._engines.add(engine)
        if self._thread is None:
            self._read, self._written = os.pipe()
            os.set_blocking(self._written, False)
            self._before = signal.set_wakeup_fd(self._written, warn_on_full_buffer=False)
            self._thread = threading.Thread(target=self._wait, name="stopping", daemon=True)
            self._thread.start()

    def _wait(self) -> None:
        """Stops queries until the command has ended: one that looks up by itself still waits for what its threads do."""
        known = {bytes([number]) for number in self._handled}
        while (came := os.read(self._read, 1)) != _END:
            while came in known and self._thread:
                for engine in () if self.held else list(self._engines):
                    engine.interrupt()
                threading.Event().wait(_PAUSE)

    def close(self) -> None:
        import signal

        for number, before in self._handled.items():
            signal.signal(number, before)
        if self._thread is not None:
            thread, self._thread = self._thread, None
            signal.set_wakeup_fd(self._before)
            os.write(self._written, _END)
            thread.join()
            os.close(self._read)
            os.close(self._written)


_now: _Stopping | None = None


@contextmanager
def stoppable() -> Iterator[None]:
    """A block that the signals end with Stopped, whatever an interrupted query makes of them."""
    global _now
    if _now is not None or threading.current_thread() is not threading.main_thread():
        yield
        return
    stopping = _now = _Stopping()
    try:
        yield
        check()
    except BaseException as error:
        number = stopping.number or (_INT if isinstance(error, KeyboardInterrupt) else 0)
        if number:
            raise Stopped(number, stopping.said()) from error
        raise
    finally:
        if stopping.armed:
            stopping.close()
        _now = None


def watch(engine: Engine) -> None:
    """Have the queries of this engine stopped too."""
    if _now is not None:
        _now.watch(engine)


def says(said: Callable[[], str]) -> None:
    """What is told if the command is stopped: it knows what that means."""
    if _now is not None:
        _now.arm()
        _now.said = said


def check() -> None:
    """Stop now, if a signal has come: an engine may have told it as an error of its own."""
    if _now is not None and _now.number and not _now.held:
        raise Stopped(_now.number)


@contextmanager
def whole() -> Iterator[None]:
    """A block that is not stopped: a signal waits for its end."""
    stopping = _now
    if stopping is None:
        yield
        return
    stopping.arm()
    stopping.held += 1
    before = stopping.number
    try:
        yield
    finally:
        stopping.held -= 1
    if not before:
        check()
