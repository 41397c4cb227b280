"""A project on disk: its camp.toml, its .camp files, and what they compile to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from dsl.compiler import Analysis, analyse
from dsl.diagnostics import Diagnostic, Place
from dsl.rules import text
from dsl.settings import Settings, bad_settings, read_settings
from dsl.source import Source, Span

SETTINGS = "camp.toml"


class NoProject(Exception):
    """Nothing to work on, in words for the command line."""


@dataclass(frozen=True)
class Project:
    """`named`: the paths of findings that were asked about (all where empty). Paths are shown from the current folder."""

    root: Path
    analysis: Analysis
    settings: Settings
    named: frozenset[str]

    @property
    def found(self) -> list[Diagnostic]:
        return [one for one in self.analysis.found if not self.named or one.source.path in self.named]

    @property
    def errors(self) -> int:
        return sum(one.severity == "error" for one in self.found)


def read(paths: tuple[Path, ...]) -> Project:
    """The project that the paths (files or folders) belong to: the nearest folder upwards with a camp.toml.

    Without a camp.toml the paths themselves are the project. Findings are told for the named files only.
    """
    named = _files(paths or (Path(),))
    root = _root(paths[0] if paths else Path())
    whole = sorted(root.rglob("*.camp")) if root else named
    outside = [path for path in named if root and not path.resolve().is_relative_to(root.resolve())]
    if outside:
        raise NoProject(f"{outside[0]} lies outside the project {root}: check one project at a time")
    sources, found = _read(whole)
    settings, problems = _settings(root)
    analysis = analyse(sources)
    found = sorted([*found, *problems, *analysis.found], key=lambda one: (one.source.path, one.span.start))
    analysis = Analysis(analysis.files, analysis.model, tuple(found))
    shown = {str(path) for path in named}
    everything = {path.resolve() for path in named} >= {path.resolve() for path in whole}
    return Project(root or Path(), analysis, settings, frozenset() if everything else frozenset(shown))


def _root(start: Path) -> Path | None:
    """The nearest folder at or above `start` that holds a camp.toml, spelled as near to `start` as can be."""
    folder = start if start.is_dir() else start.parent
    for up in range(len(folder.resolve().parts)):
        candidate = folder.joinpath(*[".."] * up) if up else folder
        if (candidate / SETTINGS).is_file():
            return candidate if ".." not in candidate.parts else candidate.resolve()
    return None


def _files(paths: Iterable[Path]) -> list[Path]:
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            files += sorted(path.rglob("*.camp"))
        elif path.is_file():
            files.append(path)
        else:
            raise NoProject(f"There is no file or folder {path}")
    if not files:
        raise NoProject("No .camp file here: name a file, or a folder that holds some")
    return files


def _read(paths: Iterable[Path]) -> tuple[list[Source], list[Diagnostic]]:
    sources, found = [], []
    for path in paths:
        source, problem = _text(path)
        if problem is None:
            sources.append(source)
        else:
            found.append(problem)
    return sources, found


def _settings(root: Path | None) -> tuple[Settings, list[Diagnostic]]:
    if root is None:
        return Settings(), []
    source, problem = _text(root / SETTINGS)
    return (Settings(), [problem]) if problem else read_settings(source)


def _text(path: Path) -> tuple[Source, Diagnostic | None]:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise NoProject(f"{path} cannot be read: {error.strerror}") from error
    try:
        return Source(str(path), raw.decode("utf-8-sig")), None
    except UnicodeDecodeError as error:
        read = raw[: error.start].decode("utf-8-sig", errors="replace")
        source = Source(str(path), read + "\N{REPLACEMENT CHARACTER}")
        return source, text.not_utf8(Place(source, Span(len(read), len(read) + 1)))


def unknown_columns(project: Project) -> list[Diagnostic]:
    """Mappings of camp.toml that name a field, event or property which the schema does not have."""
    model, settings = project.analysis.model, project.settings
    if model is None or not (project.root / SETTINGS).is_file():
        return []
    source = _text(project.root / SETTINGS)[0]
    strange = [(key, model.fields) for key in settings.customers if key not in model.fields]
    strange += [(key, model.events) for key in settings.events if key and key not in model.events]  # type: ignore[misc]
    for name, columns in settings.events.items():
        if name in model.events:
            known = [*model.events[name].properties, "customer", "at", "id"]
            strange += [(key, dict.fromkeys(known)) for key in columns if key not in known]  # type: ignore[misc]
    found = []
    for key, names in strange:
        start = max(source.text.find(key), 0)
        place = Place(source, Span(start, start + len(key)))
        help = f"Known: {', '.join(sorted(names))}."
        found.append(bad_settings(place, f"`{key}` is nothing that the schema declares", help))
    return found
