"""The program's types. Units as in behaviour.py and terms.py; money and shares are decimals, written as texts in JSON.

`at` is the source line that a rule came from, as campaigns/x.camp:12; it takes no part in the hash.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from dsl.behaviour import Condition, Selection
from dsl.terms import Ban, Block, Cap, Card, Hours, Instalments, Start, Suggestion, Window

# What a later minor version adds has a default that means what the earlier one did: older programs load.
MAJOR, MINOR = 1, 5
VERSION = f"{MAJOR}.{MINOR}"


class Part(BaseModel):
    # Built when a first one is read: whoever only imports them waits for none, and whoever reads one builds them all at once.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Line(Part):
    """One line of an audience."""

    when: Condition
    at: str


class FieldSpec(Part):
    """A field of the customer or a property of an event, and the data's column that holds it."""

    name: str
    base: Literal["key", "phone", "text", "choice", "zone", "money", "number", "rate", "date", "flag"]
    column: str
    options: tuple[str, ...] = ()
    size: int | None = None
    optional: bool = False
    sensitive: bool = False


class EventSpec(Part):
    """`customer`, `at` and `id` name the columns of who, when and which; `id` may be absent from the data.

    derived: a run makes these from the ledger, and reads none.
    """

    name: str
    properties: tuple[FieldSpec, ...]
    customer: str
    at: str
    id: str
    derived: bool = False


class BrandSpec(Part):
    """`link` holds {{ code }}. `control` and `rejects` are shares. `phones`: the region whose numbers need no prefix.

    reach: channel → the customer's flag of who can be reached on it; one without reaches everyone with a phone.
    """

    name: str
    title: str
    zone: str
    currency: str
    holidays: str | None
    phones: str
    link: str | None
    costs: dict[str, Decimal]
    control: Decimal
    rejects: Decimal
    reach: dict[str, str] = {}


class Fact(Part):
    """A product's fact: one value, or a range with both its ends. `unit`: money's currency, a length's SECOND to MONTH."""

    base: Literal["money", "rate", "number", "length", "text"]
    unit: str = ""
    values: tuple[str, ...] = Field(min_length=1, max_length=2)


class ProductSpec(Part):
    name: str
    title: str
    facts: dict[str, Fact]
    plans: tuple[Instalments, ...] = ()
    calculator: Selection | None = None


class FunnelSpec(Part):
    """`within` in microseconds from the first step."""

    name: str
    title: str
    steps: tuple[Selection, ...]
    within: int


class MeasureSpec(Part):
    """Events within `within` microseconds of a send, with what each has cost; or, with `among`, a share: of the customers who
    did that within this time of a send, those who did what is `counted` within this time of it."""

    name: str
    title: str
    counted: Selection
    among: Selection | None = None
    within: int


class SegmentSpec(Part):
    """A segment, or a stage of a lifecycle as LIFECYCLE.STAGE: what reports tell apart. Runs know only what names them."""

    name: str
    title: str
    when: Condition


class CapSpec(Part):
    cap: Cap
    at: str


class Dated(Part):
    """In force on these local dates of sending, both in; None: without that end."""

    since: date | None = None
    until: date | None = None

    def in_force(self, day: date) -> bool:
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


class QuietSpec(Dated):
    """On the days that the hours begin on: every one, some weekdays (0 is Monday), or holidays."""

    hours: Hours
    days: tuple[int, ...] = ()
    holidays: bool = False
    at: str


class ConsentSpec(Dated):
    """A flag of the customer; in force by the local date of the run.

    sensitive: only for campaigns that look at sensitive fields. exempt: kinds that need none.
    """

    field: str
    at: str
    sensitive: bool = False
    exempt: tuple[str, ...] = ()


class BlockSpec(Part):
    block: Block
    at: str


class BanSpec(Dated):
    """lifted_for: products that may be spoken of so."""

    ban: Ban
    at: str
    lifted_for: tuple[str, ...] = ()


class LimitSpec(Dated):
    """A limit that holds on some dates only, beside the policy's `limit`."""

    segments: int
    at: str


class LengthSpec(Dated):
    """The most UTF-16 units that a text may have."""

    characters: int
    at: str


class PolicySpec(Part):
    """What a run has to hold; what only the compiler checks has left no trace here. words: replies by which customers refuse."""

    name: str
    quiet: tuple[QuietSpec, ...]
    consents: tuple[ConsentSpec, ...]
    bans: tuple[BanSpec, ...]
    limit: int | None
    limit_at: str
    dated_limits: tuple[LimitSpec, ...] = ()
    lengths: tuple[LengthSpec, ...] = ()
    caps: tuple[CapSpec, ...]
    blocks: tuple[BlockSpec, ...]
    at: str
    jurisdiction: str = ""
    vendor: str = ""
    words: tuple[str, ...] = ()


class MessageSpec(Part):
    """`template` is the whole text as a Jinja template, signature and opt-out included. `when` None: the fallback.

    A task goes to the bank's own staff, `to` its assignee. otherwise: the channel for those whom `channel` does not
    reach. verify: how the page behind the link asks who the customer is. must_confirm: not sent without its confirmation.
    """

    channel: Literal["sms", "rcs", "wechat", "task"]
    template: str
    at: str
    when: Condition | None = None
    otherwise: str | None = None
    card: Card | None = None
    suggestions: tuple[Suggestion, ...] = ()
    verify: str | None = None
    to: str | None = None
    must_confirm: bool = False
    must_confirm_at: str = ""


class StepSpec(Part):
    """`after` in microseconds from the entry's send; a candidate where `provided` holds and `unless` does not."""

    name: str
    after: int
    provided: Condition | None
    unless: Condition | None
    kind: str
    window: Window | None
    window_at: str
    messages: tuple[MessageSpec, ...] = Field(min_length=1)
    confirm: MessageSpec | None
    at: str


class ReplySpec(Part):
    """What is answered to a customer who sends `text` back."""

    text: str
    messages: tuple[MessageSpec, ...] = Field(min_length=1)
    at: str


class GoalSpec(Part):
    """`within` in microseconds from a send."""

    of: Selection
    within: int


class ArmSpec(Part):
    name: str
    share: Decimal


class CampaignSpec(Part):
    """`again` and `expire` in microseconds; `expire` None: until the end of `runs`. `runs` in the recipient's zone.

    page: where the links of its messages lead.
    """

    name: str
    title: str
    product: str | None
    kind: str
    policy: str
    begins: date
    ends: date
    priority: int
    audience: tuple[Line, ...]
    start: Annotated[Start, Field(discriminator="op")]
    start_at: str
    again: int | None
    expire: int | None
    expire_at: str
    window: Window | None
    window_at: str
    caps: tuple[CapSpec, ...]
    holdout: Decimal
    arms: tuple[ArmSpec, ...]
    messages: tuple[MessageSpec, ...] = Field(min_length=1)
    formerly: str | None
    pace: int | None
    pace_at: str
    budget: Decimal | None
    budget_at: str
    at: str
    confirm: MessageSpec | None = None
    steps: tuple[StepSpec, ...] = ()
    replies: tuple[ReplySpec, ...] = ()
    exits: tuple[Line, ...] = ()
    goal: GoalSpec | None = None
    sensitive: bool = False
    page: str | None = None


class DataSpec(Part):
    """zone: in which instants without an offset are read. missing: words that mean a missing value."""

    zone: str
    missing: tuple[str, ...]


class Program(Part):
    """A whole project. Lists are in the order of names; `retired` are names that only the ledger still knows.

    growth: a run may send that share more than the last one did; None: any number.
    """

    version: str = VERSION
    hash: str
    engine: str
    growth: Decimal | None = None
    brand: BrandSpec
    customer: tuple[FieldSpec, ...]
    events: tuple[EventSpec, ...]
    products: tuple[ProductSpec, ...]
    policies: tuple[PolicySpec, ...]
    campaigns: tuple[CampaignSpec, ...]
    retired: tuple[str, ...]
    funnels: tuple[FunnelSpec, ...] = ()
    measures: tuple[MeasureSpec, ...] = ()
    segments: tuple[SegmentSpec, ...] = ()
    data: DataSpec
