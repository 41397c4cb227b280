"""What explanations are made with, and the gates that ask a condition."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from dsl.behaviour import Condition
from dsl.program.ir import Program
from dsl.program.parts import Part
from runtime.explain.asked import Asked, clock
from runtime.explain.model import Line
from runtime.openings import Openings
from runtime.reference.data import Person
from runtime.reference.plan import Decision
from runtime.spoken import Speaker

Said = tuple[str, list[str]]  # what was found, and the sentences that say what would have changed it


@dataclass(frozen=True)
class Telling:
    """One program, in one language."""

    program: Program
    speaker: Speaker
    asked: Asked
    openings: Openings

    def say(self, phrase: str, **gaps: object) -> str:
        return self.speaker.phrase(phrase, **gaps)

    def time(self, instant: datetime, decision: Decision) -> str:
        return clock(instant, decision.who.zone)

    def condition(
        self, gate: str, rule: str, test: Condition, who: Person, wanted: bool = True
    ) -> tuple[Line, list[str]]:
        """A condition that has to hold, or must not; what would turn it."""
        shown = self.asked.test(test, who)
        said = shown.test if not shown.met else self.say("{test}: {met}", test=shown.test, met=shown.met)
        changes = [change.said for change in self.asked.changes(test, who, wanted)]
        return Line(gate, shown.holds == wanted, rule, said, shown.tests), changes

    def goes(self, part: Part, who: Person) -> tuple[list[Line], list[str]]:
        """A step's `if` and `unless`."""
        lines, changes = [], []
        for gate, test, wanted in (("if", part.provided, True), ("unless", part.unless, False)):
            if test is not None:
                line, more = self.condition(gate, part.at, test, who, wanted)
                lines.append(line)
                changes += more
        return lines, changes

    def passing(self, changes: Iterable[str]) -> list[str]:
        """The sentence that says what all would have to be otherwise."""
        said = self.speaker.name(", and ").join(changes)
        return [self.say("It would pass if {changes}.", changes=said)] if said else []
