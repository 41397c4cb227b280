"""Did you mean: the nearest known name, only where it is near enough to be a slip of the hand."""

from __future__ import annotations

from collections.abc import Iterable

LONGEST = 100  # the comparison takes the square of it


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known name within a third of the word's length (at least one edit), the first in order among equals."""
    if len(word) > LONGEST:
        return None
    limit = max(1, len(word) // 3)
    ranked = sorted((edits(word.lower(), name.lower()), name) for name in known if abs(len(name) - len(word)) <= limit)
    return ranked[0][1] if ranked and ranked[0][0] <= limit else None


def edits(left: str, right: str) -> int:
    """Insertions, deletions, changes and swaps of neighbours between two words (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        older, before, row = before, row, [i]
        for j, b in enumerate(right, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
    return row[-1]
