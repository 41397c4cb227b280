"""Expressions as written. Spans count characters from the start of the file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal as OneOf

from dsl.quantities import Duration, Money
from dsl.source import Span


@dataclass(frozen=True)
class Name:
    text: str
    span: Span


@dataclass(frozen=True)
class Percent:
    """A share: `3.8%` is 0.038."""

    share: Decimal


@dataclass(frozen=True)
class Literal:
    value: Decimal | Money | Percent | Duration | str | date | bool
    span: Span


@dataclass(frozen=True)
class Relative:
    direction: OneOf["last", "next"]
    length: Literal
    span: Span


@dataclass(frozen=True)
class Selection:
    """`EVENT [where TEST] [in last D]`."""

    event: Name
    where: Expr | None
    window: Relative | None
    span: Span


@dataclass(frozen=True)
class Aggregate:
    """`of`: the property that `sum` and `latest` look at."""

    function: OneOf["count", "days_since", "sum", "latest"]
    selection: Selection
    span: Span
    of: Name | None = None


Value = Name | Literal | Aggregate


@dataclass(frozen=True)
class Truth:
    """A value that stands alone as a test: a flag."""

    value: Value
    span: Span


@dataclass(frozen=True)
class Compare:
    operator: str
    left: Value
    right: Value
    span: Span


@dataclass(frozen=True)
class Between:
    """Both ends are in."""

    value: Value
    low: Literal
    high: Literal
    span: Span


@dataclass(frozen=True)
class Recent:
    value: Value
    window: Relative
    span: Span


@dataclass(frozen=True)
class Missing:
    value: Value
    span: Span


@dataclass(frozen=True)
class InCalendar:
    value: Value
    calendar: Name
    span: Span


@dataclass(frozen=True)
class IsName:
    """`stage is lapsed`: which of a lifecycle's stages."""

    value: Value
    name: Name
    span: Span


@dataclass(frozen=True)
class Followed:
    """`A [not] followed by B within D [in last W]`."""

    first: Selection
    second: Selection
    negated: bool
    within: Literal
    window: Relative | None
    span: Span


@dataclass(frozen=True)
class Did:
    pattern: Selection | Followed
    span: Span


@dataclass(frozen=True)
class InSegment:
    segment: Name
    span: Span


@dataclass(frozen=True)
class Not:
    operand: Expr
    span: Span


@dataclass(frozen=True)
class Group:
    """`and`/`all {}`, `or`/`any {}`, `none {}`."""

    kind: OneOf["all", "any", "none"]
    items: tuple[Expr, ...]
    span: Span


Expr = Truth | Compare | Between | Recent | InCalendar | Missing | IsName | Did | InSegment | Not | Group
