"""Text of a whole project → model and findings: parse, resolve, rules, in this order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from dsl.diagnostics import Diagnostic
from dsl.model import Model
from dsl.parser.parse import parse
from dsl.resolve.project import resolve
from dsl.rules import all as rules
from dsl.source import Source
from dsl.syntax.expr import Name
from dsl.syntax.tree import Declaration, File, Names


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
    model, problems = resolve(files, elsewhere or {}, _packs(files))
    found += problems
    if model is not None:
        found += rules.run(model)
    found.sort(key=lambda one: (one.source.path, one.span.start, one.span.end, one.code))
    return Analysis(tuple(files), model, tuple(dict.fromkeys(found)))


def model_with(files: Iterable[File], policies: Iterable[str]) -> Model | None:
    """The model of parsed files and of policies of packs that no file names."""
    read = list(files)
    return resolve(read, {}, _packs(read, policies))[0]


def _packs(files: Iterable[File], wanted: Iterable[str] = ()) -> list[File]:
    """The policies of packs that are named and not declared, and those that they extend."""
    declared, waiting = _policies(one for file in files for one in file.declarations)
    waiting = (waiting | {*wanted}) - declared
    found: list[File] = []
    while waiting:
        from dsl import packs

        more: list[Declaration] = []
        for source in packs.sources(sorted(waiting)):
            file = parse(source)[0]
            mine = tuple(one for one in file.declarations if one.name and one.name.text in waiting)
            found.append(replace(file, declarations=mine))
            more += mine
        declared |= waiting
        waiting = _policies(more)[1] - declared
    return found


def _policies(declarations: Iterable[Declaration]) -> tuple[set[str], set[str]]:
    """The policies that are declared, and those that are named."""
    declared: set[str] = set()
    named: set[str] = set()
    for declaration in declarations:
        if declaration.kind == "policy" and declaration.name:
            declared.add(declaration.name.text)
        for statement in declaration.statements if declaration.kind in ("policy", "campaign") else ():
            if statement.kind in ("policy_extends", "campaign_policy"):
                listed = (part.items if isinstance(part, Names) else (part,) for part in statement.parts)
                named |= {name.text for names in listed for name in names if isinstance(name, Name)}
    return declared, named
