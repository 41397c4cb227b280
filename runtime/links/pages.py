"""Code → page, of many runs: 60 bits in a sorted array, and a number for the page, so that ten million links take 120 MB.

The files are looked at once a second, and read again where one has changed: a new run's links are there without a restart.
"""

from __future__ import annotations

import base64
import re
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from runtime.engines import open_engine
from runtime.engines.base import BadFile
from runtime.errors import InputError
from runtime.outcomes import LINKS
from runtime.tables import attach

_CODE = re.compile("[A-Za-z0-9_-]{10}")
_EVERY = 1.0  # seconds
_State = list[tuple[Path, int, int]]


class Pages:
    """places: files of links, folders of runs, or folders of such folders. InputError where one is not there or not readable."""

    def __init__(self, places: Sequence[Path]) -> None:
        self._places, self._state = places, _state(places)
        self._held = _read(path for path, *_ in self._state)
        self._end = threading.Event()

    def __len__(self) -> int:
        return len(self._held[0])

    def page(self, code: str) -> str | None:
        """Where a code leads; None where it leads nowhere."""
        if not _CODE.fullmatch(code):
            return None
        codes, numbers, pages = self._held
        number = _number(code)
        at = int(codes.searchsorted(codes.dtype.type(number)))  # as a number of Python's it would be rounded
        if at == len(codes) or int(codes[at]) != number:
            return None
        before, after = pages[int(numbers[at])]
        return before + code + after

    def watch(self, told: Callable[[InputError], None]) -> None:
        """From now on in the background. told: of files that cannot be read, once; what was known before stays known."""

        def look() -> None:
            while not self._end.wait(_EVERY):
                try:
                    state = _state(self._places)
                    if state != self._state:
                        self._state = state
                        self._held = _read(path for path, *_ in state)
                except InputError as error:
                    told(error)

        threading.Thread(target=look, name="pages", daemon=True).start()

    def close(self) -> None:
        self._end.set()


def _state(places: Iterable[Path]) -> _State:
    """The files, with what changes with their content."""
    found: dict[Path, tuple[int, int]] = {}
    for place in places:
        files = [place] if place.is_file() else []
        for pattern in ("links.parquet", "links.csv", "*/links.parquet", "*/links.csv") if place.is_dir() else ():
            files += place.glob(pattern)
        if not place.exists():
            raise InputError(
                f"{place} is not there", "Name a folder that `camp plan` wrote, or a file of `camp links export`."
            )
        for file in files:
            try:
                found[file] = (file.stat().st_mtime_ns, file.stat().st_size)
            except FileNotFoundError:  # a run is replacing its folder
                continue
    return [(path, *of) for path, of in sorted(found.items())]


def _read(files: Iterable[Path]) -> tuple[Any, Any, list[tuple[str, str]]]:
    """Sorted codes, the number of each one's page, and the pages: what stands before a code, and what behind it."""
    import numpy as np

    links: dict[int, int] = {}
    pages: dict[tuple[str, str], int] = {}
    engine = open_engine("duckdb")
    try:
        for file in files:
            if file.suffix == ".csv":
                attach(engine, "links", file.parent, LINKS, file.stem)
            else:
                engine.attach("links", file)
            for code, page in engine.rows(_query()):
                links[_number(code)] = pages.setdefault(_parts(file, code, page), len(pages))
    except BadFile as error:
        raise InputError(
            str(error), "Name a folder that `camp plan` wrote, or a file of `camp links export`."
        ) from error
    finally:
        engine.close()
    codes = np.fromiter(links.keys(), np.uint64, len(links))
    numbers = np.fromiter(links.values(), np.uint32, len(links))
    order = codes.argsort()
    return codes[order], numbers[order], list(pages)


def _query() -> Any:
    from sqlglot import exp

    return exp.select("code", "page").from_("links").where("page IS NOT NULL")


def _parts(file: Path, code: str, page: str) -> tuple[str, str]:
    before, found, after = page.rpartition(f"c={code}")
    if not (found and _CODE.fullmatch(code) and page.startswith("https://") and page.isascii() and page.isprintable()):
        raise InputError(f"{file} holds what is no link: {code}", "Take the file as a run wrote it.")
    return f"{before}c=", after


def _number(code: str) -> int:
    """Its sixty bits: nine bytes are twelve letters."""
    return int.from_bytes(base64.urlsafe_b64decode(f"{code}AA")) >> 12
