"""Policies that extend policies: hours intersect, caps take the least, requirements and bans unite."""

from __future__ import annotations

from dataclasses import replace

from dsl import packs
from dsl.model import Placed, Policy, Required
from dsl.resolve.scope import Scope
from dsl.rules import names


def extended(own: dict[str, Policy], scopes: dict[str, Scope]) -> dict[str, Policy]:
    """Each policy with everything that it extends, all the way up; one that extends itself is told, and stays as it is."""
    whole: dict[str, Policy] = {}
    opened: list[str] = []

    def build(name: str) -> Policy:
        if name in whole:
            return whole[name]
        policy, scope = own[name], scopes[name]
        if name in opened:
            scope.tell(names.segment_in_itself(policy.place, name, "policy"))
            return policy
        opened.append(name)
        bases = []
        for base in policy.extends:
            if base.value in own:
                bases.append(build(base.value))
            else:
                scope.unknown("policy", base.value, base.place.span, [*own, *packs.policies()])
        opened.pop()
        whole.setdefault(name, _merged(policy, bases))
        return whole[name]

    for name in own:
        build(name)
    return whole


def _merged(own: Policy, bases: list[Policy]) -> Policy:
    """What is forbidden by any is forbidden: every quiet hour, consent, cap, ban and block binds, and the least limit."""
    every = [own, *bases]
    marks = next((policy for policy in every if policy.marks_stated), own)
    return replace(
        own,
        quiet=tuple(dict.fromkeys(quiet for policy in every for quiet in policy.quiet)),
        required=_united([one for policy in every for one in policy.required]),
        consents=tuple(dict.fromkeys(consent for policy in every for consent in policy.consents)),
        bans=tuple(dict.fromkeys(ban for policy in every for ban in policy.bans)),
        limits=tuple(dict.fromkeys(limit for policy in every for limit in policy.limits)),
        caps=tuple(dict.fromkeys(cap for policy in every for cap in policy.caps)),
        marks=marks.marks,
        marks_stated=marks.marks_stated,
        blocks=tuple(dict.fromkeys(block for policy in every for block in policy.blocks)),
        jurisdiction=next((policy.jurisdiction for policy in every if policy.jurisdiction), ""),
        vendor=next((policy.vendor for policy in every if policy.vendor), ""),
        words=tuple({one.value: one for policy in reversed(every) for one in policy.words}.values()),
        longest=tuple(dict.fromkeys(one for policy in every for one in policy.longest)),
        links=tuple(dict.fromkeys(one for policy in every for one in policy.links)),
        refusals=tuple(dict.fromkeys(one for policy in every for one in policy.refusals)),
        records=tuple({one.value[0]: one for policy in reversed(every) for one in policy.records}.values()),
    )


def _united(required: list[Placed[Required]]) -> tuple[Placed[Required], ...]:
    """Each requirement once; one that weighs less or holds for some days only does not take the place of one that binds."""
    found: dict[object, Placed[Required]] = {}
    for one in required:
        found.setdefault((one.value, one.note.severity, one.note.since, one.note.until), one)
    always = {one.value for one in found.values() if one.note.binds}
    return tuple(one for one in found.values() if one.note.binds or one.value not in always)
