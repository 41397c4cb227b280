"""The resolved model: every name linked, every value typed, each thing with the place it was written at."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Generic, TypeVar

from dsl.behaviour import Condition, Plain, Selection
from dsl.diagnostics import Place
from dsl.terms import Ban, Block, Calendar, Cap, Element, Hours, Start, Window
from dsl.types import Type

T = TypeVar("T")


@dataclass(frozen=True)
class Placed(Generic[T]):
    value: T
    place: Place


@dataclass(frozen=True)
class FieldDef:
    name: str
    type: Type
    sensitive: bool
    place: Place | None  # None: built in


@dataclass(frozen=True)
class EventDef:
    name: str
    properties: dict[str, FieldDef]
    place: Place | None


@dataclass(frozen=True)
class Brand:
    name: str
    title: str
    zone: Placed[str]
    currency: str
    signature: Placed[str] | None
    opt_out: Placed[str] | None
    holidays: Placed[str] | None
    phones: str
    link: Placed[str] | None
    costs: dict[str, Decimal]
    control: Decimal
    rejects: Decimal
    place: Place


Fact = Decimal | str | int | tuple[Decimal, Decimal]


@dataclass(frozen=True)
class FactDef:
    """A product's fact: a value or a range of its type. A length of time is a whole number of its unit."""

    type: Type
    value: Fact
    place: Place


@dataclass(frozen=True)
class Product:
    name: str
    title: str
    window: Placed[Window] | None
    facts: dict[str, FactDef]
    place: Place


@dataclass(frozen=True)
class Segment:
    name: str
    title: str
    test: Condition
    place: Place


@dataclass(frozen=True)
class CalendarDef:
    name: str
    value: Calendar
    place: Place


@dataclass(frozen=True)
class Lifecycle:
    """`stages` in the order in which they are asked, each with the whole test that makes a customer be in it."""

    name: str
    stages: dict[str, Condition]
    place: Place


@dataclass(frozen=True)
class Funnel:
    """`within` in microseconds, from the first step."""

    name: str
    title: str
    steps: tuple[Selection, ...]
    within: int
    place: Place


@dataclass(frozen=True)
class Policy:
    name: str
    title: str
    quiet: tuple[Placed[Hours], ...]
    signature_first: Place | None
    opt_out_last: Place | None
    consents: tuple[Placed[str], ...]
    elements: dict[str, Place]
    bans: tuple[Placed[Ban], ...]
    limit: Placed[int] | None
    caps: tuple[Placed[Cap], ...]
    marks: tuple[str, str]
    place: Place
    blocks: tuple[Placed[Block], ...] = ()
    extends: tuple[Placed[str], ...] = ()
    marks_stated: bool = False


@dataclass(frozen=True)
class Message:
    """`places` are the string literals of `elements`, one each, so that a finding can point inside the text.

    `when` None: for everyone whom no other message of the campaign is for.
    """

    channel: str
    elements: tuple[Element, ...]
    places: tuple[Place, ...]
    place: Place
    when: Condition | None = None


@dataclass(frozen=True)
class Campaign:
    """`expire` and `again` in microseconds; `expire` None means until the end of `runs`."""

    name: str
    title: str
    product: Product | None
    kind: str
    policy: Policy
    runs: Placed[tuple[date, date]]
    priority: int
    audience: tuple[Placed[Condition], ...]
    start: Placed[Start]
    again: Placed[int] | None
    window: Placed[Window] | None
    expire: Placed[int] | None
    caps: tuple[Placed[Cap], ...]
    holdout: Decimal
    arms: tuple[tuple[str, Decimal], ...]
    messages: tuple[Message, ...]
    place: Place
    formerly: Placed[str] | None = None
    pace: Placed[int] | None = None  # a second
    budget: Placed[Decimal] | None = None  # over the campaign's life


@dataclass(frozen=True)
class Happened:
    """An event of a test's customer, `ago` microseconds before the test's instant; `sent` are past sends of a campaign."""

    customer: int
    name: str
    ago: int
    properties: dict[str, Plain]
    sent: bool = False


@dataclass(frozen=True)
class Expectation:
    """Of the first customer unless several were described: then of any. `at`: wall clock of the brand's zone."""

    campaign: str
    sends: bool
    because: str | None
    at: datetime | None
    containing: str | None
    place: Place


@dataclass(frozen=True)
class Trial:
    """A `test` block. `customers`: field → value; what is not said is missing."""

    title: str
    at: datetime
    customers: tuple[dict[str, Plain], ...]
    happened: tuple[Happened, ...]
    expected: tuple[Expectation, ...]
    place: Place


@dataclass(frozen=True)
class Model:
    brand: Brand
    fields: dict[str, FieldDef]
    events: dict[str, EventDef]
    products: dict[str, Product] = field(default_factory=dict)
    segments: dict[str, Segment] = field(default_factory=dict)
    calendars: dict[str, CalendarDef] = field(default_factory=dict)
    lifecycles: dict[str, Lifecycle] = field(default_factory=dict)
    funnels: dict[str, Funnel] = field(default_factory=dict)
    policies: dict[str, Policy] = field(default_factory=dict)
    campaigns: dict[str, Campaign] = field(default_factory=dict)
    retired: dict[str, Place] = field(default_factory=dict)
    trials: tuple[Trial, ...] = ()
