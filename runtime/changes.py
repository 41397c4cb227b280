"""What changed between two programs, in words: one line for each change, in an order that depends on names only.

What has no words of its own here is told by its name, so that no change goes untold.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from dsl.program.ir import CampaignSpec, EventSpec, Part, PolicySpec, Program
from runtime.spoken import (
    ban,
    caps,
    condition,
    consent,
    dates,
    field,
    hours,
    length,
    message,
    plain,
    quoted,
    selection,
    share,
    spoken,
    start,
    step,
    window,
)

NOTHING = "nothing changed (only places or order)"
# A label → what is said of it: a text, or lines that are told one by one.
Facts = Mapping[str, str | tuple[str, ...]]


def changes(old: Program, new: Program) -> list[str]:
    """One line for each change; NOTHING alone where both mean the same."""
    if old.hash == new.hash:
        return [NOTHING]
    lists: tuple[tuple[str, str, Callable[[Any], Facts]], ...] = (
        ("campaigns", "campaign", _campaign),
        ("policies", "policy", _policy),
        ("customer", "field", lambda one: {"": field(one)}),
        ("events", "event", _event),
        ("products", "product", _rest),
        ("funnels", "funnel", _rest),
    )
    lines = []
    for name, what, facts in lists:
        left, right = ({one.name: one for one in getattr(program, name)} for program in (old, new))
        lines += [f"{what} {one} added" for one in sorted(right.keys() - left.keys())]
        lines += [f"{what} {one} removed" for one in sorted(left.keys() - right.keys())]
        for one in sorted(left.keys() & right.keys()):
            lines += _compared(f"{what} {one}", facts(left[one]), facts(right[one]))
    lines += _compared("brand", _rest(old.brand), _rest(new.brand)) + _compared("data", _data(old), _data(new))
    told = {"hash", "brand", "data", *(name for name, _, _ in lists)}
    lines += _compared("project", _rest(old, told), _rest(new, told))
    return lines or ["only the order of what has an order changed"]


def _compared(who: str, old: Facts, new: Facts) -> list[str]:
    lines = []
    for label in dict.fromkeys((*old, *new)):
        left, right = old.get(label, ""), new.get(label, "")
        if isinstance(left, tuple) or isinstance(right, tuple):
            before, after = Counter(left or ()), Counter(right or ())
            lines += [f"{who}: {label} removed: {line}" for line in sorted((before - after).elements())]
            lines += [f"{who}: {label} added: {line}" for line in sorted((after - before).elements())]
        elif left != right:
            lines.append(f"{who}:{f' {label}' if label else ''} {left or 'none'} → {right or 'none'}")
    return lines


def _campaign(one: CampaignSpec) -> Facts:
    said: dict[str, str | tuple[str, ...]] = {
        "title": quoted(one.title),
        "product": one.product or "",
        "kind": one.kind,
        "policy": one.policy,
        "runs": f"{one.begins}..{one.ends}",
        "priority": str(one.priority),
        "audience line": tuple(condition(line.when) for line in one.audience),
        "start": start(one.start),
        "again": f"after {length(one.again)}" if one.again is not None else "",
        "expire": f"after {length(one.expire)}" if one.expire is not None else "",
        "window": window(one.window) if one.window else "",
        "cap": caps(one.caps),
        "holdout": share(one.holdout),
    }
    for said_by in one.messages:
        when = f" when {condition(said_by.when)}" if said_by.when else ""
        # Two messages on one condition: the first that holds is taken, so their order is part of their names.
        label = f"message {said_by.channel}{f' else {said_by.otherwise}' if said_by.otherwise else ''}{when}"
        again = sum(known == label or known.startswith(f"{label} #") for known in said)
        said[f"{label} #{again + 1}" if again else label] = message(said_by)
    order = [label for label in said if label.startswith("message ")]
    if len(order) > 1:
        said["messages in the order"] = "; ".join(label.removeprefix("message ") for label in order)
    said |= {f"step {one_.name}": step(one_) for one_ in one.steps}
    said |= {f"answer to {quoted(reply.text)}": spoken(reply.messages) for reply in one.replies}
    said["exit"] = tuple(condition(line.when) for line in one.exits)
    said["confirmation"] = spoken((one.confirm,)) if one.confirm else ""
    said["goal"] = f"{selection(one.goal.of)} within {length(one.goal.within)}" if one.goal else ""
    told = {"title", "begins", "ends", "caps", "messages", "name", "audience", "steps", "replies", "exits", "confirm"}
    return said | _rest(one, {*told, *said})


def _policy(one: PolicySpec) -> Facts:
    said: Facts = {
        "quiet": tuple(sorted(hours(quiet.hours) + dates(quiet) for quiet in one.quiet)),
        "consent": tuple(sorted(consent(stated) for stated in one.consents)),
        "limit": f"{one.limit} segments" if one.limit is not None else "",
        "dated limit": tuple(f"{limit.segments} segments{dates(limit)}" for limit in one.dated_limits),
        "ban": tuple(ban(stated) for stated in one.bans),
        "cap": caps(one.caps),
    }
    return {**said, **_rest(one, {"quiet", "consents", "limit", "dated_limits", "bans", "caps", "name"})}


def _event(one: EventSpec) -> Facts:
    columns = f"customer in {one.customer}, at in {one.at}, id in {one.id}"
    return {"property": tuple(f"{spec.name} {field(spec)}" for spec in one.properties), "columns": columns}


def _data(program: Program) -> Facts:
    return {"zone": program.data.zone, "missing": ", ".join(sorted(program.data.missing))}


def _rest(one: Part, told: Iterable[str] = ()) -> dict[str, str | tuple[str, ...]]:
    """What has no words of its own, by its name; places left out."""
    skipped = {*told, "at"}
    names = [name for name in type(one).model_fields if name not in skipped and not name.endswith("_at")]
    return {name: plain(getattr(one, name)) for name in names}
