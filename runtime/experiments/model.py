"""What an experiment has shown by now: groups, comparisons, a verdict. Shares lie in 0..1, lifts are differences of them."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict

Kind = Literal["holdout", "control", "arms"]


class Figure(BaseModel):
    """Part of a report: told once, changed never."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Group(Figure):
    """People who were assigned alike, whatever became of them (intention to treat), and how many of them reached the goal.

    share: of all that are assigned, as the program states it. Counted are those whose time to reach it is over.
    """

    name: str
    share: Decimal
    people: int
    reached: int


class Comparison(Figure):
    """A group against another: by how much more of it reached the goal, with bounds that hold at every look together.

    level: of the bounds, once it is corrected for the number of comparisons, as 0.975. relative: lift / the other's share.
    more: people that the smaller of both still needs, the other in proportion, until the bounds leave zero out, if the lift is
    what it seems now. None: it can be told, there is no lift so far, or the groups are not as large as planned.
    """

    group: str
    against: str
    lift: float
    low: float
    high: float
    level: float
    relative: float | None
    verdict: Literal["better", "worse", "cannot tell"]
    more: int | None


class Ratio(Figure):
    """Whether groups are as large as they were meant to be. evidence: a Bayes factor; fine below 1 / level of error."""

    fine: bool
    evidence: float


class Experiment(Figure):
    """kind: `holdout` against everyone treated, `control` the brand's global group, or `arms` against one another."""

    kind: Kind
    groups: tuple[Group, ...]
    comparisons: tuple[Comparison, ...]
    ratio: Ratio
