"""What the runtime asks of a place that holds data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from runtime.engines.base import BadFile
from runtime.errors import InputError
from runtime.place import Place

CUSTOMERS, LEDGER, EVENTS = "customers", "ledger", "events/"


class Source(Protocol):
    """Tables by name: `customers`, `events/NAME`, `ledger`. They are only read, never changed."""

    place: Place

    def names(self) -> set[str]:
        """The names of all that is there; of what is none of them too. InputError where the place cannot be read."""

    def lacking(self, name: str, why: str = "") -> str:
        """That there is no table of that name. why: what it is needed for."""

    def shown(self, name: str) -> str:
        """What a table is called there, for whoever has to mend it."""

    def attach(self, name: str, table: str) -> dict[str, str]:
        """Make it readable as a table of the engine, with its columns and their types; `__row` numbers its rows from 1.

        BadFile or InputError where it cannot be read.
        """

    def fingerprint(self, read: Mapping[str, str]) -> list[str]:
        """What changes with the content of some tables: name → the engine's table that it was attached as."""

    def state(self, names: Iterable[str]) -> Any:
        """What is the same for as long as nothing has changed; None where that cannot be told without reading."""

    def close(self) -> None:
        """Nothing more is attached. What is attached stays readable."""


def unusable(message: str, help: str) -> InputError:
    """What is there cannot be read: as BadFile, with what to do about it."""
    error = InputError(message, help)
    error.__cause__ = BadFile(message)
    return error
