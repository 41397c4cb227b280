"""`camp check` again: what has not changed since the last check, and mentions nothing that has, is not checked again.

Kept per project by dsl/keeping.py. A *leaf* is a file of nothing but campaigns in which no error was found. Its findings depend
on its own text and on the declarations that its words name, directly or through others (and on brand and customer): a digest of
both says whether they still hold. All other files are read every time.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import dsl
import grammar
from dsl import keeping, packs
from dsl.compiler import Analysis, analyse
from dsl.diagnostics import Diagnostic, Fix, Place, Related
from dsl.model import Model
from dsl.parser.cut import Piece, cut
from dsl.parser.parse import HEAD
from dsl.resolve.project import steps_of
from dsl.source import Source, Span
from dsl.syntax.tree import File

_WORD = re.compile(r"\w+")
Record = dict[str, Any]


@dataclass(frozen=True)
class Checked:
    """`declarations`: path → how many could be read. `model`: of the files that were read again; None where none was."""

    found: tuple[Diagnostic, ...]
    declarations: Mapping[str, int]
    model: Model | None


def check(root: Path, sources: Sequence[Source], schema: bool) -> Checked:
    """As dsl.compiler.analyse, but only what may have changed. `schema`: the model is needed, though nothing has."""
    folder = keeping.folder()
    if folder is None:
        analysis = analyse(sources)
        return Checked(
            analysis.found, {one.source.path: len(one.declarations) for one in analysis.files}, analysis.model
        )
    path, salt = folder / f"check-{_hash(str(root.resolve()))[:32]}.json", _salt()
    kept: dict[str, Any] = keeping.read(path) or {}
    records: dict[str, Record] = kept["files"] if kept.get("salt") == salt else {}
    texts = {source.path: _hash(source.text) for source in sources}
    by_path = {source.path: source for source in (*sources, *packs.policies().values())}
    same = {name: record for name, record in records.items() if texts.get(name) == record["text"]}
    if len(same) == len(records) == len(texts) and not schema:
        return Checked(tuple(_read(kept["found"], by_path)), _counts(records), None)

    leaves = _still(same, sources)
    again = [source for source in sources if source.path not in leaves]
    elsewhere = {name: frozenset(steps) for record in leaves.values() for name, steps in record["campaigns"].items()}
    analysis = analyse(again, elsewhere)
    told = [one for record in leaves.values() for one in _read(record["found"], by_path)]
    found = sorted((*analysis.found, *told), key=lambda one: (one.source.path, one.span.start, one.span.end, one.code))
    records = {**leaves, **_records(analysis, texts)}
    keeping.write(path, {"salt": salt, "files": records, "found": [_written(one) for one in found]})
    return Checked(tuple(found), _counts(records), analysis.model)


def _still(same: Mapping[str, Record], sources: Sequence[Source]) -> dict[str, Record]:
    """The leaves whose findings still hold."""
    leaves = {name: record for name, record in same.items() if record["leaf"]}
    if not leaves:
        return {}
    others = _Context(source for source in sources if source.path not in leaves)
    names = Counter(name for record in leaves.values() for name in record["campaigns"]) + Counter(others.campaigns)
    return {
        name: record
        for name, record in leaves.items()
        if all(names[one] == 1 for one in record["campaigns"])
        and others.digest(record["words"]) == record["context"]
        and all(other in same or other.startswith(packs.SHOWN) for other in _elsewhere(record))
    }


def _elsewhere(record: Record) -> set[str]:
    """The other files that a leaf's findings point into: where one of these has changed, its places have moved."""
    return {path for *_, related, _ in record["found"] for _, path, _, _ in related}


class _Context:
    """The declarations of some files, as far as campaigns can depend on them."""

    def __init__(self, sources: Iterable[Source]) -> None:
        self.campaigns: list[str] = []
        self.always: list[str] = []
        self.texts: dict[str, list[str]] = {}
        for source in sources:
            for piece in cut(source)[0].pieces:
                self._add(piece)
        self.closures: dict[str, frozenset[str]] = {}

    def _add(self, piece: Piece) -> None:
        word, name = HEAD.match(piece.text).groups()  # type: ignore[union-attr]
        kind = grammar.words().get(word)
        if kind == "CAMPAIGN":
            self.campaigns.append(name)
        elif kind in ("BRAND", "CUSTOMER") or not name:
            self.always.append(_hash(piece.text))
        elif kind == "POLICY" and name in packs.policies():
            # It takes the place of a pack, and packs name packs: whoever extends any of them may depend on it.
            self.always.append(_hash(piece.text))
        elif kind != "TEST":
            self.texts.setdefault(name, []).append(piece.text)

    def digest(self, words: Iterable[str]) -> str:
        """Of everything that a text with these words can depend on."""
        reached: set[str] = set()
        for word in words:
            if word in self.texts:
                reached |= self._closure(word)
        parts = [_hash(text) for name in sorted(reached) for text in self.texts[name]]
        return _hash(" ".join([*sorted(self.always), *parts]))

    def _closure(self, name: str) -> frozenset[str]:
        """The names that a declaration mentions, directly or through others, and its own."""
        if name not in self.closures:
            reached, waiting = {name}, [name]
            while waiting:
                for text in self.texts[waiting.pop()]:
                    new = {word for word in _WORD.findall(text) if word in self.texts} - reached
                    reached |= new
                    waiting += new
            self.closures[name] = frozenset(reached)
        return self.closures[name]


def _records(analysis: Analysis, texts: Mapping[str, str]) -> dict[str, Record]:
    """What is kept of each file that was read."""
    found: dict[str, list[Diagnostic]] = {}
    for one in analysis.found:
        found.setdefault(one.source.path, []).append(one)
    leaves = {file.source.path for file in analysis.files if _is_leaf(file, found.get(file.source.path, []))}
    context = _Context(file.source for file in analysis.files if file.source.path not in leaves)
    return {
        file.source.path: _record(file, file.source.path in leaves, found.get(file.source.path, []), context, texts)
        for file in analysis.files
    }


def _is_leaf(file: File, found: list[Diagnostic]) -> bool:
    fine = not any(one.severity == "error" for one in found) and not file.unread
    return fine and bool(file.declarations) and all(one.kind == "campaign" for one in file.declarations)


def _record(file: File, leaf: bool, mine: list[Diagnostic], context: _Context, texts: Mapping[str, str]) -> Record:
    record: Record = {"text": texts[file.source.path], "leaf": leaf, "declarations": len(file.declarations)}
    if leaf:
        words = sorted(set(_WORD.findall(file.source.text)))
        record |= {
            "words": words,
            "context": context.digest(words),
            "campaigns": {one.name.text: sorted(steps_of(one)) for one in file.declarations if one.name},
            "found": [_written(one) for one in mine],
        }
    return record


def _counts(records: Mapping[str, Record]) -> dict[str, int]:
    return {name: record["declarations"] for name, record in records.items()}


def _written(one: Diagnostic) -> list[Any]:
    related = [[other.label, other.place.source.path, *_span(other.place.span)] for other in one.related]
    fix = [*_span(one.fix.span), one.fix.text, one.fix.safe] if one.fix else None
    return [one.code, one.message, one.source.path, *_span(one.span), one.help, one.severity, related, fix]


def _read(found: Iterable[list[Any]], sources: Mapping[str, Source]) -> Iterator[Diagnostic]:
    for code, message, path, start, end, help, severity, related, fix in found:
        places = tuple(Related(label, Place(sources[at], Span(begin, until))) for label, at, begin, until in related)
        mended = Fix(Span(fix[0], fix[1]), fix[2], fix[3]) if fix else None
        yield Diagnostic(code, message, sources[path], Span(start, end), help, severity, places, mended)


def _span(span: Span) -> tuple[int, int]:
    return span.start, span.end


def _salt() -> str:
    """Of the program that checks: its own files as they lie there, and the libraries that read for it."""
    folders = [Path(file).parent for module in (dsl, grammar) if (file := module.__file__)]
    files = sorted(
        path
        for folder in folders
        for path in folder.rglob("*")
        if path.suffix in (".py", ".lark", ".toml", ".camp", ".txt")
    )
    stamps = [f"{path}:{found.st_size}:{found.st_mtime_ns}" for path in files if (found := path.stat())]
    return _hash(" ".join([*stamps, version("lark"), version("jinja2")]))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
