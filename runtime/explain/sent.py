"""The gates that ask what would be sent, and what the customer has had already."""

from __future__ import annotations

from datetime import timedelta

from dsl.quantities import canonical
from runtime.explain.telling import Said, Telling
from runtime.reference.caps import full, stretches
from runtime.reference.met import Met
from runtime.reference.plan import Decision
from runtime.spoken import quoted

_FAR = 400  # days within which a day is looked for on which a cap would let one more through


def length(of: Telling, met: Met, decision: Decision) -> Said:
    size, most = (of.speaker.many(met.found[name], "segment") for name in ("size", "most"))
    change = of.say("It would pass with a text of at most {limit}.", limit=most)
    return of.say("{size}, at most {limit}", size=size, limit=most), [change]


def characters(of: Telling, met: Met, decision: Decision) -> Said:
    size, most = (of.speaker.many(met.found[name], "character") for name in ("size", "most"))
    change = of.say("It would pass with a text of at most {limit}.", limit=most)
    return of.say("{size}, at most {limit}", size=size, limit=most), [change]


def words(of: Telling, met: Met, decision: Decision) -> Said:
    if met.decided is None:
        return "", []  # there are many lists of words: one of which none is found is not worth a line
    found = of.speaker.listed(quoted(word) for word in dict.fromkeys(met.found["words"]))
    said = of.say("{words} in the text, banned because {reason}", words=found, reason=quoted(met.found["ban"].because))
    return said, [of.say("It would pass without {words}.", words=found)]


def cap(of: Telling, met: Met, decision: Decision) -> Said:
    cap, one, others = (met.found[name] for name in ("cap", "one", "others"))
    fullest = max(stretches(cap, one.day, others), key=lambda there: len(there))
    fullest = sorted(fullest, key=lambda other: other.day)
    sends = [of.say("{campaign} on {day}", campaign=other.campaign, day=other.day) for other in fullest]
    shown = of.speaker.listed(sends) if sends else of.speaker.name("none so far")
    said = of.say("at most {cap}: {sends}", cap=of.speaker.cap(cap), sends=shown)
    if met.decided is None:
        return said, []
    days = (one.day + timedelta(days=ahead) for ahead in range(1, _FAR))
    free = next((day for day in days if not full(cap, day, others) and day <= decision.part.campaign.ends), None)
    fewer = "It would be sent with {count} of these fewer."
    later = "It would be sent with {count} of these fewer, or from {day} on."
    return said, [of.say(fewer if free is None else later, count=len(fullest) - cap.count + 1, day=free)]


def send(of: Telling, met: Met, decision: Decision) -> Said:
    row, currency = decision.row, of.program.brand.currency
    said = [of.say("by {channel} at {time}", channel=row["channel"], time=of.time(row["at"], decision))]
    said += [of.speaker.many(row["segments"], "segment")] if row["segments"] is not None else []
    said += [f"{canonical(row['cost'])} {currency}"] if row["cost"] is not None else []
    return of.say("{said}: {text}", said=of.speaker.listed(said), text=quoted(row["text"])), []
