"""The resolved model: every name linked, every value typed, each thing with the place it was written at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Generic, Literal, TypeVar

from dsl.behaviour import Condition, Plain, Selection
from dsl.catalog import ENTRY, SERVICE
from dsl.diagnostics import Place, Severity
from dsl.terms import (
    Ban,
    Block,
    Calendar,
    Cap,
    Card,
    Element,
    Instalments,
    Links,
    Quiet,
    Refusal,
    Start,
    Suggestion,
    Window,
)
from dsl.types import Type

T = TypeVar("T")


@dataclass(frozen=True)
class Note:
    """What stands behind a policy's statement: its source, how well it is known, how much it weighs, when it is in force.

    Only what weighs as an `error` binds a run. `since` and `until` are local dates of sending, both in.
    """

    source: str = ""
    confidence: Literal["verified", "secondary", "memory", ""] = ""
    severity: Severity = "error"
    since: date | None = None
    until: date | None = None

    def in_force(self, first: date, last: date) -> bool:
        """On some day of a span."""
        return (self.since is None or self.since <= last) and (self.until is None or first <= self.until)

    def in_force_throughout(self, first: date, last: date) -> bool:
        """On every day of a span."""
        return (self.since is None or self.since <= first) and (self.until is None or last <= self.until)

    @property
    def binds(self) -> bool:
        """Whether it binds every run, on every day."""
        return self.severity == "error" and self.since is None and self.until is None


@dataclass(frozen=True)
class Placed(Generic[T]):
    """`note`: of a policy's statements only."""

    value: T
    place: Place
    note: Note = Note()


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
    page: Placed[str] | None = None  # where links lead, unless a product or a campaign names another page
    reach: dict[str, Placed[str]] = field(default_factory=dict)  # channel → the flag of who can be reached on it
    broken: bool = False  # some statement could not be read


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
    plans: tuple[Instalments, ...] = ()
    calculator: Placed[Selection] | None = None  # what a customer asked: events with an amount and months
    page: Placed[str] | None = None


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
class Measure:
    """What reports count of `counted`: with `among` a share of the customers who did that, else a number. `within` of a send."""

    name: str
    title: str
    counted: Selection
    among: Selection | None
    within: int
    place: Place


@dataclass(frozen=True)
class Consent:
    """A flag that has to be yes; `sensitive`: only where a campaign looks at sensitive fields."""

    flag: str
    sensitive: bool = False
    exempt: tuple[str, ...] = ()  # kinds that need none


Mention = Literal["rate", "amount"]


@dataclass(frozen=True)
class Required:
    """What a message must have: signature, opt_out, an element, annual_rate, words, or confirm on `confirm`; or what has to
    stand behind it: consent (`consent_sensitive`), a fact of its product, a record, registered links.

    channels: on which; mentions and phrases: only where the copy speaks of one of these. texts: any of which will do (words,
    opt_out); earlier: what none of these may stand before. name: of the fact or record, or the number of days (runs).
    exempt: kinds that need none.
    """

    what: str
    channels: tuple[str, ...]
    mentions: tuple[Mention, ...] = ()
    confirm: str = ""
    phrases: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    earlier: tuple[str, ...] = ()
    name: str = ""
    exempt: tuple[str, ...] = ()


@dataclass(frozen=True)
class Policy:
    """`marks`: within a sentence, between sentences, between the steps of a process. `words`: replies that are refusals."""

    name: str
    title: str
    quiet: tuple[Placed[Quiet], ...]
    required: tuple[Placed[Required], ...]
    consents: tuple[Placed[Consent], ...]
    bans: tuple[Placed[Ban], ...]
    limits: tuple[Placed[int], ...]
    caps: tuple[Placed[Cap], ...]
    marks: tuple[str, str, str]
    place: Place
    blocks: tuple[Placed[Block], ...] = ()
    extends: tuple[Placed[str], ...] = ()
    marks_stated: bool = False
    jurisdiction: str = ""
    vendor: str = ""
    words: tuple[Placed[str], ...] = ()
    longest: tuple[Placed[int], ...] = ()  # UTF-16 units of a whole message
    links: tuple[Placed[Links], ...] = ()
    refusals: tuple[Placed[Refusal], ...] = ()
    records: tuple[Placed[tuple[str, str]], ...] = ()  # what is kept elsewhere, by name: a registration, an assessment

    def requires(self, what: str, channel: str) -> Placed[Required] | None:
        """The statement that asks for something in every message of a channel."""
        asked = (one for one in self.required if one.value.what == what and channel in one.value.channels)
        return next((one for one in asked if not (one.value.mentions or one.value.phrases)), None)


@dataclass(frozen=True)
class Message:
    """`places` are the string literals of `elements`, one each, so that a finding can point inside the text.

    `when` None: for everyone whom no other message of the campaign is for. A task is a message of the channel `task`,
    `to` its assignee. `otherwise`: the channel for those whom `channel` does not reach. `verify`: how the page behind the
    link asks who the customer is.
    """

    channel: str
    elements: tuple[Element, ...]
    places: tuple[Place, ...]
    place: Place
    when: Condition | None = None
    otherwise: str | None = None
    card: Card | None = None
    suggestions: tuple[Suggestion, ...] = ()
    verify: str | None = None
    to: str | None = None


@dataclass(frozen=True)
class Step:
    """`after` in microseconds from the send of the entry. `window` None: any hour that is not quiet."""

    name: str
    after: int
    provided: Condition | None
    unless: Condition | None
    kind: str
    window: Placed[Window] | None
    messages: tuple[Message, ...]
    confirm: Message | None
    place: Place


@dataclass(frozen=True)
class Reply:
    """What is answered to a customer who sends `text` back."""

    text: str
    messages: tuple[Message, ...]
    place: Place


@dataclass(frozen=True)
class Goal:
    """`within` in microseconds, from a send."""

    of: Selection
    within: int
    place: Place


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
    confirm: Message | None = None
    steps: tuple[Step, ...] = ()
    replies: tuple[Reply, ...] = ()
    exits: tuple[Placed[Condition], ...] = ()
    goal: Goal | None = None
    page: Placed[str] | None = None  # its own or its product's
    sensitive: Placed[str] | None = None  # a sensitive field that it looks at
    broken: bool = False  # some statement could not be read: what it lacks may have stood there

    def spoken(self) -> Iterator[Spoken]:
        """Every message that it can send, from the entry's to the answers."""
        yield from (Spoken("entry", self.kind, one, self.confirm) for one in self.messages)
        for step in self.steps:
            yield from (Spoken("step", step.kind, one, step.confirm) for one in step.messages)
        yield from (Spoken("reply", SERVICE, one, None) for reply in self.replies for one in reply.messages)
        for confirm in (self.confirm, *(step.confirm for step in self.steps)):
            if confirm is not None:
                yield Spoken("confirm", self.kind, confirm, None)


@dataclass(frozen=True)
class Spoken:
    """A message in its place: which part of the campaign says it, and with which confirmation."""

    part: Literal["entry", "step", "reply", "confirm"]
    kind: str
    message: Message
    confirm: Message | None


@dataclass(frozen=True)
class Happened:
    """An event of a test's customer, `ago` microseconds before the test's instant; `sent` are past sends of a campaign."""

    customer: int
    name: str
    ago: int
    properties: dict[str, Plain]
    sent: bool = False
    step: str = ENTRY


@dataclass(frozen=True)
class Expectation:
    """Of the first customer unless several were described: then of any. `at`: wall clock of the brand's zone."""

    campaign: str
    sends: bool
    because: str | None
    at: datetime | None
    containing: str | None
    place: Place
    step: str = ENTRY
    channel: str | None = None


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
class Retired:
    """A campaign that only the ledger knows. `kind`: what its sends counted as, where it still says so."""

    kind: str | None
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
    measures: dict[str, Measure] = field(default_factory=dict)
    policies: dict[str, Policy] = field(default_factory=dict)
    campaigns: dict[str, Campaign] = field(default_factory=dict)
    retired: dict[str, Retired] = field(default_factory=dict)
    trials: tuple[Trial, ...] = ()
