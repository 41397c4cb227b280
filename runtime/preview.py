"""What a campaign's messages look like: for someone of whom everything is known, for someone of whom nothing optional is,
and with the longest value of every field."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from dsl.program.ir import CampaignSpec, FieldSpec, Program
from dsl.render.segments import segments
from dsl.templates.read import environment
from runtime.relational.render import constants
from runtime.spoken import condition

# A text without a size can be of any length: so many characters are taken for it.
UNSIZED = 20
_TYPICAL: dict[str, Any] = {
    "key": "C00001",
    "phone": "+8613800000001",
    "zone": "Asia/Shanghai",
    "money": Decimal("80000.00"),
    "number": Decimal("3"),
    "rate": Decimal("0.038"),
    "date": date(2026, 3, 4),
    "flag": True,
}
_LONGEST: dict[str, Any] = {
    "key": "C" + "0" * 11,
    "phone": "+8613800000001",
    "zone": "America/Argentina/ComodRivadavia",
    "money": Decimal("99999999.99"),
    "number": Decimal("999999.999999"),
    "rate": Decimal("0.238888"),
    "date": date(2026, 12, 31),
    "flag": True,
}


@dataclass(frozen=True)
class Shown:
    """One message for one sample. `when`: who gets it. `cost` None: the brand names no price."""

    when: str
    sample: str
    text: str
    segments: int
    limit: int | None
    cost: Decimal | None
    at: str


def preview(program: Program, campaign: CampaignSpec) -> Iterator[Shown]:
    """Every message of a campaign for every sample customer."""
    policy = next(one for one in program.policies if one.name == campaign.policy)
    known: dict[str, Any] = {}
    for (head, *rest), value in constants(program, campaign).items():
        known.setdefault(head, {})[rest[0]] = value
    if program.brand.link:
        known["link"] = program.brand.link.replace("{{ code }}", "aB3dE6gH9k")
    for message in campaign.messages:
        when = (
            condition(message.when) if message.when else "everyone else" if len(campaign.messages) > 1 else "everyone"
        )
        for sample, customer in _samples(program).items():
            text = environment().from_string(message.template).render(**known, customer=customer)
            size, price = segments(text), program.brand.costs.get(message.channel)
            cost = price * size if price is not None else None
            yield Shown(when, sample, text, size, policy.limit, cost, message.at)


def _samples(program: Program) -> dict[str, dict[str, Any]]:
    fields = program.customer
    return {
        "all known": {spec.name: _typical(spec) for spec in fields},
        "least known": {spec.name: None if spec.optional else _typical(spec) for spec in fields},
        "longest": {spec.name: _longest(spec) for spec in fields},
    }


def _typical(spec: FieldSpec) -> Any:
    if spec.base == "choice":
        return spec.options[0]
    if spec.base == "text":
        return "王" if spec.name == "surname" else "示例"[: spec.size or 2]
    return _TYPICAL[spec.base]


def _longest(spec: FieldSpec) -> Any:
    if spec.base == "choice":
        return max(spec.options, key=len)
    return "长" * (spec.size or UNSIZED) if spec.base == "text" else _LONGEST[spec.base]
