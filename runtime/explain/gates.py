"""Gates as sentences: what was found at each, and where it stops a candidate the smallest change that would let it through."""

from __future__ import annotations

from collections.abc import Callable

from runtime.explain import reached, sent, timed
from runtime.explain.model import Line
from runtime.explain.telling import Said, Telling
from runtime.reference.met import Met
from runtime.reference.plan import Decision

# Each of the interpreter's gates that asks no condition. What one says may be nothing: then it gets no line.
_SAID: dict[str, Callable[[Telling, Met, Decision], Said]] = {
    "late": timed.late,
    "consent": reached.consent,
    "opted_out": reached.opted_out,
    "address": reached.address,
    "shared": reached.shared,
    "confirmation": reached.confirmation,
    "opening": timed.opening,
    "horizon": timed.horizon,
    "global": timed.drawn,
    "holdout": timed.drawn,
    "segments": sent.length,
    "characters": sent.characters,
    "words": sent.words,
    "cap": sent.cap,
    "send": sent.send,
}


def lines(of: Telling, met: Met, decision: Decision) -> tuple[list[Line], list[str]]:
    """A gate as lines, and the changes where it stops."""
    passed, found = met.decided is None or met.gate == "send", met.found
    if met.gate == "goes":
        several, changes = of.goes(found["part"], found["who"])
    elif met.gate in ("audience", "exit", "block"):
        test = found["block"].when if met.gate == "block" else found["test"]
        line, changes = of.condition(met.gate, met.rule, test, found["who"], wanted=met.gate == "audience")
        several = [line]
    else:
        said, sentences = _SAID[met.gate](of, met, decision)
        return [Line(met.gate, passed, met.rule, said)] if said else [], [] if passed else sentences
    return several, [] if passed else of.passing(changes)
