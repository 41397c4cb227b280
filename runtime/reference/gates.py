"""What a candidate meets before the caps: the first gate that stops it is its outcome."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from dsl import identity
from dsl.catalog import OPT_OUT_EVENT, SERVICE, TASK, TO_PHONES
from dsl.identity import LinkKey
from dsl.program.ir import CampaignSpec, ConsentSpec, MessageSpec, PolicySpec, Program
from dsl.program.parts import Part
from runtime.openings import Openings, Slot
from runtime.outcomes import COLUMNS
from runtime.reference.conditions import holds
from runtime.reference.data import Person, recipient
from runtime.reference.follow import goes
from runtime.reference.hours import learned
from runtime.reference.met import Met, gate
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
    key: LinkKey

    def decide(self, part: Part, who: Person, one: Occurrence) -> tuple[Row, list[Met]]:
        """The candidate's row, and the gates up to the one that decided. Who passes all gets a `send` until caps have seen it."""
        campaign = part.campaign
        row: Row = dict.fromkeys(COLUMNS)
        row |= {"campaign": campaign.name, "step": part.step, "customer": who.key, "occurrence": one.name}
        row |= {"started_at": one.start, "decided_at": who.at, "zone": who.zone, "recipient": None}
        who = replace(who, arm=_arm(campaign, who))
        message = _chosen(part, who)
        channel = self.channel(message, who)
        way = channel or message.channel
        row |= {"kind": part.kind, "channel": way, "arm": who.arm, "recipient": recipient(way, who.phone, who.key)}
        met: list[Met] = []
        for one_met in self._gates(part, who, one, message, channel):
            met.append(one_met)
            if one_met.decided is not None:
                return row | one_met.decided, met
        raise AssertionError("whoever passes every gate is sent to")

    def _gates(
        self, part: Part, who: Person, one: Occurrence, message: MessageSpec, channel: str | None
    ) -> Iterator[Met]:
        """In the order in which they are met. Behind one that decides nothing is asked."""
        campaign = part.campaign
        policy = next(policy for policy in self.program.policies if policy.name == campaign.policy)
        yield from _meant(part, who, one)
        ends = expiry(campaign, self.openings, who.zone, one.start)
        yield gate("late", campaign.expire_at, who.at >= ends, "expired", "late", start=one.start, ends=ends)
        for consent in _needed(policy, part):
            if consent.in_force(who.today):
                given = who.fields.get(consent.field) is True
                yield gate("consent", consent.at, not given, "suppressed", "no_consent", consent=consent)
        gone = who.events.get(OPT_OUT_EVENT, ())
        yield gate("opted_out", campaign.at, bool(gone), "suppressed", "opted_out", events=gone)
        nowhere = channel is None
        yield gate("address", campaign.at, nowhere, "suppressed", "no_address", message=message, channel=channel)
        assert channel is not None
        shared, owner = self._shared(channel, who), self.owners.get(who.phone or "")
        yield gate("shared", campaign.at, shared, "suppressed", "duplicate_address", channel=channel, owner=owner)
        confirm = part.confirm if part.confirm and self._meets(part.confirm.channel, who) else None
        if message.must_confirm:
            rule, wanted = message.must_confirm_at, part.confirm
            yield gate(
                "confirmation", rule, confirm is None, "suppressed", "no_confirmation", confirm=wanted, owner=owner
            )
        best = learned(campaign, part.window, who)
        slot = Slot(campaign.name, part.step, best.hour if best else None)
        first = self.openings.first(slot, who.zone, max(one.start, who.at))
        closed = first is None or first[0] >= ends
        yield gate("opening", part.window_at, closed, "expired", "no_opening", first=first, ends=ends, best=best)
        assert first is not None
        when = {"at": first[0], "local_date": first[1]}
        late = first[0] >= self.until
        yield gate("horizon", part.window_at, late, "deferred", "horizon", when, first=first, until=self.until)
        then = replace(who, today=first[1])
        for spec in policy.blocks:
            if part.kind in spec.block.kinds:
                blocked = holds(spec.block.when, then)
                yield gate("block", spec.at, blocked, "suppressed", "blocked", block=spec.block, who=then)
        if part.is_entry:
            yield from self._experiments(part, who, when)
        other = message.otherwise if channel == message.channel else None
        fallback = other if other and self._meets(other, who) else None
        yield from Texts(self.program, policy, part, who, one, self.key).gates(
            message, channel, fallback, confirm, when
        )

    def _experiments(self, part: Part, who: Person, when: Row) -> Iterator[Met]:
        """What keeps a customer from entering; whoever has entered goes on."""
        campaign = part.campaign
        shares = (
            ("global", identity.CONTROL_SALT, Decimal(0) if part.kind == SERVICE else self.program.brand.control),
            ("holdout", identity.holdout_salt(campaign.name), campaign.holdout),
        )
        for reason, salt, share in shares:
            bucket = identity.bucket(salt, who.key)
            inside = bucket < share * identity.BUCKETS
            yield gate(reason, campaign.at, inside, "control", reason, when, bucket=bucket, share=share)

    def channel(self, message: MessageSpec, who: Person) -> str | None:
        """The first of a message's channels that reaches the customer."""
        channels = [name for name in (message.channel, message.otherwise) if name is not None]
        return next((name for name in channels if self.reaches(name, who)), None)

    def reaches(self, channel: str, who: Person) -> bool:
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
        return self.reaches(channel, who) and not self._shared(channel, who)


def expiry(campaign: CampaignSpec, openings: Openings, zone: str, start: datetime) -> datetime:
    """When it is too late for what started then."""
    end = openings.runs(campaign.name, zone)[1]
    return end if campaign.expire is None else min(end, start + timedelta(microseconds=campaign.expire))


def _meant(part: Part, who: Person, one: Occurrence) -> Iterator[Met]:
    """Who is no longer meant. Only what is open in the ledger can come here without its audience, or its `if`."""
    if part.is_entry:
        for line in part.campaign.audience:
            yield gate("audience", line.at, not holds(line.when, who), "expired", "left", test=line.when, who=who)
    else:
        since = replace(who, since=one.since or one.start)
        yield gate("goes", part.at, not goes(part, since), "expired", "left", part=part, who=since)
    entered = replace(who, since=one.entered or one.start)
    for line in part.campaign.exits:
        yield gate("exit", line.at, holds(line.when, entered), "expired", "exit", test=line.when, who=entered)


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
