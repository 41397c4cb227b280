"""The effective rules of a policy as Markdown, for whoever has to sign them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from dsl.effective import GROUPS, Stated, effective, fingerprint
from dsl.model import Note, Policy
from runtime.policies.worst import Worst

Say = Callable[[str], str]


def shown(policy: Policy, on: date, say: Say, worst: list[Worst]) -> Iterator[str]:
    """Line by line: a heading, then each group of statements with source, confidence, weight and dates."""
    yield f"# {policy.name}: {policy.title}"
    yield ""
    yield f"{say('in force on').capitalize()} {on}. {say('rules').capitalize()} `sha256:{fingerprint(policy)[:16]}…`"
    labels = [(say("jurisdiction").capitalize(), policy.jurisdiction), (say("vendor").capitalize(), policy.vendor)]
    labels += [(say("extends").capitalize(), ", ".join(one.value for one in policy.extends))]
    yield from (f"{label}: {text}" for label, text in labels if text)
    found = effective(policy, on)
    for group in GROUPS:
        mine = [one for one in found if one.group == group]
        if mine:
            yield from ("", f"## {say(group).capitalize()}", "")
            heads = [say(head) for head in ("rule", "source", "confidence", "weight", "dates", "where")]
            yield f"| {' | '.join(heads)} |"
            yield "|" + "---|" * len(heads)
            yield from (_row(one, say) for one in mine)
    later = [one for one in effective(policy) if one.note.since and one.note.since > on]
    if later:
        yield from ("", f"## {say('not yet in force').capitalize()}", "")
        yield from (f"- {one.note.since}: `{one.text}`" for one in later)
    if worst:
        yield from ("", f"## {say('most messages to one customer in a month').capitalize()}", "")
        yield f"| {say('campaign')} | {say('without caps')} | {say('with caps')} |"
        yield "|---|---|---|"
        yield from (f"| {one.campaign} | {one.free or '∞'} | {one.capped or '∞'} |" for one in worst)


def _row(one: Stated, say: Say) -> str:
    note = one.note
    cells = [f"`{one.text}`", note.source, say(note.confidence) if note.confidence else "", say(note.severity)]
    cells += [_dates(note), str(one.place).rsplit(":", 1)[0]]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _dates(note: Note) -> str:
    return f"{note.since or ''}..{note.until or ''}" if note.since or note.until else ""
