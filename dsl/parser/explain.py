"""Why a declaration cannot be read, in words: what stands there, what could, and what was probably meant."""

from __future__ import annotations

import re

from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

import grammar
from dsl.diagnostics import Diagnostic, Fix, Place
from dsl.parser.cut import Piece
from dsl.parser.recover import said_until, unclosed
from dsl.rules import text
from dsl.source import Source, Span
from dsl.suggest import nearest

# Terminals that no keyword names, as a reader would call them.
_SPOKEN = {
    "NAME": "a name",
    "STRING": 'a text in "…"',
    "NUMBER": "a number",
    "PERCENT": "a percentage",
    "DATE": "a date (2026-03-01)",
    "DATETIME": "an instant (2026-03-01T09:00)",
    "MONTHDAY": "a day of the year (03-01)",
    "TIMERANGE": "hours (16:00-18:00)",
    "CODE": "a currency (CNY)",
    "CMP": "a comparison",
    "OPTIONAL": "`?`",
    "_LB": "`{`",
    "_RB": "`}`",
    "_LPAR": "`(`",
    "_RPAR": "`)`",
    "_COMMA": "a comma",
    "_ASSIGN": "`=`",
    "_DOTDOT": "`..`",
    "_SEP": "the end of the statement",
}
# Where these can stand, any value can.
_VALUE = frozenset({"NAME", "NUMBER", "STRING", "COUNT"})
_COUNTS = frozenset({"COUNT", "DAYS_SINCE", "LATEST", "SUM"})
# What people write out of habit, at the place of the mistake → what Camp wants. The group is what a fix takes away or changes.
_HABITS: tuple[tuple[re.Pattern[str], str, str | None], ...] = (
    (re.compile(r"(&&)"), "Write `and`.", "and"),
    (re.compile(r"(\|\|)"), "Write `or`.", "or"),
    (re.compile(r"(!)(?!=)"), "Write `not`.", "not "),
    (re.compile(r"(?<==)(=)"), "One `=` compares.", ""),
    (re.compile(r"(?<=<)>"), "Write `!=`.", None),
    (re.compile(r"'([^'\n]*)'"), 'A text stands in "…".', None),
    (re.compile(r"(:)"), "A statement is its keyword and what it says, without `:`.", ""),
    (re.compile(r"(//|--|/\*)"), "A comment begins with `#`.", "#"),
    (re.compile(r",\d{3}"), "Write thousands as `300_000`, or as 30万.", None),
    (re.compile(r"(\[|\])"), "Lists have no brackets: write the items with commas between them.", None),
    (re.compile(r"[¥￥$€£]"), "Write the currency behind the amount, as `300_000 CNY`.", None),
)

_ENDED = "; "
_BARE = re.compile(r"([^\W\d]\w*)[ \t]*\Z")


def explain(error: UnexpectedInput, piece: Piece, source: Source) -> tuple[Diagnostic, int]:
    """The finding, and where in the piece's text the reader was stopped."""
    expected = error.interactive_parser.accepts()  # type: ignore[no-untyped-call]
    help, fix = _help(expected), None
    if isinstance(error, UnexpectedToken) and error.token.type != "$END":
        shown, at = str(error.token), error.token.start_pos or 0
        ends = error.token.type == "_SEP"
        message = "The statement ends too early" if ends else f"`{_short(shown)}` cannot stand here"
        if not ends:
            meant = _meant(shown, error.token.type, expected, piece, at)
            help, fix = meant or (help, None)
            misspelt = meant and meant[1] and meant[1].text != _ENDED
            tested = bool(expected & {"CMP", "WHERE"})  # a step may well be called `next`
            taken = _taken_for_a_name(error, piece, at) if tested and not misspelt else None
            if taken is not None and shown[:1].isalnum():
                at, shown = taken, piece.text[taken : at + len(shown)]
                message, help, fix = f"`{_short(shown)}` cannot stand here", "Write a name here.", None
    elif isinstance(error, UnexpectedCharacters):
        at = error.pos_in_stream or 0
        shown = piece.text[at : at + 1]
        message = f"`{shown}` cannot stand here"
        if shown == '"':
            message = "This text is never closed"
            help = 'End it with `"` on the same line, or begin and end it with three of them.'
        else:
            help, fix = _habit(piece, at) or (help, None)
    else:
        at, shown, message = said_until(piece.text), "", "The declaration ends too early"
        closing = unclosed(piece.text)
        if closing:
            message, help = "The declaration is never closed", f"Close it with `{closing}`."
            fix = Fix(Span(piece.start + at, piece.start + at), "\n" + closing)
    if shown in grammar.spellings("WHERE") and (before := _BARE.search(piece.text, 0, at)):
        at, shown = before.start(1), piece.text[before.start(1) : at + len(shown)]
        message = "Only an event that is selected has `where`"
        help = f"Write `did {before[1]} where …`, or a count of it."
        fix = Fix(Span(piece.start + at, piece.start + at), "did ")
    begin = min(piece.start + at, max(len(source.text) - 1, 0))
    place = Place(source, Span(begin, begin + max(len(shown.rstrip()), 1)))
    return text.cannot_be_parsed(place, message, help, fix), at


def _taken_for_a_name(error: UnexpectedToken, piece: Piece, at: int) -> int | None:
    """Where the keyword right before begins that was read as a name, since the name before it is not there: `did where page`."""
    before = _BARE.search(piece.text, 0, at)
    read = error.interactive_parser.parser_state.value_stack
    named = before and read and getattr(read[-1], "type", "") == "NAME" and read[-1] == before[1]
    return before.start(1) if before and named and grammar.words().get(before[1]) else None


def _meant(shown: str, type: str, expected: set[str], piece: Piece, at: int) -> tuple[str, Fix | None] | None:
    """What was probably meant by a word that cannot stand here."""
    start = piece.start + at
    if shown[:1].isalnum() or shown[:1] == "_":
        spelled = {word for name in expected for word in grammar.spellings(name) if " " not in word}
        guess = nearest(shown, spelled)
        if guess and guess != shown and set(guess) & set(shown):
            return f"Did you mean `{guess}`?", Fix(Span(start, start + len(shown)), guess)
        if "_SEP" in expected and grammar.words().get(shown):
            return "End the statement before it: with a new line, or `;`.", Fix(Span(start, start), _ENDED)
    return _habit(piece, at)


def _habit(piece: Piece, at: int) -> tuple[str, Fix | None] | None:
    for pattern, help, instead in _HABITS:
        found = pattern.match(piece.text, at)
        if found:
            start = piece.start + at
            if instead is not None:
                return help, Fix(Span(start, start + len(found[1])), instead)
            if found.re.groups and found[0][0] == "'":
                return help, Fix(Span(start, start + len(found[0])), f'"{found[1]}"')
            return help, None
    return None


def _help(expected: set[str]) -> str:
    """What can stand here; a value is spoken of as a whole, and the end of a statement or a block comes last."""
    names = {name for name in expected if not name.startswith("$")}
    told: list[str] = []
    if names >= _VALUE:
        names -= {"NAME", "NUMBER", "PERCENT", "STRING", "DATE"} | _COUNTS
        told = ['a value (a field, a number, a date, a text in "…", or `count(…)`)']
        names -= {"YES", "NO"}
    ends = names & {"_SEP", "_RB"} if len(names) > 1 else set()
    spoken = told + sorted({_spoken(name) for name in names - ends})
    if not spoken:
        return "End the statement here: with a new line, or `;`." if ends else ""
    last = " here, or end the statement." if "_SEP" in ends else " here, or `}`." if ends else " here."
    if len(spoken) > 12:
        return "Write one of " + ", ".join(spoken[:12]) + " … here."
    return "Write " + (" or ".join(spoken) if len(spoken) < 3 else "one of " + ", ".join(spoken)) + last


def _spoken(terminal: str) -> str:
    spelled = grammar.spellings(terminal)
    return f"`{spelled[0]}`" if spelled else _SPOKEN.get(terminal, terminal)


def _short(text: str) -> str:
    return text.replace("\n", " ").strip()[:30]
