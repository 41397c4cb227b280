"""What the resolver knows while it works: where it is, what has been found, what names there are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import grammar
from dsl.diagnostics import Diagnostic, Place
from dsl.model import Placed
from dsl.rules import names
from dsl.source import Source, Span
from dsl.syntax.expr import Literal, Name
from dsl.syntax.tree import Declaration, Part, Statement


@dataclass(frozen=True)
class Scope:
    """One file's view of the project. `unread`: names whose declarations have a mistake. `found` is shared and grows."""

    source: Source
    unread: frozenset[str]
    found: list[Diagnostic] = field(default_factory=list)
    told: set[tuple[str, str, str]] = field(default_factory=set)  # path, what and name of what is unknown; shared
    broken: bool = False  # of this declaration a statement could not be read: what seems to lack may have stood there

    def inside(self, source: Source) -> Scope:
        return replace(self, source=source)

    def knowing(self, failed: Iterable[str]) -> Scope:
        """The same view, where mentions of what has been told as wrong already are no mistakes of their own."""
        return replace(self, unread=self.unread.union(failed))

    def place(self, span: Span) -> Place:
        return Place(self.source, span)

    def of(self, declaration: Declaration) -> Scope:
        return replace(self, broken=declaration.broken)

    def tell(self, diagnostic: Diagnostic) -> None:
        if not (self.broken and diagnostic.code == names.NOT_STATED):
            self.found.append(diagnostic)

    def builtin(self, what: str, group: str, name: Name, known: Iterable[str]) -> str | None:
        """A name that every project knows, in English; told if it is none."""
        found = grammar.in_english(group, name.text)
        if found in known:
            return found
        chinese = not name.text.isascii()
        spelled = grammar.named(group)
        return self.unknown(what, name.text, name.span, [spelled[one] if chinese else one for one in known])

    def unknown(self, what: str, name: str, span: Span, known: Iterable[str]) -> None:
        """Tell an unknown name once a file, unless its declaration stands there and could only not be read."""
        here = self.source.path, what, name
        if name not in self.unread and here not in self.told:
            self.told.add(here)
            self.tell(names.unknown_name(self.place(span), what, name, known))


class Block:
    """The statements of a declaration, or of a statement that holds others, by kind; what may stand there once is held to it."""

    def __init__(self, scope: Scope, whole: Declaration | Statement, prefix: str) -> None:
        self.scope, self.prefix = scope, prefix
        if isinstance(whole, Declaration):
            self.statements, self.head = whole.statements, whole.name.span if whole.name else whole.span
        else:
            self.statements, self.head = whole.inner, whole.span

    def all(self, kind: str) -> list[Statement]:
        return [statement for statement in self.statements if statement.kind == kind]

    def one(self, *kinds: str) -> Statement | None:
        """The only statement of these kinds (alternatives of one keyword)."""
        found = [statement for statement in self.statements if statement.kind in kinds]
        for again in found[1:]:
            word = kinds[0].removeprefix(self.prefix).split("_")[0]
            self.scope.tell(names.stated_twice(self.scope.place(again.span), word, self.scope.place(found[0].span)))
        return found[0] if found else None

    def part(self, *kinds: str) -> Part | None:
        """The first part of the only statement of these kinds."""
        statement = self.one(*kinds)
        return statement.parts[0] if statement else None

    def text(self, kind: str) -> Placed[str] | None:
        """The text of the only statement of a kind."""
        part = self.part(kind)
        return Placed(str(part.value), self.scope.place(part.span)) if isinstance(part, Literal) else None

    def lacks(self, what: str, statement: str) -> None:
        self.scope.tell(names.not_stated(self.scope.place(self.head), what, statement))
