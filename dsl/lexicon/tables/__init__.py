"""What is known of characters: read from the files beside this one, each with its source in its first lines."""

from __future__ import annotations

from functools import cache
from pathlib import Path

HERE = Path(__file__).parent


def lines(name: str) -> list[str]:
    """A table's lines without what follows a `#`."""
    text = (HERE / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


@cache
def folded(name: str) -> dict[str, str]:
    """A table whose lines hold a character, a blank, and those that stand for it: each of these to the first."""
    rows = lines(name)
    others = "".join([line[2:] for line in rows])
    return dict(zip(others, "".join([line[0] * (len(line) - 2) for line in rows]), strict=True))
