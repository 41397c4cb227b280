"""Declarations and statements as written, in the order written. Spans count characters from the start of the file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal as OneOf

from dsl.source import Source, Span
from dsl.syntax.expr import Aggregate, Expr, Followed, Literal, Name, Selection


@dataclass(frozen=True)
class Keyword:
    """A word that chooses, where a statement offers several: `terminal` names it in the keyword table."""

    terminal: str
    span: Span


@dataclass(frozen=True)
class Range:
    """Both ends are in."""

    low: Literal
    high: Literal
    span: Span


@dataclass(frozen=True)
class Hours:
    """Minutes after midnight, half-open; `end` <= `begin` crosses midnight."""

    begin: int
    end: int
    span: Span


@dataclass(frozen=True)
class Window:
    """Weekdays as 0 (Monday) to 6; `every` day, listed days, or the calendar's workdays."""

    on: OneOf["every", "days", "workdays"]
    days: tuple[int, ...]
    hours: Hours
    skip_holidays: bool
    span: Span


@dataclass(frozen=True)
class WindowBefore:
    """The hours before those of a calendar."""

    length: Literal
    calendar: Name
    skip_holidays: bool
    span: Span


@dataclass(frozen=True)
class WindowBest:
    """The customer's own best hour within some hours."""

    hours: Hours
    skip_holidays: bool
    span: Span


@dataclass(frozen=True)
class Days:
    """Weekdays, 0 is Monday; or holidays."""

    days: tuple[int, ...]
    holidays: bool
    span: Span


@dataclass(frozen=True)
class Yearly:
    """Month-day to month-day of every year, both ends in, as "02-15"."""

    first: str
    last: str
    span: Span


@dataclass(frozen=True)
class Cap:
    """`period` is DAY, WEEK or MONTH of the calendar, or a length."""

    count: Literal
    kinds: tuple[Name, ...]
    period: Keyword | Literal
    span: Span
    test: Expr | None = None


@dataclass(frozen=True)
class Field:
    """One line of a schema. `type` is the keyword's terminal."""

    name: Name
    type: str
    arguments: tuple[Literal, ...]
    optional: bool
    sensitive: bool
    span: Span


@dataclass(frozen=True)
class Weekday:
    """0 is Monday."""

    day: int
    span: Span


@dataclass(frozen=True)
class Moment:
    """A wall-clock time without a zone: the brand's is meant."""

    value: datetime
    span: Span


@dataclass(frozen=True)
class Texts:
    """A list of strings."""

    items: tuple[Literal, ...]
    span: Span


@dataclass(frozen=True)
class Names:
    """A list of names."""

    items: tuple[Name, ...]
    span: Span


@dataclass(frozen=True)
class Tested:
    """`NAME when TEST` of a lifecycle; `otherwise` has no test."""

    name: Name
    test: Expr | None
    span: Span


@dataclass(frozen=True)
class Clause:
    """A part that says which one it is: `else sms`, `verify face`, `if …`, `unless …`, `on rcs`, `step nudge`."""

    kind: OneOf[
        "otherwise",
        "verify",
        "provided",
        "unless",
        "on_channel",
        "mentioning",
        "of_step",
        "of_reply",
        "lifted",
        "instead",
    ]
    parts: tuple[Name | Literal | Keyword | Texts | Expr, ...]
    span: Span


Part = (
    Name
    | Literal
    | Keyword
    | Range
    | Hours
    | Window
    | WindowBefore
    | WindowBest
    | Clause
    | Yearly
    | Days
    | Weekday
    | Moment
    | Cap
    | Field
    | Texts
    | Names
    | Tested
    | Aggregate
    | Selection
    | Followed
    | Expr
)


@dataclass(frozen=True)
class Statement:
    """`kind` is the grammar's name for it (campaign_runs, policy_quiet, …); a message, a step or a policy's line holds others."""

    kind: str
    parts: tuple[Part, ...]
    span: Span
    inner: tuple[Statement, ...] = ()


@dataclass(frozen=True)
class Declaration:
    """`kind` is the grammar's name for it: brand, customer, campaign, … A customer schema has no name."""

    kind: str
    name: Name | None
    title: Literal | None
    statements: tuple[Statement, ...]
    span: Span
    broken: bool = False  # some statement could not be read, and is left out


@dataclass(frozen=True)
class Comment:
    text: str
    span: Span


@dataclass(frozen=True)
class File:
    source: Source
    declarations: tuple[Declaration, ...]
    comments: tuple[Comment, ...]
    unread: frozenset[str] = frozenset()  # keywords and names of declarations that could not be read
