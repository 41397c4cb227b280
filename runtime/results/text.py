"""A report as lines of text: the campaigns in numbers, where people are lost, measures, and what experiments have shown."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from runtime.columns import aligned
from runtime.experiments.words import verdict
from runtime.results.model import CampaignResult, Measured, Report, Share, Totals, Way
from runtime.spoken import Speaker

# Of totals, with what each is called.
_HEADS = {
    **{name: name for name in ("sent", "delivered", "clicked", "replied")},
    "opted_out": "opted out",
    "held_out": "held out",
    "goals": "goals",
    "cost": "cost",
    "cost_per_goal": "cost per goal",
}
_OWN = ("sent", "delivered", "clicked")  # any other stage has a name of the user's


def lines(report: Report, speaker: Speaker) -> Iterator[str]:
    said = "{brand}, {since} to {until}: {sent} messages, {goals} goals"
    span = {"since": f"{report.since:%Y-%m-%d %H:%M}", "until": f"{report.until:%Y-%m-%d %H:%M}"}
    counts = {"sent": f"{report.totals.sent:,}", "goals": _count(report.totals.goals)}
    yield speaker.phrase(said, brand=report.brand, **span, **counts)
    told = [one for one in report.campaigns if one.totals.planned or one.totals.held_out]
    if not told:
        return
    yield ""
    rows = [[speaker.name("campaign"), *map(speaker.name, _HEADS.values())]]
    rows += [[one.name, *_row(one.totals)] for one in told]
    (head, *inner, last), rule = aligned([*rows, [speaker.name("total"), *_row(report.totals)]])
    yield from (head, rule, *inner, rule, last)
    for title, make in (("Where most are lost", _drops), ("Measures", _measures), ("Experiments", _experiments)):
        found = [line for one in told for line in make(one, report, speaker)]
        if found:
            yield ""
            yield speaker.name(title)
            yield from (f"  {line}" for line in found)


def _row(totals: Totals) -> list[str]:
    return [_count(getattr(totals, name)) for name in _HEADS]


def _count(value: int | Decimal | None) -> str:
    return "–" if value is None else f"{value:,.2f}" if isinstance(value, Decimal) else f"{value:,}"


def _drops(one: CampaignResult, report: Report, speaker: Speaker) -> Iterator[str]:
    for way in one.ways:
        if way.by == "all" and way.drop is not None:
            yield drop(one.name, way, speaker)


def drop(campaign: str, way: Way, speaker: Speaker) -> str:
    """The largest loss of a funnel, with the bounds of its share."""
    assert way.drop is not None
    before, after = way.stages[way.drop - 1], way.stages[way.drop]
    assert after.kept is not None
    lost = 1 - after.kept.count / after.kept.of
    said = "{campaign}: {lost} of {of} are lost between {before} and {after}: {share} (95%: {low} to {high})"
    return speaker.phrase(
        said,
        campaign=f"{campaign} ({way.title})" if way.title else campaign,
        lost=f"{before.reached - after.reached:,}",
        of=f"{before.reached:,}",
        before=_name(before.title, speaker),
        after=_name(after.title, speaker),
        share=_percent(lost),
        low=_percent(1 - after.kept.high),
        high=_percent(1 - after.kept.low),
    )


def _measures(one: CampaignResult, report: Report, speaker: Speaker) -> Iterator[str]:
    for measured in one.measures:
        if measured.share or measured.count:
            yield f"{one.name} {measured.title}: {_measured(measured, report, speaker)}"


def _measured(one: Measured, report: Report, speaker: Speaker) -> str:
    if one.share:
        return _share(one.share, speaker)
    cost = f"{_count(one.cost_each)} {report.currency}"
    return speaker.phrase("{count}, {cost} each", count=f"{one.count:,}", cost=cost)


def _share(one: Share, speaker: Speaker) -> str:
    said = "{share}, {count} of {of} (95%: {low} to {high})"
    counts = {"count": f"{one.count:,}", "of": f"{one.of:,}", "low": _percent(one.low), "high": _percent(one.high)}
    return speaker.phrase(said, share=_percent(one.count / one.of), **counts)


def _experiments(one: CampaignResult, report: Report, speaker: Speaker) -> Iterator[str]:
    for tried in one.experiments:
        yield from (verdict(one.name, tried, compared, speaker) for compared in tried.comparisons)


def _name(name: str, speaker: Speaker) -> str:
    return speaker.name(name) if name in _OWN else name


def _percent(share: float) -> str:
    return f"{share:.1%}"
