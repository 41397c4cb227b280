"""A project on disk: its camp.toml, its .camp files, and what they compile to."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from dsl.allowing import Allowed, judged
from dsl.compiler import Analysis, analyse
from dsl.diagnostics import Diagnostic, Place
from dsl.rules import text
from dsl.settings import Settings, read_settings, unknown_columns
from dsl.severities import Override, overrides, weighed
from dsl.source import Source, Span

SETTINGS = "camp.toml"
# Below this many files a check is as quick as looking up what is kept.
FEWEST = 20


class NoProject(Exception):
    """Nothing to work on, in words for the command line."""


@dataclass(frozen=True)
class Project:
    """`named`: the paths of findings that were asked about (all where empty). Paths are shown from the current folder.

    The findings weigh what camp.toml says; those that a comment allows are in `allowed` only.
    """

    root: Path
    analysis: Analysis
    settings: Settings
    named: frozenset[str]
    declarations: Mapping[str, int]  # path → how many could be read
    every_allowed: tuple[Allowed, ...] = ()

    @property
    def found(self) -> list[Diagnostic]:
        return [one for one in self.analysis.found if self.asked(one)]

    @property
    def allowed(self) -> list[Allowed]:
        return [one for one in self.every_allowed if self.asked(one.finding)]

    @property
    def everything(self) -> list[Diagnostic]:
        """Of the whole project, allowed ones too, in the order of places."""
        found = [*self.analysis.found, *(one.finding for one in self.every_allowed)]
        return sorted(found, key=lambda one: (one.source.path, one.span.start, one.span.end, one.code))

    @property
    def overrides(self) -> tuple[Override, ...]:
        return overrides(self.settings.severity)

    def asked(self, one: Diagnostic) -> bool:
        return not self.named or one.source.path in self.named

    @property
    def errors(self) -> int:
        return sum(one.severity == "error" for one in self.found)


def read(paths: tuple[Path, ...], again: bool = False, today: date | None = None) -> Project:
    """The project that the paths (files or folders) belong to: the nearest folder upwards with a camp.toml.

    Without a camp.toml the paths themselves are the project. Findings are told for the named files only, and camp.toml's.
    again: only what changed since the last time is analysed, so that files and model may not be there.
    today: the day of which allowing comments are asked whether they still hold; the machine's where it is not said.
    """
    named = {path.resolve(): path for path in _named(paths or (Path(),))}
    root = _root(paths[0] if paths else Path())
    outside = [path for real, path in named.items() if root and not real.is_relative_to(root.resolve())]
    if outside:
        raise NoProject(f"{outside[0]} lies outside the project {root}: check one project at a time")
    # A file shows under the name that it was asked for with.
    whole = (
        sorted({named.get(path.resolve(), path) for path in _files(root)} | set(named.values()))
        if root
        else named.values()
    )
    sources, found = _read(whole)
    settings, problems, source = _settings(root)
    signed = _signed(sources, root or Path())
    if again and not found and len(sources) >= FEWEST:
        from runtime.incremental import check

        checked = check(root or Path(), sources, schema=bool(settings.customers or settings.events or signed))
        analysis, declarations = Analysis((), checked.model, checked.found), checked.declarations
    else:
        analysis = analyse(sources)
        declarations = {one.source.path: len(one.declarations) for one in analysis.files}
    if source and analysis.model and not analysis.errors:
        problems += unknown_columns(source, settings, analysis.model)
    if signed:
        from runtime.policies import signing

        if analysis.model is None or signing.signed(signed) - analysis.model.policies.keys():
            analysis = analyse(sources)  # a pack that only campaigns name, which were not looked at again
        problems += signing.check(signed, analysis.model.policies if analysis.model else {})
    broken = {one.source.path for one in found}
    told = [*found, *problems, *(one for one in analysis.found if one.source.path not in broken)]
    weighing = weighed(told, settings.severity) if settings.severity else told
    verdict = judged(weighing, (one for one in sources if one.path not in broken), today or date.today())
    told = sorted(verdict.found, key=lambda one: (one.source.path, one.span.start))
    analysis = Analysis(analysis.files, analysis.model, tuple(told))
    everything = named.keys() >= {path.resolve() for path in whole}
    shown = {str(path) for path in named.values()} | ({source.path} if source else set())
    only = frozenset() if everything else frozenset(shown)
    return Project(root or Path(), analysis, settings, only, declarations, verdict.allowed)


def _signed(sources: list[Source], root: Path) -> dict[Path, str]:
    """The records of signatures beside the project's files."""
    folders = {Path(one.path).parent for one in sources} | {root}
    if not any(True for folder in folders for _ in folder.glob("*.signed.toml")):
        return {}
    from runtime.policies import signing

    return signing.records(folders)


def _root(start: Path) -> Path | None:
    """The nearest folder at or above `start` that holds a camp.toml, spelled as near to `start` as can be."""
    folder = start if start.is_dir() else start.parent
    for up in range(len(folder.resolve().parts)):
        candidate = folder.joinpath(*[".."] * up) if up else folder
        if (candidate / SETTINGS).is_file():
            return candidate if ".." not in candidate.parts else Path(os.path.relpath(candidate.resolve()))
    return None


def _named(paths: Iterable[Path]) -> list[Path]:
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            files += sorted(_files(path))
        elif path.is_file():
            files.append(path)
        else:
            raise NoProject(f"There is no file or folder {path}")
    if not files:
        raise NoProject("No .camp file here: name a file, or a folder that holds some")
    return files


def _files(folder: Path) -> Iterator[Path]:
    """The .camp files below a folder, but for hidden folders (.venv, .git) and projects of their own."""
    for where, folders, files in os.walk(folder):
        here = Path(where)
        folders[:] = [name for name in folders if name[0] != "." and not (here / name / SETTINGS).is_file()]
        yield from (here / name for name in files if name.endswith(".camp") and name[0] != ".")


def _read(paths: Iterable[Path]) -> tuple[list[Source], list[Diagnostic]]:
    read = [_text(path) for path in paths]
    return [source for source, _ in read], [problem for _, problem in read if problem]


def _settings(root: Path | None) -> tuple[Settings, list[Diagnostic], Source | None]:
    if root is None:
        return Settings(), [], None
    source, problem = _text(root / SETTINGS)
    return (Settings(), [problem], source) if problem else (*read_settings(source), source)


def _text(path: Path) -> tuple[Source, Diagnostic | None]:
    """The file's text, and what keeps it from being all of it."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise NoProject(f"{path} cannot be read: {error.strerror}") from error
    try:
        return Source(str(path), raw.decode("utf-8-sig")), None
    except UnicodeDecodeError as error:
        source = Source(str(path), raw.decode("utf-8-sig", errors="replace"))
        at = len(raw[: error.start].decode("utf-8-sig", errors="replace"))
        return source, text.not_utf8(Place(source, Span(at, at + 1)))
