"""What is said: the chosen message rendered by Jinja, its card and confirmation beside it, and the checks on final texts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from jinja2 import Template
from pydantic import TypeAdapter

from dsl import identity
from dsl.behaviour import Condition
from dsl.catalog import TASK
from dsl.identity import LinkKey
from dsl.program.ir import Fact, MessageSpec, PolicySpec, ProductSpec, Program
from dsl.program.judged import bans_of, judged
from dsl.program.judged import said as banned
from dsl.program.parts import Part
from dsl.render.instalments import best
from dsl.render.segments import segments, units
from dsl.templates.read import environment
from runtime.reference.conditions import selected
from runtime.reference.data import Person
from runtime.reference.met import Met, gate
from runtime.reference.occurrences import Occurrence

Row = dict[str, Any]


@dataclass(frozen=True)
class Texts:
    """The texts of one candidate."""

    program: Program
    policy: PolicySpec
    part: Part
    who: Person
    one: Occurrence
    key: LinkKey

    def gates(
        self, message: MessageSpec, channel: str, fallback: str | None, confirm: MessageSpec | None, when: Row
    ) -> Iterator[Met]:
        """The checks on the final texts, and a send's columns. `when`: its instant and local date."""
        send, day = self._id(channel), when["local_date"]
        text = self._render(message.template, send)
        rich = self._rich(message, send) if channel == "rcs" else None
        sure = self._id(confirm.channel, "confirmation") if confirm else None
        echo = self._render(confirm.template, sure) if confirm and sure else None
        said = [text, *(self._shown(message, send) if rich else ()), *([echo] if echo else ())]
        size = segments(text) if "sms" in (channel, fallback) else None
        policy = self.policy
        limits = [] if policy.limit is None else [(policy.limit, policy.limit_at)]
        limits += [(one.segments, one.at) for one in policy.dated_limits if one.in_force(day)]
        for most, rule in sorted(limits):
            if size is not None:
                yield gate("segments", rule, size > most, "suppressed", "too_long", size=size, most=most)
        for one in policy.lengths:
            if size is not None and one.in_force(day):
                many = units(text)
                over = many > one.characters
                yield gate("characters", one.at, over, "suppressed", "too_long", size=many, most=one.characters)
        bans = bans_of(policy, self.part.campaign)
        broken = [pair for one in said for pair in banned(bans, judged(one, self.program.brand.link))]
        for number, ban in enumerate(bans):
            if ban.in_force(day):
                words = [word for broke, word in broken if broke == number]
                yield gate("words", ban.at, bool(words), "suppressed", "banned_word", ban=ban.ban, words=words)
        price = self.program.brand.costs.get(channel)
        cost = None if price is None or channel == TASK else price * (size or 1 if channel == "sms" else 1)
        columns = {
            "outcome": "send",
            "rule": self.part.at,
            "send_id": send,
            "text": text,
            "segments": size,
            "cost": cost,
            "message": message.at,
            "rich": rich,
            "fallback": fallback,
            "verify": message.verify,
            "assignee": message.to,
            "confirm_channel": confirm.channel if confirm else None,
            "confirm_id": sure,
            "confirm_text": echo,
            "guard": self._guard(),
        }
        yield Met("send", self.part.at, {}, columns | when)

    def _id(self, channel: str, role: str = "message") -> str:
        return identity.send_id(self.part.campaign.name, self.part.step, self.who.key, self.one.name, channel, role)

    def _render(self, template: str, send: str) -> str:
        return _template(template).render(self._context(send))

    def _shown(self, message: MessageSpec, send: str) -> list[str]:
        """What a customer reads on a card and its buttons."""
        card = [message.card.title, message.card.text] if message.card else []
        return [self._render(text, send) for text in (*card, *(button.label for button in message.suggestions))]

    def _rich(self, message: MessageSpec, send: str) -> str | None:
        """Card and buttons as JSON; a button that opens something carries the address."""
        if message.card is None and not message.suggestions:
            return None
        card, context = message.card, self._context(send)
        shown: dict[str, Any] = {}
        if card is not None:
            texts = {"title": self._render(card.title, send), "text": self._render(card.text, send)}
            shown["card"] = {
                name: text for name, text in (texts | {"image": card.image, "video": card.video}).items() if text
            }
        shown["suggestions"] = [
            {"action": button.action, "label": self._render(button.label, send)}
            | ({"address": context["link"]} if button.action == "link" else {})
            for button in message.suggestions
        ]
        return json.dumps(shown, ensure_ascii=False, sort_keys=True)

    def _context(self, send: str) -> dict[str, Any]:
        brand, campaign, who = self.program.brand, self.part.campaign, self.who
        context: dict[str, Any] = {
            "customer": dict(who.fields),
            "campaign": {"begins": campaign.begins, "ends": campaign.ends, "name": campaign.title},
            "brand": {"name": brand.title},
            "latest": {name: dict(events[-1].properties) for name, events in who.events.items() if events},
        }
        for spec in self.program.events:  # what has not happened, or was not told, is missing
            known = context["latest"].setdefault(spec.name, {})
            context["latest"][spec.name] = {one.name: known.get(one.name) for one in spec.properties}
        for product in self.program.products:
            if product.name == campaign.product:
                facts = {name: _fact(fact) for name, fact in product.facts.items()}
                context["product"] = {"name": product.title} | facts
                context["plan"] = self._plan(product, facts)
        if brand.link is not None:
            context["link"] = brand.link.replace("{{ code }}", identity.link_code(send, self.key))
        return context

    def _plan(self, product: ProductSpec, facts: dict[str, Any]) -> dict[str, Any]:
        """The cheapest loan within what the customer asked for last."""
        asked = selected(product.calculator, self.who) if product.calculator else []
        about: Mapping[str, Any] = asked[-1].properties if asked else {}
        return best(product.plans, about.get("amount"), about.get("months"), facts.get("max_amount"))

    def _guard(self) -> str | None:
        part, one = self.part, self.one
        tests: list[tuple[str, Condition | None]] = [("exit", line.when) for line in part.campaign.exits]
        tests += [("if", part.provided), ("unless", part.unless)]
        since = {"exit": one.entered or one.start, "if": one.since or one.start, "unless": one.since or one.start}
        shown = [
            {"when": kind, "since": since[kind].isoformat(), "test": _condition().dump_python(test, mode="json")}
            for kind, test in tests
            if test is not None
        ]
        return json.dumps(shown, ensure_ascii=False, sort_keys=True) if shown else None


def _fact(fact: Fact) -> Any:
    read = {"text": str, "length": int}.get(fact.base, Decimal)
    values = tuple(read(text) for text in fact.values)
    return values if len(values) > 1 else values[0]


@lru_cache(maxsize=1_000)
def _template(text: str) -> Template:
    return environment().from_string(text)


@lru_cache
def _condition() -> TypeAdapter[Condition]:
    return TypeAdapter(Condition)
