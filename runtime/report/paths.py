"""Paths as a service shows them: from the root of the repository, whatever folder a check was started in."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from dsl import packs


@dataclass(frozen=True)
class Root:
    """The folder that paths are told from, absolute."""

    folder: Path

    def inside(self, path: str) -> str | None:
        """The path from the root, with `/`; None where it lies outside."""
        absolute = Path(os.path.abspath(path))  # noqa: PTH100  a link is shown where it lies, not where it leads
        return absolute.relative_to(self.folder).as_posix() if absolute.is_relative_to(self.folder) else None

    def shown(self, path: str) -> str:
        """A pack's path stays as it is: it lies where Camp is installed."""
        return path if path.startswith(packs.SHOWN) else self.inside(path) or path

    def uri(self, path: str) -> tuple[str, bool]:
        """A URI reference (RFC 3986), and whether it is relative to the root."""
        from urllib.parse import quote

        inside = self.inside(path)
        if inside is None:
            return Path(os.path.abspath(path)).as_uri(), False  # noqa: PTH100
        return quote(inside, safe="/"), True


def root(project: Path) -> Root:
    """The nearest folder at or above the project that holds a `.git`; the project itself where there is none."""
    start = Path(os.path.abspath(project))  # noqa: PTH100
    return Root(next((folder for folder in (start, *start.parents) if (folder / ".git").exists()), start))
