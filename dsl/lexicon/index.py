"""Words by their first two letters."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property


class Index:
    """Numbers of words, each under what it may begin with."""

    def __init__(self, starts: Iterable[tuple[str, int]]) -> None:
        """starts: two letters, or one where the word or its first part has no more, with the word's number."""
        self._pairs: dict[str, list[int]] = defaultdict(list)
        self._singles: dict[str, list[int]] = defaultdict(list)
        for start, number in starts:
            (self._pairs if len(start) > 1 else self._singles)[start].append(number)

    def find(self, letters: str) -> Iterator[tuple[int, int]]:
        """Where words may begin, with their numbers; those of one word in order."""
        pairs, singles = self._pairs, self._singles
        if pairs:
            for found in self._classes.finditer(letters):
                place = found.start()
                for number in pairs.get(letters[place : place + 2], ()):
                    yield place, number
        if singles:
            for place, char in enumerate(letters):
                for number in singles.get(char, ()):
                    yield place, number

    @cached_property
    def _classes(self) -> re.Pattern[str]:
        # A letter that some word begins with before one that is some word's second: much faster than looking up each pair.
        firsts, seconds = ({pair[at] for pair in self._pairs} for at in (0, 1))
        return re.compile(f"[{re.escape(''.join(firsts))}](?=[{re.escape(''.join(seconds))}])")
