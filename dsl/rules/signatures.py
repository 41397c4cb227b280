"""Mistakes about signatures of policies."""

from __future__ import annotations

from dsl.diagnostics import Place
from dsl.rules.registry import Worded, finding


@finding("CAMP611", "policy-changed-since-signed")
def changed_since_signed(place: Place, policy: str, by: str, on: str) -> Worded:
    """
    What: A policy, with all that it extends, says other things than what was signed last: its campaigns rest on unsigned rules.
    Why: Who has signed a policy answers for the rules that stood there then, and for no others.
    """
    said = f"`{policy}` has changed since {by} signed it on {on}"
    help = f'Let it be read again: `camp policy show {policy}`, then `camp policy sign {policy} --by "…"`.'
    return Worded(place, said, help)


@finding("CAMP612", "record-not-readable")
def unreadable_record(place: Place, why: str) -> Worded:
    """
    What: A file of signatures beside a policy cannot be read.
    Why: Nobody could say any more who has signed what.
    """
    return Worded(
        place, f"These signatures cannot be read: {why}", "Restore the file from version control, or sign again."
    )
