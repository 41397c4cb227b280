"""The gates that ask whether somebody may be written to, and where."""

from __future__ import annotations

from dsl.catalog import TASK, TO_PHONES
from dsl.render.filters import mask
from runtime.explain.telling import Said, Telling
from runtime.reference.data import Person
from runtime.reference.met import Met
from runtime.reference.plan import Decision
from runtime.spoken import quoted


def consent(of: Telling, met: Met, decision: Decision) -> Said:
    field = met.found["consent"].field
    found = of.asked.shown(decision.who.fields.get(field))
    change = of.asked.were(field, of.speaker.name("yes"), found)
    return of.say("{field} is {value}", field=field, value=found), of.passing([change])


def opted_out(of: Telling, met: Met, decision: Decision) -> Said:
    events = met.found["events"]
    if not events:
        return of.speaker.name("never"), []
    change = of.speaker.name("Nothing changes it: who has opted out is not written to.")
    return of.say("on {time}", time=of.time(events[0].at, decision)), [change]


def address(of: Telling, met: Met, decision: Decision) -> Said:
    message, channel = met.found["message"], met.found["channel"]
    if channel == TASK:
        return of.say("a task of {who}", who=quoted(message.to or "")), []
    if channel is not None:
        to = str(mask(decision.who.phone)) if channel in TO_PHONES else decision.who.key
        return of.say("{channel} to {who}", channel=channel, who=to), []
    ways = [one for one in (message.channel, message.otherwise) if one is not None]
    lacks = [_lacks(of, channel, decision.who) for channel in ways]
    said = of.speaker.name("; ").join(of.speaker.listed(is_ for is_, _ in one) for one in lacks)
    return said, of.passing(change for _, change in min(lacks, key=len))


def shared(of: Telling, met: Met, decision: Decision) -> Said:
    if met.found["channel"] not in TO_PHONES:
        return "", []
    if met.decided is None:
        return of.speaker.name("nobody with a lower key has the phone"), []
    said = "{phone} is the phone of {owner} too, whose key is lower"
    change = "It would pass with a phone of their own: of several who share one, only the lowest key is written to."
    gaps = {"phone": mask(decision.who.phone), "owner": met.found["owner"]}
    return of.say(said, **gaps), [of.speaker.name(change)]


def confirmation(of: Telling, met: Met, decision: Decision) -> Said:
    confirm = met.found["confirm"]
    if confirm is None:
        change = of.speaker.name("It would pass with a `confirm` that reaches the customer.")
        return of.speaker.name("the campaign states none"), [change]
    if met.decided is None:
        return of.say("by {channel}", channel=confirm.channel), []
    lacks = _lacks(of, confirm.channel, decision.who)
    if not lacks:  # the phone is somebody else's
        return shared(of, Met("shared", "", {"channel": confirm.channel, "owner": met.found["owner"]}, {}), decision)
    said = of.speaker.listed(is_ for is_, _ in lacks)
    return of.say("{channel}: {test}", channel=confirm.channel, test=said), of.passing(change for _, change in lacks)


def _lacks(of: Telling, channel: str, who: Person) -> list[tuple[str, str]]:
    """What is missing before a channel reaches the customer: how it is, and how it would have to be."""
    flag, found = of.program.brand.reach.get(channel), []
    if channel in TO_PHONES and who.phone is None:
        phone, missing = (
            next((spec.name for spec in of.program.customer if spec.base == "phone"), "phone"),
            of.asked.shown(None),
        )
        found.append(
            (
                of.say("{field} is {value}", field=phone, value=missing),
                of.asked.were(phone, of.speaker.name("known"), missing),
            )
        )
    if flag is not None and who.fields.get(flag) is not True:
        shown = of.asked.shown(who.fields.get(flag))
        found.append(
            (of.say("{field} is {value}", field=flag, value=shown), of.asked.were(flag, of.speaker.name("yes"), shown))
        )
    return found
