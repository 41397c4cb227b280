"""A file's tokens and comments → its layout: blocks of statements, and what the author put between them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from dsl.format.words import Language, Word, group, named, spelled
from dsl.parser.tokens import SEPARATOR, Read, declarations
from dsl.source import Source
from dsl.syntax.tree import Comment


@dataclass(slots=True)
class Remark:
    """A comment on a line of its own. `apart`: below a blank line."""

    text: str
    apart: bool


@dataclass(slots=True)
class Break:
    """A line's end inside a statement, with the comment there and those on lines of their own below."""

    note: str | None
    remarks: list[Remark]


@dataclass(slots=True)
class Statement:
    """One statement of a block, or a declaration. `note`: the comment at its end. `apart`: below a blank line."""

    parts: list[Word | Block | Break] = field(default_factory=list)
    note: str | None = None
    apart: bool = False


@dataclass(slots=True)
class Block:
    """What stands in braces; a whole file is one too. `after`: the type of the token before the brace.

    `note`: the comment behind the opening brace. `opened`: it spans lines.
    """

    after: str = ""
    items: list[Statement | Remark] = field(default_factory=list)
    note: str | None = None
    opened: bool = False


@dataclass(slots=True)
class _Gap:
    """What lies between two tokens: the comment on the first one's line, those below, whether a blank line is last."""

    note: str | None
    remarks: list[Remark]
    broken: bool
    apart: bool


def layout(source: Source, comments: Iterable[Comment], language: Language | None) -> Block:
    """The file as a block. What it says has been parsed before: it holds nothing that cannot be read."""
    return _Reader(source, comments, language).file()


class _Reader:
    """Goes over the tokens once, with a stack of the blocks that are open and the statement that each is in."""

    def __init__(self, source: Source, comments: Iterable[Comment], language: Language | None) -> None:
        self.source, self.language = source, language
        self.comments = iter(comments)
        self.comment = next(self.comments, None)
        self.block = Block(opened=True)
        self.statement: Statement | None = None
        self.around: list[tuple[Block, Statement]] = []
        self.last: Word | None = None
        self.end = 0
        self.types: list[str] = []  # of the tokens so far

    def file(self) -> Block:
        for declaration in declarations(self.source):
            ended = True
            for token in declaration:
                if token.type == SEPARATOR:
                    ended = True
                else:
                    self._take(token, ended)
                    ended = False
        self._end(self._gap(len(self.source.text)))
        return self.block

    def _take(self, token: Read, ended: bool) -> None:
        gap, closes = self._gap(token.span.start), token.type == "_RB"
        if self.statement is None or ended or closes:
            self._end(gap)
        elif gap.broken:
            self.statement.parts.append(Break(gap.note, gap.remarks))
        word = Word(token.type, spelled(token.type, token.text, self.last, self.language))
        if token.type == "NAME" and (known := group(self.types)):
            word.group = known
            word.text = named(known, word.text, self.language) if self.language else word.text
        self.types.append(token.type)
        if closes:
            self._close()
        else:
            if self.statement is None:
                self.statement = Statement(apart=gap.apart)
                self.block.items.append(self.statement)
            if token.type == "_LB":
                self._open(self.statement)
            else:
                self.statement.parts.append(word)
                self.block.opened |= word.type == "STRING" and "\n" in word.text
        self.last, self.end = word, token.span.end

    def _end(self, gap: _Gap) -> None:
        """The statement is over, where there was one; what stands in the gap belongs to the block."""
        if self.statement is not None:
            self.statement.note = gap.note
        else:
            self.block.note = self.block.note or gap.note
        self.block.items += gap.remarks
        self.statement = None

    def _open(self, statement: Statement) -> None:
        inner = Block(self.last.type if self.last else "")
        statement.parts.append(inner)
        self.around.append((self.block, statement))
        self.block, self.statement = inner, None

    def _close(self) -> None:
        inner = self.block
        self.block, self.statement = self.around.pop()
        self.block.opened |= inner.opened
        if not inner.items and not inner.note:
            inner.opened = False

    def _gap(self, end: int) -> _Gap:
        """What lies between the last token and `end`; a block that it lies in spans lines where the gap does."""
        text, at = self.source.text, self.end
        first, note, remarks = at == 0, None, []  # a file's first comment stands behind nothing
        for comment in self._until(end):
            lines = text.count("\n", at, comment.span.start)
            if lines or first:
                remarks.append(Remark(comment.text.rstrip(), lines > 1))
            else:
                note = comment.text.rstrip()
            at, first = comment.span.end, False
        lines = text.count("\n", at, end) if end - at > 1 or at < end and text[at] == "\n" else 0
        broken = bool(lines or remarks or note)
        self.block.opened |= broken
        return _Gap(note, remarks, broken, lines > 1)

    def _until(self, end: int) -> Iterator[Comment]:
        while self.comment is not None and self.comment.span.start < end:
            yield self.comment
            self.comment = next(self.comments, None)
