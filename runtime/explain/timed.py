"""The gates that ask for the time, and those that draw lots."""

from __future__ import annotations

from decimal import Decimal

from dsl import identity
from dsl.terms import EVERY_DAY
from runtime.explain.telling import Said, Telling
from runtime.reference.met import Met
from runtime.reference.plan import Decision
from runtime.spoken import share


def late(of: Telling, met: Met, decision: Decision) -> Said:
    time = of.time(met.found["ends"], decision)
    said = of.say("until {time}" if met.decided is None else "its time ended at {time}", time=time)
    return said, [of.say("A run before {time} would have been in time.", time=time)]


def opening(of: Telling, met: Met, decision: Decision) -> Said:
    first, ends = met.found["first"], of.time(met.found["ends"], decision)
    window = of.speaker.window(decision.part.window or EVERY_DAY)
    if first is None:
        said = of.say("window {window} does not open any more before the campaign ends", window=window)
        return said, [of.say("It would pass with a window that opens before {time}.", time=ends)]
    opens = of.time(first[0], decision)
    if met.decided is None:
        return of.say("{time}, window {window}", time=opens, window=window), []
    said = of.say("window {window} opens at {time}, and its time ends at {then}", window=window, time=opens, then=ends)
    change = "It would pass with a window that opens before {time}, or if its time did not end before {then}."
    return said, [of.say(change, time=ends, then=opens)]


def horizon(of: Telling, met: Met, decision: Decision) -> Said:
    first, until = (of.time(at, decision) for at in (met.found["first"][0], met.found["until"]))
    if met.decided is None:
        return of.say("before the run's end, {time}", time=until), []
    change = of.say("A run that reaches beyond {time} would look further.", time=first)
    return of.say("{then} lies behind the run's end, {time}", then=first, time=until), [change]


def drawn(of: Telling, met: Met, decision: Decision) -> Said:
    part, bucket = met.found["share"], met.found["bucket"]
    if not part:
        return "", []
    said = "number {bucket} of {count} is drawn by the key; the first {share} get nothing"
    most = share(Decimal(bucket) / identity.BUCKETS) or "0%"
    change = of.say(
        "Only a share of at most {share} would let it through: the draw hangs on the customer's key alone.", share=most
    )
    return of.say(said, bucket=bucket, count=identity.BUCKETS, share=share(part)), [change]
