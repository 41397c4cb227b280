"""What a candidate meets before the caps: the first gate that stops it is its outcome."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from jinja2 import Template

from dsl import identity
from dsl.catalog import OPT_OUT_EVENT, SERVICE
from dsl.program.ir import CampaignSpec, Fact, MessageSpec, PolicySpec, Program
from dsl.render.segments import segments
from dsl.templates.read import environment
from dsl.words import banned
from runtime.openings import Openings
from runtime.outcomes import COLUMNS, STEP
from runtime.reference.conditions import holds
from runtime.reference.data import Person
from runtime.reference.occurrences import Occurrence

Row = dict[str, Any]


@dataclass(frozen=True)
class Gates:
    """`owners`: phone → the lowest key that has it. `until`: the end of the horizon."""

    program: Program
    openings: Openings
    owners: Mapping[str, str]
    until: datetime

    def decide(self, campaign: CampaignSpec, policy: PolicySpec, who: Person, one: Occurrence) -> Row:
        """The candidate's row; what passes every gate is a `send` until the caps have seen it."""
        row: Row = dict.fromkeys(COLUMNS)
        row |= {"campaign": campaign.name, "step": STEP, "customer": who.key, "occurrence": one.name}
        row |= {"started_at": one.start, "decided_at": who.at, "zone": who.zone, "recipient": who.phone}
        who = replace(who, arm=_arm(campaign, who))
        row |= {"kind": campaign.kind, "channel": campaign.messages[0].channel, "arm": who.arm}
        return row | self._outcome(campaign, policy, who, one)

    def _outcome(self, campaign: CampaignSpec, policy: PolicySpec, who: Person, one: Occurrence) -> Row:
        left = [line.at for line in campaign.audience if not holds(line.when, who)]
        if left:  # only an open occurrence comes here without its audience
            return _stop("expired", "left", left[0])
        ends = expiry(campaign, self.openings, who.zone, one.start)
        if who.at >= ends:
            return _stop("expired", "late", campaign.expire_at)
        for consent in policy.consents:
            if who.fields.get(consent.field) is not True:
                return _stop("suppressed", "no_consent", consent.at)
        if who.events.get(OPT_OUT_EVENT):
            return _stop("suppressed", "opted_out", campaign.at)
        if who.phone is None:
            return _stop("suppressed", "no_address", campaign.at)
        if self.owners[who.phone] < who.key:
            return _stop("suppressed", "duplicate_address", campaign.at)
        first = self.openings.first(campaign.name, who.zone, max(one.start, who.at))
        if first is None or first[0] >= ends:
            return _stop("expired", "no_opening", campaign.window_at)
        when = {"at": first[0], "local_date": first[1]}
        if first[0] >= self.until:
            return _stop("deferred", "horizon", campaign.window_at) | when
        then = replace(who, today=first[1])
        for spec in policy.blocks:
            if campaign.kind in spec.block.kinds and holds(spec.block.when, then):
                return _stop("suppressed", "blocked", spec.at)
        share = 0 if campaign.kind == SERVICE else self.program.brand.control
        if identity.bucket(identity.CONTROL_SALT, who.key) < share * identity.BUCKETS:
            return _stop("control", "global", campaign.at) | when
        if identity.bucket(identity.holdout_salt(campaign.name), who.key) < campaign.holdout * identity.BUCKETS:
            return _stop("control", "holdout", campaign.at) | when
        return self._message(campaign, policy, who, one, when)

    def _message(self, campaign: CampaignSpec, policy: PolicySpec, who: Person, one: Occurrence, when: Row) -> Row:
        message, brand = _chosen(campaign, who), self.program.brand
        channel = message.channel
        send = identity.send_id(campaign.name, STEP, who.key, one.name, channel)
        text = _template(message.template).render(self._context(campaign, who, send))
        size = segments(text)
        if policy.limit is not None and size > policy.limit:
            return _stop("suppressed", "too_long", policy.limit_at)
        for ban in policy.bans:
            if any(banned(text, ban.ban)):
                return _stop("suppressed", "banned_word", ban.at)
        price = brand.costs.get(channel)
        cost = None if price is None else price * size
        sent = {"send_id": send, "text": text, "segments": size, "cost": cost, "message": message.at}
        return {"outcome": "send", "rule": campaign.start_at} | when | sent

    def _context(self, campaign: CampaignSpec, who: Person, send: str) -> dict[str, Any]:
        brand = self.program.brand
        context: dict[str, Any] = {
            "customer": dict(who.fields),
            "campaign": {"begins": campaign.begins, "ends": campaign.ends, "name": campaign.title},
            "brand": {"name": brand.title},
        }
        for product in self.program.products:
            if product.name == campaign.product:
                facts = {name: _fact(fact) for name, fact in product.facts.items()}
                context["product"] = {"name": product.title} | facts
        if brand.link is not None:
            context["link"] = brand.link.replace("{{ code }}", identity.link_code(send))
        return context


def expiry(campaign: CampaignSpec, openings: Openings, zone: str, start: datetime) -> datetime:
    """When it is too late for what started then."""
    end = openings.runs(campaign.name, zone)[1]
    return end if campaign.expire is None else min(end, start + timedelta(microseconds=campaign.expire))


def _arm(campaign: CampaignSpec, who: Person) -> str | None:
    """The arms share the buckets in the order in which they are written."""
    bucket, end = identity.bucket(identity.arm_salt(campaign.name), who.key), Decimal(0)
    for arm in campaign.arms:
        end += arm.share * identity.BUCKETS
        if bucket < end:
            return arm.name
    return None


def _chosen(campaign: CampaignSpec, who: Person) -> MessageSpec:
    """The first message whose condition holds, else the one without."""
    for message in campaign.messages:
        if message.when is not None and holds(message.when, who):
            return message
    return next(message for message in campaign.messages if message.when is None)


def _stop(outcome: str, reason: str, rule: str) -> Row:
    return {"outcome": outcome, "reason": reason, "rule": rule}


def _fact(fact: Fact) -> Any:
    read = {"text": str, "length": int}.get(fact.base, Decimal)
    values = tuple(read(text) for text in fact.values)
    return values if len(values) > 1 else values[0]


@lru_cache(maxsize=1_000)
def _template(text: str) -> Template:
    return environment().from_string(text)
