"""Layout → rows: what stands on each line, in cells that may be aligned with those of the lines around it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dsl.format.layout import Block, Break, Remark, Statement
from dsl.format.words import Language, Word, named, spaced, spelled, width

WIDEST = 160  # columns of a line with a block on it
STEP = 2

LONGEST = 10  # columns of a keyword that others are aligned with: `jurisdiction` stands alone

# Statements that hold others, or that a test reads as a sentence: they are aligned with nothing.
_ALONE = frozenset({"AUDIENCE", "MESSAGE", "CONFIRM", "STEP", "ON_REPLY", "TASK"})
_ALONE |= {"AT", "CUSTOMER", "EVENT", "SENT", "EXPECT"}
_NOTES = frozenset({"SOURCE", "CONFIDENCE", "SEVERITY", "UNTIL"})
_EXPRESSIONS = frozenset({"AUDIENCE", "ANY", "NONE", "ALL"})  # blocks of tests
_TITLED = frozenset({"SEGMENT", "CALENDAR", "FUNNEL", "MEASURE"})  # declarations aligned at the title and at `=`

_BRACE = Word("_LB", "{")

Part = Word | Block | Break


@dataclass(slots=True)
class Row:
    """One line. Neighbours of the same `kind` are aligned cell by cell; without a kind there is one cell.

    `note`: the comment at its end. A blank line has no cells.
    """

    indent: int
    cells: Sequence[str]
    note: str | None = None
    kind: str | None = None
    remark: bool = False


BLANK = Row(0, ())


def rows(file: Block) -> list[Row]:
    """A blank line stands between declarations where either spans lines, and wherever else the author put one."""
    made: list[Row] = []
    since: list[Remark] = []  # comments since the last declaration
    many = False  # it spans lines
    for item in file.items:
        if isinstance(item, Remark):
            since.append(item)
            continue
        written = _Writer(declares=True)
        written.statement(item, 0, "")
        spans = len(written.rows) > 1 or any("\n" in cell for cell in written.rows[0].cells)
        between: list[Remark | Statement] = [*since, item]
        if made and (many or spans) and not any(one.apart for one in between):
            between[0].apart = True
        _put(made, since)
        if made and item.apart:
            made.append(BLANK)
        made += written.rows
        since, many = [], spans
    _put(made, since)
    return made


def _put(made: list[Row], remarks: Iterable[Remark], indent: int = 0) -> None:
    for remark in remarks:
        if made and remark.apart:
            made.append(BLANK)
        made.append(_remark(remark, indent))


def _remark(remark: Remark, indent: int) -> Row:
    return Row(indent, (remark.text,), remark=True)


class _Writer:
    """Writes statements as rows, one below the other. `declares`: the outermost are declarations."""

    def __init__(self, declares: bool = False) -> None:
        self.rows: list[Row] = []
        self.declares = declares

    def block(self, block: Block, indent: int) -> None:
        for at, item in enumerate(block.items):
            if at and item.apart:
                self.rows.append(BLANK)
            if isinstance(item, Remark):
                self.rows.append(_remark(item, indent))
            else:
                self.statement(item, indent, block.after)

    def statement(self, statement: Statement, indent: int, after: str) -> None:
        """`after`: the token before the brace of the block that it stands in."""
        _open_what_is_too_wide(statement, indent)
        many = any(isinstance(part, Break) or (isinstance(part, Block) and part.opened) for part in statement.parts)
        if not many:
            kind, cells = _cells(statement.parts, after, self.declares and indent == 0)
            self.rows.append(Row(indent, cells, statement.note, kind))
            return
        line: list[Word | Block] = []
        at = indent
        for part in statement.parts:
            if isinstance(part, Break):
                self.rows.append(Row(at, (_text(line),), part.note))
                at, line = indent + STEP, []
                self.rows += [_remark(remark, at) for remark in part.remarks]
            elif isinstance(part, Block) and part.opened:
                self.rows.append(Row(at, (_text([*line, _BRACE]),), part.note))
                self.block(part, at + STEP)
                line = [Word("_RB", "}")]
            else:
                line.append(part)
        self.rows.append(Row(at, (_text(line),), statement.note))


def _cells(parts: list[Part], after: str, declares: bool) -> tuple[str | None, list[str]]:
    """What a statement of one line is aligned with, and its cells."""
    first = parts[0]
    assert isinstance(first, Word), "no statement begins with a brace"
    head = first.type
    if declares or head in ("STEP", "ON_REPLY"):
        return _columns(head, parts)
    alone = head in _ALONE or (head != "NAME" and width(first.text) > LONGEST)
    if alone or after in _EXPRESSIONS or len(parts) == 1:
        return None, [_text(parts)]
    notes = _notes(parts)
    cells = [first.text, _text(parts[1:notes]), *([_text(parts[notes:])] if notes < len(parts) else [])]
    return ("statement", cells) if not any("\n" in cell for cell in cells) else (None, [_text(parts)])


def _notes(parts: list[Part]) -> int:
    """Where the notes of a policy's statement begin; a ban's lists are of any length, so that its notes follow at once."""
    types = [part.type if isinstance(part, Word) else "" for part in parts]
    for at in range(1, len(types)):
        if types[at] in _NOTES or (types[at] == "FROM" and types[at + 1 : at + 2] == ["DATE"]):
            return at if types[0] != "BAN" else len(types)
    return len(types)


def _columns(head: str, parts: list[Part]) -> tuple[str | None, list[str]]:
    """The cells of a declaration, or of a step or an answer."""
    if head in _TITLED:
        equals = next(at for at, part in enumerate(parts) if isinstance(part, Word) and part.type == "_ASSIGN")
        return head, [_text(parts[:2]), _text(parts[2:equals]), _text(parts[equals:])]
    if head in ("EVENT", "STEP", "ON_REPLY"):
        return head, [_text(parts[:2]), *([_text(parts[2:])] if len(parts) > 2 else [])]
    return None, [_text(parts)]


def _open_what_is_too_wide(statement: Statement, indent: int) -> None:
    """Blocks on one line are opened where the line is wider than WIDEST.

    It is measured before anything is aligned and with English keywords: another spelling never opens a block.
    """
    line: list[Part] = []
    at = indent
    for part in [*statement.parts, Break(None, [])]:
        if not isinstance(part, Break) and not (isinstance(part, Block) and part.opened):
            line.append(part)
            continue
        blocks = [one for one in line if isinstance(one, Block) and one.items]
        if blocks and at + width(_text(line, "en")) > WIDEST:
            for block in blocks:
                block.opened = True
        line = []
        if isinstance(part, Break):
            at = indent + STEP


def _text(parts: Sequence[Part], language: Language | None = None) -> str:
    """Words and blocks on one line, in `language` where one is asked for."""
    out: list[str] = []
    left: Word | None = None
    for part in parts:
        if isinstance(part, Block):
            right, text = _BRACE, _flat(part, language)
        else:
            assert isinstance(part, Word)
            right = part
            if language:
                known = named(part.group, part.text, language) if part.group else part.text
                right = Word(part.type, spelled(part.type, known, left, language))
            text = right.text
        if left is not None and spaced(left, right):
            out.append(" ")
        out.append(text)
        left = right
    return "".join(out)


def _flat(block: Block, language: Language | None) -> str:
    inner = "; ".join(_text(item.parts, language) for item in block.items if isinstance(item, Statement))
    return f"{{ {inner} }}" if inner else "{ }"
