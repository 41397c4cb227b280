"""Records of who has read which rules: a file beside the policy, one entry a signature. A record, not proof of identity."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from dsl.diagnostics import Diagnostic, Place
from dsl.effective import effective, fingerprint
from dsl.model import Policy
from dsl.packs import SHOWN
from dsl.rules.signatures import changed_since_signed, unreadable_record
from dsl.source import Source, Span

ENDING = ".signed.toml"
_HEAD = "# Written by `camp policy sign`: who has read which rules, and when. A record, not proof of identity.\n"


@dataclass(frozen=True)
class Signature:
    """`rules`: the fingerprint of the effective rules. `count`: how many statements they were."""

    policy: str
    by: str
    on: date
    rules: str
    count: int


def beside(policy: Policy, root: Path) -> Path:
    """Where a policy's signatures are kept; those of a pack beside the project's settings."""
    path = policy.place.source.path
    if path.startswith(SHOWN):
        return root / f"packs{ENDING}"
    return Path(path).with_suffix(ENDING)


def sign(policy: Policy, by: str, on: date) -> Signature:
    return Signature(policy.name, by, on, fingerprint(policy), len(effective(policy)))


def written(before: str, one: Signature) -> str:
    """The file's text with one more signature at its end."""
    entry = (
        f"\n[[{_key(one.policy)}]]\nby    = {_text(one.by)}\non    = {one.on}\n"
        f'rules = "sha256:{one.rules}"\ncount = {one.count}\n'
    )
    return (before or _HEAD) + entry


def read(text: str) -> list[Signature]:
    """The signatures of a file, in its order. ValueError where it holds anything else."""
    found = []
    for policy, entries in tomllib.loads(text).items():
        if not isinstance(entries, list):
            raise ValueError(f"{policy} is no list of signatures")
        found += [_signature(policy, entry) for entry in entries]
    return found


def _signature(policy: str, entry: object) -> Signature:
    if not isinstance(entry, Mapping):
        raise ValueError(f"{policy} is no list of signatures")
    by, on, rules, count = (entry.get(key) for key in ("by", "on", "rules", "count"))
    if not (isinstance(by, str) and isinstance(on, date) and isinstance(rules, str) and isinstance(count, int)):
        raise ValueError(f"a signature of {policy} lacks who, when, or what was signed")
    return Signature(policy, by, on, rules.removeprefix("sha256:"), count)


def check(files: Mapping[Path, str], policies: Mapping[str, Policy]) -> list[Diagnostic]:
    """Policies that are not what was signed last, and records that cannot be read."""
    found: list[Diagnostic] = []
    last: dict[str, tuple[date, bool, Signature]] = {}
    for path, text in sorted(files.items()):
        try:
            signatures = read(text)
        except ValueError as error:
            place = Place(Source(str(path), text), Span(0, min(1, len(text))))
            found.append(unreadable_record(place, str(error)))
            continue
        for one in signatures:
            # A policy may have moved to another file: the latest day counts, and on one day the record beside it.
            mine = one.policy in policies and beside(policies[one.policy], path.parent).name == path.name
            if one.policy not in last or (one.on, mine) >= last[one.policy][:2]:
                last[one.policy] = one.on, mine, one
    for name, (_, _, signed) in last.items():
        policy = policies.get(name)
        if policy and signed.rules != fingerprint(policy):
            found.append(changed_since_signed(policy.place, name, signed.by, str(signed.on)))
    return found


def signed(files: Mapping[Path, str]) -> set[str]:
    """The policies that any readable record names."""
    names: set[str] = set()
    for text in files.values():
        with suppress(ValueError):
            names |= {one.policy for one in read(text)}
    return names


def records(folders: Iterable[Path]) -> dict[Path, str]:
    """The texts of the records in some folders."""
    paths = {path for folder in folders for path in folder.glob(f"*{ENDING}") if path.is_file()}
    return {path: path.read_text(encoding="utf-8", errors="replace") for path in sorted(paths)}


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _text(name)


def _text(text: str) -> str:
    return '"' + "".join(f"\\u{ord(char):04x}" if ord(char) < 32 or char in '"\\\x7f' else char for char in text) + '"'
