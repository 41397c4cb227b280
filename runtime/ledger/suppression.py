"""Phones that nobody may write to, whoever has them and whatever was agreed. They bind from the moment they are added."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sqlglot import exp

from runtime.errors import InputError
from runtime.ledger.ledger import Ledger
from runtime.ledger.store import held
from runtime.ledger.tables import SUPPRESSED
from runtime.relational import phones
from runtime.relational.sql import col, table

SUPPRESS = "suppress"
_PHONE = ("phone", "mobile", "msisdn", "number")  # how a file's column may be called


@dataclass(frozen=True)
class Listed:
    """`changed`: phones in E.164 that were not there before, or were. `refused`: what is none: (line or None, text, why)."""

    changed: list[str]
    known: int
    refused: list[tuple[int | None, str, str]]


def add(ledger: Ledger, found: Iterable[tuple[int | None, str]], region: str, why: str) -> Listed:
    """Suppress phones, given as (line, text); `region`: whose numbers need no prefix."""
    numbers, refused = _read(found, region)
    there = set(listed(ledger))
    new = sorted(numbers - there)
    if new:
        ledger.engine.insert("suppress_now", {"phone": "VARCHAR", "why": "VARCHAR"}, [(one, why) for one in new])
        with ledger.store.change() as change:
            change.append(SUPPRESSED, exp.select("phone", "why").from_(table("suppress_now")))
            ledger.note(change, SUPPRESS, None, {"new": len(new), "why": why})
    return Listed(new, len(numbers) - len(new), refused)


def remove(ledger: Ledger, found: Iterable[tuple[int | None, str]], region: str) -> Listed:
    numbers, refused = _read(found, region)
    gone = sorted(numbers & set(listed(ledger)))
    if gone:
        ledger.engine.insert("suppress_now", {"phone": "VARCHAR"}, [(one,) for one in gone])
        same = exp.In(this=col("phone"), query=exp.select("phone").from_(table("suppress_now")).subquery())
        with ledger.store.change() as change:
            change.remove(SUPPRESSED, same)
            ledger.note(change, SUPPRESS, None, {"removed": len(gone)})
    return Listed(gone, len(numbers) - len(gone), refused)


def listed(ledger: Ledger) -> dict[str, str]:
    """Phone → why, in order."""
    return dict(ledger.engine.rows(exp.select("phone", "why").from_(held(SUPPRESSED)).order_by("phone")))


def from_file(path: Path) -> list[tuple[int | None, str]]:
    """A phone a line, or a CSV with a column of that name. InputError where it cannot be read."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is no UTF-8 text", "Write it as a list of phones, one a line.") from error
    rows = list(csv.reader(text.splitlines()))
    head = [cell.strip().lower() for cell in rows[0]] if rows else []
    place = next((head.index(name) for name in _PHONE if name in head), None)
    first = 0 if place is None else 1
    column = place or 0
    return [
        (line, row[column].strip())
        for line, row in enumerate(rows[first:], first + 1)
        if len(row) > column and row[column].strip()
    ]


def _read(found: Iterable[tuple[int | None, str]], region: str) -> tuple[set[str], list[tuple[int | None, str, str]]]:
    numbers, refused = set(), []
    for line, raw in found:
        number, problem = phones.parse(raw, region)
        if number is None:
            refused.append((line, raw, problem or "is no phone number"))
        else:
            numbers.add(number)
    return numbers, refused
