"""A comparison in words: what does better than what, by how much, or how many people are still needed to tell."""

from __future__ import annotations

import math

from runtime.experiments.model import Comparison, Experiment, Group
from runtime.spoken import Speaker

_FINEST = 6  # places of a percentage point


def verdict(campaign: str, experiment: Experiment, one: Comparison, speaker: Speaker) -> str:
    """As `renovation_spring: arm speed does better than price: +0.8 to +2.1 points`."""
    return f"{campaign}{speaker.name(': ')}{finding(experiment, one, speaker)}"


def finding(experiment: Experiment, one: Comparison, speaker: Speaker) -> str:
    """The same, where it is known which campaign it is of."""
    mine, theirs = named(experiment, one.group, speaker), named(experiment, one.against, speaker)
    if experiment.kind == "arms":
        mine = speaker.phrase("arm {name}", name=mine)
    said = speaker.phrase("{group} against {other}", group=mine, other=theirs)
    if one.verdict == "cannot tell":
        return f"{said}{speaker.name(': ')}{_untold(experiment, one, speaker)}"
    pattern = "{group} does better than {other}" if one.verdict == "better" else "{group} does worse than {other}"
    said = speaker.phrase(pattern, group=mine, other=theirs)
    low, high = points(one)
    by = speaker.phrase("{low} to {high} points", low=low, high=high)
    return f"{said}{speaker.name(': ')}{by}"


def named(experiment: Experiment, group: str, speaker: Speaker) -> str:
    """Arms have names of the user's; `treated`, `holdout` and `control` are words of Camp's."""
    return group if experiment.kind == "arms" else speaker.name(group)


def points(one: Comparison) -> tuple[str, str]:
    """Both bounds in percentage points, as finely as they lie apart, and never 0 where zero is left out."""
    width = 100 * (one.high - one.low)
    places = min(max(1, 1 - math.floor(math.log10(width))), _FINEST) if width > 0 else 1
    ends = (100 * one.low, 100 * one.high)
    while places < _FINEST and one.low * one.high > 0 and any(round(end, places) == 0 for end in ends):
        places += 1
    return f"{_rounded(ends[0], places):+.{places}f}", f"{_rounded(ends[1], places):+.{places}f}"


def people(count: int) -> str:
    """Two digits that count, rounded up: the rest would only look exact."""
    step = 10 ** max(0, len(str(count)) - 2)
    return f"{-(-count // step) * step:,}"


def _untold(experiment: Experiment, one: Comparison, speaker: Speaker) -> str:
    groups = {group.name: group for group in experiment.groups}
    mine, theirs = groups[one.group], groups[one.against]
    if not experiment.ratio.fine:
        sizes = (_size(experiment, group, speaker) for group in experiment.groups)
        return speaker.phrase(
            "cannot tell, the groups are not as large as planned: {sizes}", sizes=speaker.listed(sizes)
        )
    if not mine.people or not theirs.people:
        return speaker.name("cannot tell yet: nobody's time to reach the goal is over in one of them")
    if not mine.reached and not theirs.reached:
        return speaker.name("cannot tell yet: nobody has reached the goal")
    if not one.lift:
        return speaker.name("cannot tell yet: no difference so far")
    if one.more is None:
        return speaker.name("cannot tell: the difference so far is too small for any number of people")
    if mine.share == theirs.share:
        more = "{count} more per arm" if experiment.kind == "arms" else "{count} more per group"
        return speaker.phrase("cannot tell yet: {more}", more=speaker.phrase(more, count=people(one.more)))
    smaller = named(experiment, min(mine, theirs, key=lambda group: group.share).name, speaker)
    more = speaker.phrase("{count} more in {group}", count=people(one.more), group=smaller)
    return speaker.phrase("cannot tell yet: {more}", more=more)


def _size(experiment: Experiment, group: Group, speaker: Speaker) -> str:
    everyone = sum(one.people for one in experiment.groups)
    planned = round(everyone * group.share / sum(one.share for one in experiment.groups))
    name = named(experiment, group.name, speaker)
    return speaker.phrase(
        "{group} {count} for {planned}", group=name, count=f"{group.people:,}", planned=f"{planned:,}"
    )


def _rounded(value: float, places: int) -> float:
    """Without a minus before nothing."""
    return round(value, places) + 0.0
