"""What the example bank's customers do about messages: receipts, clicks, replies and applications as files for `camp ingest`.

Same messages, same answers: they follow from the customer's number alone, as README.md states.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

Row = tuple[str, ...]
HEADS = {
    "delivered": ("id", "send_id", "at"),
    "clicked": ("id", "send_id", "at"),
    "replied": ("id", "send_id", "at", "text"),
    "loan_applied": ("id", "customer_id", "at", "product"),
}


def respond(messages: Path, folder: Path, at: datetime) -> dict[str, int]:
    """Write a file for each of HEADS: what follows a release at an instant; how many rows each has."""
    rows: dict[str, list[Row]] = {name: [] for name in HEADS}
    with messages.open(encoding="utf-8") as lines:
        for message in map(json.loads, lines):
            if message["role"] == "message" and message["channel"] != "task":
                for name, row in _answers(message, at):
                    rows[name].append(row)
    folder.mkdir(parents=True, exist_ok=True)
    for name, head in HEADS.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([head, *rows[name]])
    return {name: len(found) for name, found in rows.items()}


def _answers(message: dict[str, str], at: datetime) -> Iterator[tuple[str, Row]]:
    send, number = message["send_id"], int(message["customer"].removeprefix("C"))

    def after(minutes: int) -> str:
        return (at + timedelta(minutes=minutes)).isoformat()

    if number % 50 == 0:
        return  # the phone is off
    yield "delivered", (f"D{send}", send, after(0))
    if number % 9 in (1, 4):
        yield "clicked", (f"C{send}", send, after(1 + number % 40))
        if number % 27 == 1:
            yield "loan_applied", (f"A{send}", message["customer"], after(45 + number % 15), "consumer")
    if number % 97 == 3:
        yield "replied", (f"R{send}", send, after(2), "Ｒ" if number % 2 else "退订")
    elif number % 61 == 7:
        yield "replied", (f"R{send}", send, after(5), str(1 + number % 3))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("messages", type=Path, help="what `camp release` gave away, a line of JSON each")
    parser.add_argument("folder", type=Path, help="where the files go")
    parser.add_argument("--at", type=datetime.fromisoformat, required=True)
    asked = parser.parse_args()
    found = respond(asked.messages, asked.folder, asked.at)
    print(", ".join(f"{count:,} {name}" for name, count in found.items()))
