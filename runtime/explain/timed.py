"""The gates that ask for the time, and those that draw lots."""

from __future__ import annotations

from decimal import Decimal

from dsl import identity
from dsl.quantities import canonical
from dsl.terms import EVERY_DAY
from runtime.explain.telling import Said, Telling
from runtime.reference.hours import Learned
from runtime.reference.met import Met
from runtime.reference.plan import Decision
from runtime.response import CLICK, scores
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
    opens, best = of.time(first[0], decision), met.found["best"]
    if met.decided is None:
        said = of.say("{time}, window {window}", time=opens, window=window)
        return f"{said}{of.speaker.name('; ')}{_why(of, best)}" if best else said, []
    said = of.say("window {window} opens at {time}, and its time ends at {then}", window=window, time=opens, then=ends)
    change = "It would pass with a window that opens before {time}, or if its time did not end before {then}."
    return said, [of.say(change, time=ends, then=opens)]


def _why(of: Telling, best: Learned) -> str:
    """Why this hour is the customer's: the points that it has, what they are made of, and those of the next one."""
    points = best.response.points
    product = best.response.product or of.speaker.name("all campaigns")
    if best.hour is None:
        return of.say("no hour of it is known to be better: no own click in it, and none of {product}", product=product)
    found = scores(best.own, points)
    own = of.speaker.many(best.own.get(best.hour, 0), "own click")
    sent, clicked = best.response.counts.get(best.hour, (0, 0))
    made: dict[str, object] = {"hour": _clock(best.hour), "points": _shown(found.pop(best.hour)), "own": own}
    if points:
        made |= {"more": _shown(points[best.hour]), "clicked": clicked, "sent": sent, "product": product}
        said = "best is {hour} with {points} points: {own}, and {more} for {clicked} clicked of {sent} messages of {product}"
    else:
        said = "best is {hour} with {points} points: {own}"
    said = of.say(said, **made)
    if not found:
        return said
    second = min(found, key=lambda hour: (-found[hour], hour))
    return of.say("{said}; next is {hour} with {points}", said=said, hour=_clock(second), points=_shown(found[second]))


def _clock(hour: int) -> str:
    return f"{hour:02}:00"


def _shown(points: int) -> str:
    return canonical(Decimal(points) / CLICK)


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
