"""Records of who has read which rules: a file beside the policy, one entry a signature. A record, not proof of identity."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
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
        f"\n[[{one.policy}]]\nby    = {_text(one.by)}\non    = {one.on}\n"
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


def _signature(policy: str, entry: Mapping[str, object]) -> Signature:
    by, on, rules, count = (entry.get(key) for key in ("by", "on", "rules", "count"))
    if not (isinstance(by, str) and isinstance(on, date) and isinstance(rules, str) and isinstance(count, int)):
        raise ValueError(f"a signature of {policy} lacks who, when, or what was signed")
    return Signature(policy, by, on, rules.removeprefix("sha256:"), count)


def check(files: Mapping[Path, str], policies: Mapping[str, Policy]) -> list[Diagnostic]:
    """Policies that are not what was signed last, and records that cannot be read."""
    found: list[Diagnostic] = []
    last: dict[str, Signature] = {}
    for path, text in sorted(files.items()):
        try:
            last |= {one.policy: one for one in read(text)}
        except ValueError as error:
            found.append(unreadable_record(Place(Source(str(path), text), Span(0, min(1, len(text)))), str(error)))
    for name, signed in last.items():
        policy = policies.get(name)
        if policy and signed.rules != fingerprint(policy):
            found.append(changed_since_signed(policy.place, name, signed.by, str(signed.on)))
    return found


def records(sources: Iterable[Path], root: Path) -> dict[Path, str]:
    """The texts of the records beside some files, and of the packs' beside the settings."""
    beside = {path.with_suffix(ENDING) for path in sources} | {root / f"packs{ENDING}"}
    return {path: path.read_text(encoding="utf-8", errors="replace") for path in sorted(beside) if path.is_file()}


def _text(text: str) -> str:
    return '"' + "".join(f"\\u{ord(char):04x}" if ord(char) < 32 or char in '"\\\x7f' else char for char in text) + '"'
