"""What a candidate meets before the caps: the first gate that stops it is its outcome."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from dsl import identity
from dsl.catalog import CLICK_EVENT, OPT_OUT_EVENT, SERVICE, TASK, TO_PHONES
from dsl.program.ir import CampaignSpec, ConsentSpec, MessageSpec, PolicySpec, Program
from dsl.program.parts import Part
from dsl.terms import EVERY_DAY, Window
from runtime.openings import Openings, Slot, local
from runtime.outcomes import COLUMNS
from runtime.reference.conditions import holds
from runtime.reference.data import Person, recipient
from runtime.reference.follow import goes
from runtime.reference.occurrences import Occurrence
from runtime.reference.texts import Texts

Row = dict[str, Any]


@dataclass(frozen=True)
class Gates:
    """`owners`: phone → the lowest key that has it. `until`: the end of the horizon."""

    program: Program
    openings: Openings
    owners: Mapping[str, str]
    until: datetime

    def decide(self, part: Part, who: Person, one: Occurrence) -> Row:
        """The candidate's row; what passes every gate is a `send` until the caps have seen it."""
        campaign = part.campaign
        row: Row = dict.fromkeys(COLUMNS)
        row |= {"campaign": campaign.name, "step": part.step, "customer": who.key, "occurrence": one.name}
        row |= {"started_at": one.start, "decided_at": who.at, "zone": who.zone, "recipient": None}
        who = replace(who, arm=_arm(campaign, who))
        message = _chosen(part, who)
        channel = self._channel(message, who)
        way = channel or message.channel
        row |= {"kind": part.kind, "channel": way, "arm": who.arm, "recipient": recipient(way, who.phone, who.key)}
        return row | self._outcome(part, who, one, message, channel)

    def _outcome(self, part: Part, who: Person, one: Occurrence, message: MessageSpec, channel: str | None) -> Row:
        campaign = part.campaign
        policy = next(policy for policy in self.program.policies if policy.name == campaign.policy)
        left = _left(part, who, one)
        if left is not None:
            return left
        ends = expiry(campaign, self.openings, who.zone, one.start)
        if who.at >= ends:
            return _stop("expired", "late", campaign.expire_at)
        for consent in _needed(policy, part):
            if consent.in_force(who.today) and who.fields.get(consent.field) is not True:
                return _stop("suppressed", "no_consent", consent.at)
        if who.events.get(OPT_OUT_EVENT):
            return _stop("suppressed", "opted_out", campaign.at)
        if channel is None:
            return _stop("suppressed", "no_address", campaign.at)
        if self._shared(channel, who):
            return _stop("suppressed", "duplicate_address", campaign.at)
        confirm = part.confirm if part.confirm and self._meets(part.confirm.channel, who) else None
        if message.must_confirm and confirm is None:
            return _stop("suppressed", "no_confirmation", message.must_confirm_at)
        slot = Slot(campaign.name, part.step, best_hour(part.window or EVERY_DAY, who))
        first = self.openings.first(slot, who.zone, max(one.start, who.at))
        if first is None or first[0] >= ends:
            return _stop("expired", "no_opening", part.window_at)
        when = {"at": first[0], "local_date": first[1]}
        if first[0] >= self.until:
            return _stop("deferred", "horizon", part.window_at) | when
        then = replace(who, today=first[1])
        for spec in policy.blocks:
            if part.kind in spec.block.kinds and holds(spec.block.when, then):
                return _stop("suppressed", "blocked", spec.at)
        watched = self._watched(part, who)
        if watched is not None:
            return watched | when
        other = message.otherwise if channel == message.channel else None
        fallback = other if other and self._meets(other, who) else None
        said = Texts(self.program, policy, part, who, one).written(message, channel, fallback, confirm, first[1])
        return said | when if said["outcome"] == "send" else said

    def _watched(self, part: Part, who: Person) -> Row | None:
        """The experiments that keep a customer from entering; whoever has entered goes on."""
        if not part.is_entry:
            return None
        campaign = part.campaign
        share = 0 if part.kind == SERVICE else self.program.brand.control
        if identity.bucket(identity.CONTROL_SALT, who.key) < share * identity.BUCKETS:
            return _stop("control", "global", campaign.at)
        if identity.bucket(identity.holdout_salt(campaign.name), who.key) < campaign.holdout * identity.BUCKETS:
            return _stop("control", "holdout", campaign.at)
        return None

    def _channel(self, message: MessageSpec, who: Person) -> str | None:
        """The first of a message's channels that reaches the customer."""
        channels = [name for name in (message.channel, message.otherwise) if name is not None]
        return next((name for name in channels if self._reaches(name, who)), None)

    def _reaches(self, channel: str, who: Person) -> bool:
        """A task is for the bank's own staff: it reaches them whatever is known of the customer."""
        if channel == TASK:
            return True
        flag = self.program.brand.reach.get(channel)
        if channel in TO_PHONES and who.phone is None:
            return False
        return flag is None or who.fields.get(flag) is True

    def _shared(self, channel: str, who: Person) -> bool:
        """Whether it would go to a phone that is another customer's, of a lower key."""
        return channel in TO_PHONES and who.phone is not None and self.owners[who.phone] < who.key

    def _meets(self, channel: str, who: Person) -> bool:
        """Whether a fallback or a confirmation on the channel comes to this customer, and to nobody else."""
        return self._reaches(channel, who) and not self._shared(channel, who)


def expiry(campaign: CampaignSpec, openings: Openings, zone: str, start: datetime) -> datetime:
    """When it is too late for what started then."""
    end = openings.runs(campaign.name, zone)[1]
    return end if campaign.expire is None else min(end, start + timedelta(microseconds=campaign.expire))


def best_hour(window: Window, who: Person) -> int | None:
    """The hour of the window in which the customer has clicked most often, of equals the earliest; None: no hour of it."""
    if not window.best:
        return None
    clocks = [local(click.at, who.zone) for click in who.events.get(CLICK_EVENT, ())]
    begin, end = window.hours.begin, window.hours.begin + window.hours.length
    hours = Counter(clock.hour for clock in clocks if begin <= clock.hour * 60 + clock.minute < end)
    return min(hours, key=lambda hour: (-hours[hour], hour)) if hours else None


def _left(part: Part, who: Person, one: Occurrence) -> Row | None:
    """Who is no longer meant. Only what is open in the ledger can come here without its audience, or its `if`."""
    if part.is_entry:
        left = [line.at for line in part.campaign.audience if not holds(line.when, who)]
        if left:
            return _stop("expired", "left", left[0])
    elif not goes(part, replace(who, since=one.since or one.start)):
        return _stop("expired", "left", part.at)
    entered = replace(who, since=one.entered or one.start)
    for line in part.campaign.exits:
        if holds(line.when, entered):
            return _stop("expired", "exit", line.at)
    return None


def _needed(policy: PolicySpec, part: Part) -> list[ConsentSpec]:
    """The consents that this campaign and kind of message need."""
    asked = [one for one in policy.consents if part.campaign.sensitive or not one.sensitive]
    return [one for one in asked if part.kind not in one.exempt]


def _arm(campaign: CampaignSpec, who: Person) -> str | None:
    """The arms share the buckets in the order in which they are written."""
    bucket, end = identity.bucket(identity.arm_salt(campaign.name), who.key), Decimal(0)
    for arm in campaign.arms:
        end += arm.share * identity.BUCKETS
        if bucket < end:
            return arm.name
    return None


def _chosen(part: Part, who: Person) -> MessageSpec:
    """The first message whose condition holds, else the one without."""
    for message in part.messages:
        if message.when is not None and holds(message.when, who):
            return message
    return next(message for message in part.messages if message.when is None)


def _stop(outcome: str, reason: str, rule: str) -> Row:
    return {"outcome": outcome, "reason": reason, "rule": rule}
