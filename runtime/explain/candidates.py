"""A candidate told gate by gate, beside what the run wrote of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from runtime.explain.asked import clock
from runtime.explain.gates import lines
from runtime.explain.model import Line, Row, Told
from runtime.explain.recorded import Recorded
from runtime.explain.starts import Starts
from runtime.explain.telling import Telling
from runtime.outcomes import KEY
from runtime.reference.plan import Decision

# What tells that the run decided something else. Where lines stand in their files means nothing.
_COMPARED = ("outcome", "reason", "started_at", "at", "local_date", "channel", "arm", "segments", "cost", "send_id")
_MEANT = frozenset({"audience", "if", "unless"})


@dataclass(frozen=True)
class Candidates:
    """`rows`: what the run wrote, by the decision's key."""

    telling: Telling
    starts: Starts
    recorded: Recorded
    rows: Mapping[tuple[str, ...], Row]

    def told(self, decision: Decision) -> Told:
        row, gates, changes = decision.row, list[Line](), list[str]()
        for met in decision.met:
            if met.gate != "send" or row["outcome"] == "send":  # who is refused by a cap had passed until then
                more, changes = lines(self.telling, met, decision)
                gates += more
        if row["reason"] in ("budget", "pace"):
            line, changes = self._limited(decision)
            gates.append(line)
        was = self.rows.get(tuple(row[name] for name in KEY))
        return Told(
            row["campaign"],
            row["step"],
            row["occurrence"],
            row["outcome"],
            row["reason"],
            row["rule"],
            None if row["at"] is None else clock(row["at"], row["zone"]),
            tuple(self._ordered(decision, gates)),
            tuple(changes),
            was,
            was is not None and all(was[name] == row[name] for name in _COMPARED),
        )

    def _ordered(self, decision: Decision, gates: list[Line]) -> list[Line]:
        """A new entry starts where its audience holds, what is due or open is asked whether it is still meant; a send ends it."""
        new = decision.part.is_entry and not decision.one.open
        start = Line("start", True, decision.part.at, self.starts.made(decision))
        meant, sent = ([line for line in gates if line.gate in names] for names in (_MEANT, {"send"}))
        rest = [line for line in gates if line.gate not in _MEANT and line.gate != "send"]
        return [*meant, start, *rest, *sent] if new else [start, *meant, *rest, *sent]

    def _limited(self, decision: Decision) -> tuple[Line, list[str]]:
        """What the run's own sends have taken of a budget or a pace."""
        row, campaign, say = decision.row, decision.part.campaign, self.telling.say
        count, cost, last = self.recorded.spent(campaign.name)
        later = [say("It is looked at again at {time}.", time=clock(row["at"], row["zone"]))] if row["at"] else []
        if row["reason"] == "budget":
            said = (
                "{budget} {currency}: {cost} go to this run's sends ({count}), and the rest is too little for this one"
            )
            sums = {"budget": self._number(campaign.budget), "cost": self._number(cost)}
            said = say(said, count=count, currency=self.telling.program.brand.currency, **sums)
            change = self.telling.speaker.name("It would be sent with a larger budget.")
            return Line("budget", False, campaign.budget_at, said), [change, *later]
        time = clock(last, row["zone"]) if last else ""
        said = say(
            "{pace} a second: this run's sends before it ({count}) last until {time}",
            pace=campaign.pace,
            count=count,
            time=time,
        )
        change = self.telling.speaker.name("It would be sent with a higher pace.")
        return Line("pace", False, campaign.pace_at, said), [change, *later]

    def _number(self, found: Any) -> str:
        return self.telling.asked.shown(found)
