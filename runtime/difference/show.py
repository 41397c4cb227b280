"""A comparison for people, for programs and for a pull request."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import asdict
from decimal import Decimal
from html import escape
from typing import Any

from dsl.render.filters import plain
from dsl.source import display_width
from runtime.difference.model import Change, Difference, Sample
from runtime.difference.plans import Plan

Words = Callable[[str], str]  # a sentence, or a head, in the language that is spoken
_HEADS = ("campaign", "people", "messages", "gained", "lost", "moved", "rewritten", "cost")


def as_json(found: Difference) -> dict[str, Any]:
    """The same keys whatever changed. Money is text, as in summary.json."""
    sides = {"before": _side(found.before), "after": _side(found.after)}
    return {**sides, "total": _numbers(found.total), "campaigns": [_campaign(change) for change in found.changes]}


def _side(plan: Plan) -> dict[str, str]:
    return {name: getattr(plan, name) for name in ("program", "at", "until", "currency")}


def _numbers(change: Change) -> dict[str, Any]:
    sends = asdict(change.sends) | {"moved": change.moved, "rewritten": change.rewritten}
    cost = {"before": plain(change.cost[0]), "after": plain(change.cost[1])}
    return {"people": asdict(change.people), "sends": sends, "cost": cost}


def _campaign(change: Change) -> dict[str, Any]:
    lost = [{"outcome": outcome, "reason": reason, "count": count} for outcome, reason, count in change.lost_to]
    samples = [
        asdict(one) | {"instead": one.instead and {"outcome": one.instead[0], "reason": one.instead[1]}}
        for one in change.samples
    ]
    known = {"campaign": change.campaign, "status": change.status, "formerly": change.formerly}
    return known | _numbers(change) | {"lost_to": lost, "samples": samples}


def lines(found: Difference, told: Words, word: Words) -> Iterator[str]:
    """Plain text: what it comes to, a table, and of each campaign that changes what became of whom."""
    yield headline(found, told)
    if found.empty:
        return
    rows = [[word(name) for name in _HEADS], *_rows(found, word)]
    rows[0][-1] += f" {found.currency}"
    widths = [max(display_width(row[at]) for row in rows) for at in range(len(_HEADS))]
    yield ""
    for at, row in enumerate(rows):
        blanks = [" " * (width - display_width(cell)) for cell, width in zip(row, widths, strict=True)]
        yield "  ".join([row[0] + blanks[0], *(blank + cell for blank, cell in zip(blanks[1:], row[1:], strict=True))])
        if at in (0, len(rows) - 2):
            yield "─" * (sum(widths) + 2 * (len(widths) - 1))
    for change in found.changes:
        detail = list(_details(change, told, word))
        if detail:
            yield from ("", *detail)
    yield from _unchanged(found, told)


def markdown(found: Difference, told: Words, word: Words) -> Iterator[str]:
    """A comment of a pull request, in GitHub's Markdown."""
    yield f"**{headline(found, told)}**"
    if found.empty:
        return
    heads = [word(name) for name in _HEADS]
    heads[-1] += f" {found.currency}"
    yield ""
    yield f"| {' | '.join(heads)} |"
    yield "|---|" + "--:|" * (len(_HEADS) - 1)
    for row in _rows(found, word):
        yield f"| {' | '.join(_inert(cell) for cell in row)} |"
    for change in found.changes:
        first, *more = [*_details(change, told, word), ""]
        if first:
            yield from ("", f"<details><summary>{escape(first)}</summary>", "")
            yield from _fenced([line for line in more if line])
            yield "</details>"
    yield from _unchanged(found, told)


def headline(found: Difference, told: Words) -> str:
    """People, messages and money, before and after."""
    total, money = found.total, [f"{cost:,.2f}" for cost in found.total.cost]
    people, sends = total.people, total.sends
    if found.empty:
        return told(
            f"Nothing changes: {sends.after:,} messages to {people.after:,} people, cost {money[1]} {found.currency}"
        )
    return told(
        f"People: {people.before:,} → {people.after:,} (+{people.gained:,} -{people.lost:,});"
        f" messages: {sends.before:,} → {sends.after:,} (+{sends.gained:,} -{sends.lost:,});"
        f" cost: {money[0]} → {money[1]} {found.currency}"
    )


def _rows(found: Difference, word: Words) -> Iterator[list[str]]:
    """A row of each campaign that changes, and one of all."""
    for change in (*(one for one in found.changes if not one.empty), found.total):
        name = word("total") if change is found.total else change.campaign
        if change.status == "renamed":
            name += f" ({word('formerly')} {change.formerly})"
        elif change.status != "kept":
            name += f" ({word(change.status)})"
        numbers = (change.sends.gained, change.sends.lost, change.moved, change.rewritten)
        sides = [_pair(f"{one.before:,}", f"{one.after:,}") for one in (change.people, change.sends)]
        yield [name, *sides, *(f"{number:,}" for number in numbers), _pair(*map(_money, change.cost))]


def _pair(before: str, after: str) -> str:
    return after if before == after else f"{before} → {after}"


def _money(cost: Decimal) -> str:
    return f"{cost:,.2f}"


def _details(change: Change, told: Words, word: Words) -> Iterator[str]:
    """What the lost ones came to, and samples; the first line says what follows."""
    lost = [f"{_outcome(outcome, reason, word)} × {count:,}" for outcome, reason, count in change.lost_to]
    if lost:
        yield told(f"{change.campaign}: lost to {', '.join(lost)}")
    elif change.samples:
        yield told(f"{change.campaign}: samples")
    for sample in change.samples:
        yield from _sample(sample, word)


def _outcome(outcome: str | None, reason: str | None, word: Words) -> str:
    if outcome is None:
        return word("no candidate")
    return f"{outcome}({reason})" if reason else outcome


def _sample(one: Sample, word: Words) -> Iterator[str]:
    before, after = one.before.at if one.before else None, one.after.at if one.after else None
    when = " → ".join(dict.fromkeys(at for at in (before, after) if at))
    if one.what == "lost":
        outcome, reason = one.instead or (None, None)
        when += " → " + _outcome(outcome, reason, word)
    yield f"  {word(one.what)}  {one.recipient}  {when}"
    told = [("-", one.before), ("+", one.after)] if one.what != "moved" else []
    for mark, sent in told:
        if sent is not None:
            yield from (f"{mark}   {line}" for line in sent.text.splitlines() or [""])


def _unchanged(found: Difference, told: Words) -> Iterator[str]:
    count = sum(change.empty for change in found.changes)
    if count:
        yield from ("", told(f"{count} campaigns unchanged" if count > 1 else "1 campaign unchanged"))


def _inert(cell: str) -> str:
    """Nothing of a cell is Markdown."""
    return re.sub(r"([\\`*_{}\[\]<>#|~])", r"\\\1", cell.replace("\n", " "))


def _fenced(rows: list[str]) -> Iterator[str]:
    """In a fence that is longer than any run of backticks in it: what customers are called stays text."""
    if rows:
        longest = max((len(run) for row in rows for run in re.findall("`+", row)), default=0)
        fence = "`" * max(3, longest + 1)
        yield from (f"{fence}diff", *rows, fence, "")
