"""What a comparison of two plans comes to."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from runtime.difference.plans import Plan

Status = Literal["kept", "added", "removed", "renamed"]
What = Literal["gained", "lost", "rewritten", "moved"]


@dataclass(frozen=True)
class Sides:
    """How many there are before and after, and how many come and go: before + gained - lost = after."""

    before: int = 0
    after: int = 0
    gained: int = 0
    lost: int = 0


@dataclass(frozen=True)
class Sent:
    """A send as it is shown: its instant in the customer's zone, and its text."""

    at: str
    text: str


@dataclass(frozen=True)
class Sample:
    """A send that changes; None on the side that does not have it. `recipient` is masked. instead: what a lost one came to."""

    what: What
    recipient: str
    before: Sent | None
    after: Sent | None
    instead: tuple[str, str | None] | None


@dataclass
class Change:
    """What becomes of a campaign, or of all. moved: sends at another instant; rewritten: with other words or channel.

    cost: before and after. lost_to: outcome and reason of the sends that are lost, and how many; None: no candidates any more.
    """

    campaign: str
    status: Status = "kept"
    formerly: str | None = None
    people: Sides = Sides()
    sends: Sides = Sides()
    moved: int = 0
    rewritten: int = 0
    cost: tuple[Decimal, Decimal] = (Decimal(0), Decimal(0))
    lost_to: list[tuple[str | None, str | None, int]] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        numbers = (self.sends.gained, self.sends.lost, self.moved, self.rewritten)
        return self.status == "kept" and not any(numbers) and self.cost[0] == self.cost[1]


@dataclass(frozen=True)
class Difference:
    """`changes`: one of each campaign that either plan knows, by name."""

    before: Plan
    after: Plan
    changes: list[Change]
    total: Change

    @property
    def empty(self) -> bool:
        return self.before.currency == self.after.currency and all(change.empty for change in self.changes)

    @property
    def currency(self) -> str:
        """Two of them where the change is one of currency."""
        before, after = self.before.currency, self.after.currency
        return after if before == after else f"{before} → {after}"
