"""What a campaign's messages look like: for someone of whom everything is known, for someone of whom nothing optional is,
and with the longest value of every field."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from dsl.catalog import TASK
from dsl.program.ir import CampaignSpec, FieldSpec, MessageSpec, ProductSpec, Program
from dsl.render.instalments import NOTHING, best
from dsl.render.segments import segments
from dsl.templates.read import environment
from runtime.relational.folded import constants
from runtime.spoken import Speaker

# A text without a size can be of any length: so many characters are taken for it.
UNSIZED = 20
_TYPICAL: dict[str, Any] = {
    "key": "C00001",
    "phone": "+8613800000001",
    "zone": "Asia/Shanghai",
    "money": Decimal("80000.00"),
    "number": Decimal("36"),
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
    """One message for one sample. `part`: the entry, a step, an answer or a confirmation; `when`: who gets it.

    segments None: the channel counts none. cost None: the brand names no price. rich: the card and buttons of a rich message.
    """

    part: str
    channel: str
    when: str
    sample: str
    text: str
    segments: int | None
    limit: int | None
    cost: Decimal | None
    at: str
    rich: tuple[str, ...] = ()
    to: str | None = None


def preview(program: Program, campaign: CampaignSpec, speaker: Speaker) -> Iterator[Shown]:
    """Every message of a campaign for every sample customer."""
    policy = next(one for one in program.policies if one.name == campaign.policy)
    stated = [policy.limit] if policy.limit is not None else []
    limit = min((*stated, *(one.segments for one in policy.dated_limits)), default=None)
    for part, messages in _parts(campaign, speaker):
        for message in messages:
            when = speaker.name("everyone else" if len(messages) > 1 else "everyone")
            when = speaker.condition(message.when) if message.when else when
            for sample, known in samples(program, campaign).items():
                yield _shown(program, message, speaker, part, when, sample, known, limit)


def _shown(
    program: Program,
    message: MessageSpec,
    speaker: Speaker,
    part: str,
    when: str,
    sample: str,
    known: dict[str, Any],
    limit: int | None,
) -> Shown:
    def rendered(template: str) -> str:
        return render(template, known)

    text = rendered(message.template)
    counted = "sms" in (message.channel, message.otherwise)
    size = segments(text) if counted else None
    price = program.brand.costs.get(message.channel)
    times = size if message.channel == "sms" else 1
    cost = price * (times or 1) if price is not None and message.channel != TASK else None
    card, rich = message.card, []
    if card:
        shown = {"title": rendered(card.title), "text": rendered(card.text), "image": card.image, "video": card.video}
        rich += [f"{speaker.name(name)}  {value}" for name, value in shown.items() if value]
    for button in message.suggestions:
        rich.append(f"[{rendered(button.label)}]" + (f" → {known.get('link', '')}" if button.action == "link" else ""))
    limit = limit if counted else None
    said = {"part": part, "channel": speaker.channel(message), "when": when, "sample": speaker.name(sample)}
    return Shown(
        **said, text=text, segments=size, limit=limit, cost=cost, at=message.at, rich=tuple(rich), to=message.to
    )


def render(template: str, known: dict[str, Any]) -> str:
    return environment().from_string(template).render(**known)


def _parts(campaign: CampaignSpec, speaker: Speaker) -> Iterator[tuple[str, tuple[MessageSpec, ...]]]:
    yield speaker.name("entry"), campaign.messages
    if campaign.confirm:
        yield speaker.name("confirmation"), (campaign.confirm,)
    for step in campaign.steps:
        yield (
            speaker.phrase("step {name}, after {days}", name=step.name, days=speaker.length(step.after)),
            step.messages,
        )
        if step.confirm:
            yield speaker.phrase("confirmation of step {name}", name=step.name), (step.confirm,)
    for reply in campaign.replies:
        yield speaker.phrase("answer to {text}", text=f'"{reply.text}"'), reply.messages


def samples(program: Program, campaign: CampaignSpec) -> dict[str, dict[str, Any]]:
    """What copy can name, for each sample customer."""
    shared: dict[str, Any] = {}
    for (head, *rest), value in constants(program, campaign).items():
        shared.setdefault(head, {})[rest[0]] = value
    if program.brand.link:
        shared["link"] = program.brand.link.replace("{{ code }}", "aB3dE6gH9k")
    product = next((one for one in program.products if one.name == campaign.product), None)
    found = {}
    for sample, value in (("all known", _typical), ("least known", _least), ("longest", _longest)):
        customer = {spec.name: value(spec) for spec in program.customer}
        happened = sample != "least known"
        latest = {
            event.name: {spec.name: value(spec) if happened else None for spec in event.properties}
            for event in program.events
        }
        plan = _plan(product, sample) if product and happened else NOTHING
        found[sample] = shared | {"customer": customer, "latest": latest, "plan": plan}
    return found


def _plan(product: ProductSpec, sample: str) -> dict[str, Any]:
    """As if the longest loan had been asked for; in the longest sample as much as the product lends."""
    fact = product.facts.get("max_amount")
    most = Decimal(fact.values[-1]) if fact else None
    amount = _TYPICAL["money"] if sample == "all known" else most or _LONGEST["money"]
    months = max((one.months for one in product.plans), default=0)
    return best(product.plans, amount if most is None else min(amount, most), Decimal(months), most)


def _least(spec: FieldSpec) -> Any:
    return None if spec.optional else _typical(spec)


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
