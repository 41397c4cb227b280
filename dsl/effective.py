"""The effective rules of a policy: every statement that binds its campaigns, with what stands behind it, and one hash of all."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from dsl.diagnostics import Place
from dsl.model import Note, Placed, Policy
from dsl.terms import Cap

# What a statement is about, in the order in which an officer reads.
GROUPS = ("hours", "messages", "consent", "words", "links", "limits", "frequency", "replies", "records")


@dataclass(frozen=True)
class Stated:
    """One statement. `text`: as its policy writes it; `meaning`: its value as JSON, the same however it is written."""

    group: str
    text: str
    meaning: str
    note: Note
    place: Place


def effective(policy: Policy, on: date | None = None) -> list[Stated]:
    """The statements of a policy and of all that it extends; with `on` those in force on that day."""
    found: dict[tuple[str, str, Note], Stated] = {}
    for one in _statements(policy):
        found.setdefault((one.text, one.meaning, one.note), one)
    return [one for one in found.values() if on is None or one.note.in_force(on, on)]


def fingerprint(policy: Policy) -> str:
    """SHA-256 over what every statement means and rests on, now or on other days; not over how or where it is written."""
    lines = {f"{one.group} {meaning} {_json(one.note)}" for one in effective(policy) for meaning in _each(one)}
    lines |= {f"jurisdiction {policy.jurisdiction}", f"vendor {policy.vendor}", f"marks {_json(policy.marks)}"}
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


def _each(one: Stated) -> Iterator[str]:
    """What a statement means, each word and each day apart: however they are gathered into statements."""
    value = json.loads(one.meaning)
    if not isinstance(value, dict):
        yield one.meaning
        return
    for key in ("texts", "earlier", "phrases"):
        if key in value:
            value[key] = sorted(value[key])
    if value.get("what") == "characters":
        value["text"] = "".join(sorted(value["text"]))
    # A rolling cap's `days` is a number.
    several = next((key for key in ("words", "days") if isinstance(value.get(key), list)), None)
    parts = [value | {several: [item]} for item in value[several]] if several else [value]
    yield from (json.dumps(part, ensure_ascii=False, sort_keys=True) for part in parts)


def _statements(policy: Policy) -> Iterator[Stated]:
    for quiet in policy.quiet:
        yield _stated("hours", quiet, "" if quiet.place.source.text[quiet.place.span.start].isalpha() else "quiet ")
    for one in policy.required:
        asks = one.value.what
        group = "consent" if asks.startswith("consent") else "records" if asks == "record" else "messages"
        yield _stated("links" if asks == "links" else group, one, "require ", _clauses(one))
    for consent in policy.consents:
        yield _stated("consent", consent, "require ")
    every: list[Placed[Any]] = [*policy.required, *policy.consents]
    for asked in every:
        if asked.value.exempt:
            kinds = ", ".join(asked.value.exempt)
            yield Stated("consent", f"exempt {kinds} from consent", _json(asked.value.exempt), Note(), asked.place)
    for ban in policy.bans:
        yield _stated("words", ban)
    for refusal in policy.refusals:
        yield _stated("messages" if refusal.value.what != "products" else "limits", refusal)
    for link in policy.links:
        yield _stated("links", link)
    for limit in policy.limits:
        yield _stated("limits", limit, "limit ", " segments")
    for longest in policy.longest:
        yield _stated("limits", longest, "limit ", " characters")
    for cap in policy.caps:
        yield _stated("frequency", cap)
        yield from _beside(cap)
    for block in policy.blocks:
        yield _stated("frequency", block)
    for word in policy.words:
        yield _stated("replies", word, "opt_out words ")
    for record in policy.records:
        yield _stated("records", record)
    if policy.marks_stated:
        marks = " ".join(f'"{mark}"' for mark in policy.marks)
        yield Stated("messages", f"marks {marks}", _json(policy.marks), Note(), policy.place)


def _beside(cap: Placed[Cap]) -> Iterator[Stated]:
    """What the policy that states a cap says of it besides: kinds that it leaves alone, and what holidays add."""
    if cap.value.exempt:
        kinds = ", ".join(cap.value.exempt)
        yield Stated("frequency", f"exempt {kinds} from cap", _json(cap.value.exempt), Note(), cap.place)
    for extra in cap.value.extras:
        kinds = ", ".join(extra.kinds)
        written = f"extra {extra.count} of {kinds} per {extra.period} within {extra.days} days before holiday"
        yield Stated("frequency", written, _json(extra), Note(), cap.place)


def _stated(group: str, one: Placed[Any], before: str = "", behind: str = "") -> Stated:
    span = one.place.span
    written = re.sub(r"\s+", " ", one.place.source.text[span.start : span.end]).strip()
    return Stated(group, f"{before}{written}{behind}", _json(one.value), one.note, one.place)


def _clauses(one: Placed[Any]) -> str:
    """What a requirement is narrowed to: it stands behind the list that it may be a part of."""
    asked = one.value
    spoken = [*asked.mentions, *(f'"{phrase}"' for phrase in asked.phrases)]
    on = f" on {asked.channels[0]}" if len(asked.channels) == 1 else ""
    return on + (f" when copy mentions {' or '.join(spoken)}" if spoken else "")


def _json(value: Any) -> str:
    return json.dumps(_plain(value), ensure_ascii=False, sort_keys=True)


def _plain(value: Any) -> Any:
    """Values as JSON; a field that says nothing is left out, so that a later one with a default changes no hash."""
    if is_dataclass(value) and not isinstance(value, type):
        inner = {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
        return {"is": type(value).__name__} | {
            name: part for name, part in inner.items() if part not in (None, "", [], False)
        }
    if isinstance(value, (tuple, list)):
        return [_plain(part) for part in value]
    if isinstance(value, (date, Decimal)):
        return str(value)
    return value
