"""What changed between two programs, in words: one line for each change, in an order that depends on names only.

What has no words of its own here is told by its name, so that no change goes untold.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from dsl.program.ir import CampaignSpec, EventSpec, Part, PolicySpec, Program
from runtime.spoken import Speaker, quoted, share

# A label → what is said of it: a text, or lines that are told one by one.
Facts = Mapping[str, str | tuple[str, ...]]


def changes(old: Program, new: Program, speaker: Speaker) -> list[str]:
    """One line for each change; a single one where both mean the same."""
    if old.hash == new.hash:
        return [speaker.name("nothing changed (only places or order)")]
    return _Comparison(speaker).lines(old, new) or [speaker.name("only the order of what has an order changed")]


class _Comparison:
    def __init__(self, speaker: Speaker) -> None:
        self._say = speaker

    def lines(self, old: Program, new: Program) -> list[str]:
        lists: tuple[tuple[str, str, Callable[[Any], Facts]], ...] = (
            ("campaigns", "campaign", self._campaign),
            ("policies", "policy", self._policy),
            ("customer", "field", lambda one: {"": self._say.field(one)}),
            ("events", "event", self._event),
            ("products", "product", self._rest),
            ("funnels", "funnel", self._rest),
            ("measures", "measure", self._rest),
            ("segments", "customer segment", lambda one: {"": self._say.condition(one.when)}),
        )
        lines = []
        for name, what, facts in lists:
            left, right = ({one.name: one for one in getattr(program, name)} for program in (old, new))
            who = {one: f"{self._say.name(what)} {one}" for one in (*left, *right)}
            lines += [self._say.phrase("{who} added", who=who[one]) for one in sorted(right.keys() - left.keys())]
            lines += [self._say.phrase("{who} removed", who=who[one]) for one in sorted(left.keys() - right.keys())]
            for one in sorted(left.keys() & right.keys()):
                lines += self._compared(who[one], facts(left[one]), facts(right[one]))
        lines += self._compared(self._say.name("brand"), self._rest(old.brand), self._rest(new.brand))
        lines += self._compared(self._say.name("data"), _data(old), _data(new))
        told = {"hash", "brand", "data", *(name for name, _, _ in lists)}
        return lines + self._compared(self._say.name("project"), self._rest(old, told), self._rest(new, told))

    def _compared(self, who: str, old: Facts, new: Facts) -> list[str]:
        lines = []
        for label in dict.fromkeys((*old, *new)):
            left, right = old.get(label, ""), new.get(label, "")
            about = {"who": who, "label": self._say.name(label)}
            if isinstance(left, tuple) or isinstance(right, tuple):
                before, after = Counter(left or ()), Counter(right or ())
                for line in sorted((before - after).elements()):
                    lines.append(self._say.phrase("{who}: {label} removed: {line}", **about, line=line))
                for line in sorted((after - before).elements()):
                    lines.append(self._say.phrase("{who}: {label} added: {line}", **about, line=line))
            elif left != right:
                said = "{who}: {label} {left} → {right}" if label else "{who}: {left} → {right}"
                none = self._say.name("none")
                lines.append(self._say.phrase(said, **about, left=left or none, right=right or none))
        return lines

    def _campaign(self, one: CampaignSpec) -> Facts:
        say = self._say
        said: dict[str, str | tuple[str, ...]] = {
            "title": quoted(one.title),
            "product": one.product or "",
            "kind": one.kind,
            "policy": one.policy,
            "runs": f"{one.begins}..{one.ends}",
            "priority": str(one.priority),
            "audience line": tuple(say.condition(line.when) for line in one.audience),
            "start": say.start(one.start),
            "again": say.phrase("after {days}", days=say.length(one.again)) if one.again is not None else "",
            "expire": say.phrase("after {days}", days=say.length(one.expire)) if one.expire is not None else "",
            "window": say.window(one.window) if one.window else "",
            "cap": say.caps(one.caps),
            "holdout": share(one.holdout),
        }
        order: list[str] = []
        for message in one.messages:
            # Two messages on one condition: the first that holds is taken, so their order is part of their names.
            name = say.addressed(say.channel(message), message)
            again = sum(known == name or known.startswith(f"{name} #") for known in order)
            order.append(f"{name} #{again + 1}" if again else name)
            said[say.phrase("message {channel}", channel=order[-1])] = say.message(message)
        if len(order) > 1:
            said["messages in the order"] = say.name("; ").join(order)
        said |= {say.phrase("step {name}", name=step.name): say.step(step) for step in one.steps}
        for reply in one.replies:
            said[say.phrase("answer to {text}", text=quoted(reply.text))] = say.messages(reply.messages)
        said["exit"] = tuple(say.condition(line.when) for line in one.exits)
        said["confirmation"] = say.messages((one.confirm,)) if one.confirm else ""
        if one.goal:
            event, days = say.selection(one.goal.of), say.length(one.goal.within)
            said["goal"] = say.phrase("{event} within {days}", event=event, days=days)
        told = {
            "begins",
            "ends",
            "caps",
            "messages",
            "name",
            "audience",
            "steps",
            "replies",
            "exits",
            "confirm",
            "goal",
        }
        return said | self._rest(one, {*told, *said})

    def _policy(self, one: PolicySpec) -> Facts:
        say = self._say
        said: Facts = {
            "quiet": tuple(sorted(say.quiet(quiet) for quiet in one.quiet)),
            "consent": tuple(sorted(say.consent(stated) for stated in one.consents)),
            "limit": say.phrase("{count} segments", count=one.limit) if one.limit is not None else "",
            "dated limit": tuple(
                say.dated(say.phrase("{count} segments", count=limit.segments), limit) for limit in one.dated_limits
            ),
            "length": tuple(
                say.dated(say.phrase("{count} characters", count=limit.characters), limit) for limit in one.lengths
            ),
            "ban": tuple(say.ban(stated) for stated in one.bans),
            "cap": say.caps(one.caps),
            "block": tuple(say.block(stated.block) for stated in one.blocks),
        }
        return {
            **said,
            **self._rest(one, {*said, "consents", "dated_limits", "lengths", "bans", "caps", "blocks", "name"}),
        }

    def _event(self, one: EventSpec) -> Facts:
        columns = self._say.phrase("customer in {who}, at in {at}, id in {id}", who=one.customer, at=one.at, id=one.id)
        return {
            "property": tuple(f"{spec.name} {self._say.field(spec)}" for spec in one.properties),
            "columns": columns,
        }

    def _rest(self, one: Part, told: Iterable[str] = ()) -> dict[str, str | tuple[str, ...]]:
        """What has no words of its own, by its name; places left out."""
        skipped = {*told, "at"}
        names = [name for name in type(one).model_fields if name not in skipped and not name.endswith("_at")]
        return {name: self._say.plain(getattr(one, name)) for name in names}


def _data(program: Program) -> Facts:
    return {"zone": program.data.zone, "missing": ", ".join(sorted(program.data.missing))}
