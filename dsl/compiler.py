"""Text of a whole project → model and findings: parse, resolve, rules, in this order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dsl.diagnostics import Diagnostic
from dsl.model import Model
from dsl.parser.parse import parse
from dsl.resolve.project import resolve
from dsl.rules import all as rules
from dsl.source import Source
from dsl.syntax.tree import File


@dataclass(frozen=True)
class Analysis:
    """`model` is None where brand or customer schema are not there; it is complete only where nothing is an error."""

    files: tuple[File, ...]
    model: Model | None
    found: tuple[Diagnostic, ...]

    @property
    def errors(self) -> int:
        return sum(one.severity == "error" for one in self.found)


def analyse(sources: Iterable[Source], elsewhere: Mapping[str, frozenset[str]] | None = None) -> Analysis:
    """Everything that can be said about a project's files, in the order of places.

    elsewhere: the steps of campaigns in files that are known to be fine, and are not looked at again.
    """
    files, found = [], []
    for source in sources:
        file, problems = parse(source)
        files.append(file)
        found += problems
    model, problems = resolve(files, elsewhere or {})
    found += problems
    if model is not None:
        found += rules.run(model)
    found.sort(key=lambda one: (one.source.path, one.span.start, one.span.end, one.code))
    return Analysis(tuple(files), model, tuple(dict.fromkeys(found)))
